import type { LedgerEntry } from "../../constructs";
import { holdsData, mountOf, partsOf, variableOf, type Code, type PlacedPart } from "./code";
import type { Rendered } from "./synthesis";
import type { Thing } from "./terraform-model";

/** What the container of a part uses: a volume or a folder that it mounts, a database that it is told of. */
export interface Used {
  readonly datum: string;
  readonly stack: string;
  readonly type: string;
  readonly name: string;
  /** Of a companion's PostgreSQL: the database that its data was made with. */
  readonly database?: string;
}

/** What every container of deployed documents uses for what the person declares. */
export function usedBy(code: Code, { stacks }: Pick<Rendered, "stacks">, prefix: string): Used[] {
  return code.services
    .flatMap(partsOf)
    .filter(({ part }) => holdsData(part))
    .map((placed): Used => {
      const { service, part, companion } = placed;
      const containerName = [`${prefix}${service.name}`, ...placed.path].join("-");
      const containers = Object.values<any>(stacks[service.host]?.resource.docker_container ?? {});
      const container = containers.find(({ name }) => name === containerName);
      const datum = part.datum ?? "";
      if (part.kind === "database") {
        const url = container?.env.find((line: string) => line.startsWith(`${variableOf(part)}=`));
        const [, address = "", name = ""] = /@(.*)\/(.*)$/.exec(url ?? "") ?? [];
        return { datum, stack: stackAt(stacks, address), type: "postgresql_database", name };
      }
      const mount = container?.mounts.find(({ target }: any) => target === mountOf(placed));
      const database = companion?.kind === "postgres" ? container?.env.find(isDatabaseName) : undefined;
      return {
        datum,
        stack: service.host,
        type: mount?.type === "volume" ? "docker_volume" : "null_resource",
        name: mount?.source ?? "",
        ...(database !== undefined && { database }),
      };
    });
}

/** The stack of the database server with an address. */
function stackAt(stacks: Rendered["stacks"], address: string): string {
  const isThere = ({ host, port }: any): boolean => `${host}:${port}` === address;
  return Object.entries(stacks).find(([, { provider }]) => provider.postgresql?.some(isThere))?.[0] ?? "";
}

function isDatabaseName(line: string): boolean {
  return line.startsWith("POSTGRES_DB=");
}

/** The names under which the store has the secrets of each datum. */
export function secretsOf(code: Code, { secrets }: Pick<Rendered, "secrets">, prefix: string): [string, string][] {
  return code.services.flatMap((service) => {
    const facts = secrets[`${prefix}${service.name}`] ?? [];
    return partsOf(service).flatMap((placed) =>
      facts
        .filter(({ part }) => part === partName(placed))
        .map(({ name }): [string, string] => [
          `${placed.part.datum ?? ""}${name.endsWith("_readonly_pass") ? " of readers" : ""}`,
          name,
        ]),
    );
  });
}

/** How the manifest calls the part that a secret is of: a companion's PostgreSQL has it as a whole. */
function partName({ companion, path, key }: PlacedPart): string {
  return companion?.kind === "postgres" ? [...path, "password"].join(".") : [...path, key].join(".");
}

/** Whether a ledger knows a thing, by whatever it ever was. */
export function knows(
  entries: ReadonlyMap<string, LedgerEntry>,
  thing: Pick<Thing, "stack" | "type" | "name">,
): boolean {
  return keyKnowing(entries, thing) !== undefined;
}

/** The key under which a ledger knows a thing. */
export function keyKnowing(
  entries: ReadonlyMap<string, LedgerEntry>,
  { stack, type, name }: Pick<Thing, "stack" | "type" | "name">,
): string | undefined {
  return [...entries].find(([, entry]) =>
    [entry, ...(entry.previous ?? [])].some(
      (place) =>
        place.name === name &&
        place.address.startsWith(`${type}.`) &&
        (place.host ?? `postgres-${place.server}`) === stack,
    ),
  )?.[0];
}
