import type { LedgerEntry } from "../../constructs";
import { holdsData, isRun, mountOf, partsOf, serverName, variableOf, type Code, type PlacedPart } from "./code";
import type { Rendered } from "./synthesis";
import type { Thing } from "./terraform-model";

/** The environment that some histories are in. */
export const STAGING = "staging";

/** What the container of a part uses: a volume or a folder that it mounts, a database that it is told of. */
export interface Used {
  readonly datum: string;
  readonly place: string;
  readonly type: string;
  readonly name: string;
  /** Of a companion's PostgreSQL: the database that its data was made with. */
  readonly database?: string;
}

/** What every container of deployed documents uses for what the person declares. */
export function usedBy(code: Code, { stacks, places }: Pick<Rendered, "stacks" | "places">, prefix: string): Used[] {
  return [...usedByServer(code, stacks, prefix), ...usedByServices(code, { stacks, places }, prefix)];
}

/** What the database server that the lab runs keeps its databases in. */
function usedByServer({ own }: Code, stacks: Rendered["stacks"], prefix: string): Used[] {
  if (!isRun(own)) return [];
  const name = `postgres-${serverName("own", prefix)}`;
  const mount = containersOf(stacks, name)
    .flatMap(({ mounts }) => mounts)
    .find(({ target }: any) => target === "/var/lib/postgresql/data");
  return [{ datum: "all of the own server", place: own.at, ...mounted(mount) }];
}

function usedByServices(code: Code, { stacks, places }: Pick<Rendered, "stacks" | "places">, prefix: string): Used[] {
  return code.services
    .flatMap(partsOf)
    .filter(({ part }) => holdsData(part))
    .map((placed): Used => {
      const { service, part, companion } = placed;
      // Another host may have one of the same name: a companion `media` of `git` is called like a service `git-media`.
      const own = Object.fromEntries(Object.entries(stacks).filter(([stack]) => places[stack]?.host === service.host));
      const [container] = containersOf(own, [`${prefix}${service.name}`, ...placed.path].join("-"));
      const datum = part.datum ?? "";
      if (part.kind === "database") {
        const url = container?.env.find((line: string) => line.startsWith(`${variableOf(part)}=`));
        const [, address = "", name = ""] = /@(.*)\/(.*)$/.exec(url ?? "") ?? [];
        const server = places[stackAt(stacks, address)]?.server ?? "";
        return { datum, place: server, type: "postgresql_database", name };
      }
      const mount = container?.mounts.find(({ target }: any) => target === mountOf(placed));
      const database = companion?.kind === "postgres" ? container?.env.find(isDatabaseName) : undefined;
      return {
        datum,
        place: service.host,
        ...mounted(mount),
        ...(database !== undefined && { database }),
      };
    });
}

function mounted(mount: any): Pick<Used, "type" | "name"> {
  return { type: mount?.type === "volume" ? "docker_volume" : "null_resource", name: mount?.source ?? "" };
}

/** The containers that a service or a server runs, of which there is one, whatever the environment adds to its name. */
function containersOf(stacks: Rendered["stacks"], name: string): any[] {
  return Object.values(stacks)
    .flatMap(({ resource }) => Object.values(resource.docker_container ?? {}))
    .filter((one) => one.name === name || one.name === `${name}-${STAGING}`);
}

/** The stack of the database server with an address, that of its provider or the name of its container. */
function stackAt(stacks: Rendered["stacks"], address: string): string {
  const isThere = ({ host, port }: any): boolean => `${host}:${port}` === address;
  const isContainer = ({ name }: any): boolean => address.startsWith(`${name}:`);
  const [name = ""] =
    Object.entries(stacks).find(
      ([, { provider, resource }]) =>
        provider.postgresql !== undefined &&
        (Object.values(resource.docker_container ?? {}).some(isContainer) || provider.postgresql.some(isThere)),
    ) ?? [];
  return name;
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
          `${placed.part.datum ?? ""}${/_readonly_pass(_\d+)?$/.test(name) ? " of readers" : ""}`,
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
  thing: Pick<Thing, "place" | "type" | "name">,
): boolean {
  return keyKnowing(entries, thing) !== undefined;
}

/** The key under which a ledger knows a thing. */
export function keyKnowing(
  entries: ReadonlyMap<string, LedgerEntry>,
  { place: where, type, name }: Pick<Thing, "place" | "type" | "name">,
): string | undefined {
  return [...entries].find(([, entry]) =>
    [entry, ...(entry.previous ?? [])].some(
      (place) => place.name === name && place.address.startsWith(`${type}.`) && (place.host ?? place.server) === where,
    ),
  )?.[0];
}
