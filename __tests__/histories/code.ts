import {
  Backup,
  Companion,
  HomelabService,
  HostPath,
  PostgresDatabase,
  Probe,
  SecretFile,
  StorageLayout,
  Tmpfs,
  Volume,
  type Host,
  type IServicePart,
  type Parts,
  type PostgresDatabaseHandle,
} from "../../constructs";
import type { Homelab } from "../../stacks";
import { renamed } from "../support/renamed";

/** The hosts and database servers that services of a history move between. */
export const HOSTS = ["app-01", "app-02"] as const;
export const SERVERS = ["main", "other", "own"] as const;
export type HostName = (typeof HOSTS)[number];
export type ServerName = (typeof SERVERS)[number];
/** Where a host may keep volumes. */
export const LAYOUTS = {
  volumes: StorageLayout.dockerVolumes(),
  folders: StorageLayout.serviceFolders("/srv/data"),
} as const;

export type LayoutName = keyof typeof LAYOUTS;

/** What a part is; only the first two hold data. */
export type PartKind = "volume" | "database" | "secret" | "host path" | "tmpfs";

/** A part as somebody declares it. */
export interface Part {
  kind: PartKind;
  /**
   * What the person means by it, which stays whatever the part is called. One that is left out is what the ledger knows
   * by the part's key, or new.
   */
  datum?: string;
  /** The key under which a synthesis last saw it. */
  known?: string;
  formerly?: string;
  /** Whether it has a name of its own. */
  named?: boolean;
  /** Of a volume: whether it is mounted at another path. */
  elsewhere?: boolean;
  /** Of a database: a role for the application, one for readers, an extension. */
  separate?: boolean;
  readers?: boolean;
  extension?: boolean;
}

/** A container with parts. */
export interface Container {
  known?: string;
  formerly?: string;
  parts: Record<string, Part>;
}

/** A companion; a PostgreSQL and a Redis have one volume, `data`. */
export interface CompanionCode extends Container {
  kind: "container" | "postgres" | "redis";
}

/** A service; its identity is the person's, whatever it is called. */
export interface ServiceCode extends Container {
  id: string;
  name: string;
  /** How often it was renamed and nobody said so: each time it begins anew. */
  begun: number;
  host: HostName;
  server: ServerName;
  /** How its data follows when it moves. */
  acknowledged?: string;
  companions: Record<string, CompanionCode>;
}

/** The database server that the lab may run itself: on a host, elsewhere by somebody else, or not at all. */
export interface OwnServer {
  at: HostName | "elsewhere" | "nowhere";
  relocation?: string;
}

/** What a person has in `main.ts`. */
export interface Code {
  layouts: Record<HostName, LayoutName>;
  own: OwnServer;
  services: ServiceCode[];
}

/** Whether a host runs it. */
export function isRun({ at }: OwnServer): boolean {
  return HOSTS.some((name) => name === at);
}

/** What a server of a person's code is called in a lab that several histories share. */
export function serverName(name: ServerName, prefix: string): string {
  return name === "own" ? `${prefix}own` : name;
}

/** A part, and where in a service it is. */
export interface PlacedPart {
  readonly service: ServiceCode;
  readonly companion?: CompanionCode;
  readonly container: Container;
  /** The key of the companion, if it is in one. */
  readonly path: readonly string[];
  readonly key: string;
  readonly part: Part;
}

/** All parts of a service. */
export function partsOf(service: ServiceCode): PlacedPart[] {
  const own = (container: Container, path: readonly string[], companion?: CompanionCode): PlacedPart[] =>
    Object.entries(container.parts).map(([key, part]) => ({ service, companion, container, path, key, part }));
  return [
    ...own(service, []),
    ...Object.entries(service.companions).flatMap(([key, companion]) => own(companion, [key], companion)),
  ];
}

/** Whether a part keeps data. */
export function holdsData({ kind }: Part): boolean {
  return kind === "volume" || kind === "database";
}

/** The key of a part, as the ledger has it. */
export function keyOf({ service, path, key }: PlacedPart): string {
  return [service.name, ...path, key].join("/");
}

/** Where a container finds what a part mounts. */
export function mountOf({ companion, part, key }: Pick<PlacedPart, "companion" | "part" | "key">): string {
  if (companion?.kind === "postgres") return "/var/lib/postgresql/data";
  if (companion?.kind === "redis") return "/data";
  if (!holdsData(part)) return `/mnt/${key}`;
  return `${part.elsewhere ? "/elsewhere" : "/d"}/${word(part)}`;
}

/** The variable in which a container gets the address of a database. */
export function variableOf(part: Part): string {
  return `D_${word(part)}`;
}

function word({ datum = "" }: Part): string {
  return datum.replace(/[^a-zA-Z0-9]/g, "_");
}

/** Declares a person's code; the services of several histories in one lab have a prefix each. */
export function declare(lab: Homelab, code: Code, prefix: string): void {
  for (const service of code.services) {
    const { name, formerly, companions } = service;
    const host = lab.host(service.host);
    const declared = partsOf(service).map((placed) => [placed, bound(lab, host, placed, prefix)] as const);
    const inside = (container: Container): Parts =>
      Object.fromEntries(
        declared.filter(([placed]) => placed.container === container).map(([{ key }, part]) => [key, part]),
      );
    new HomelabService(host, `${prefix}${name}`, {
      ...basics(service),
      formerly: formerly === undefined ? undefined : `${prefix}${formerly}`,
      parts: {
        ...inside(service),
        ...Object.fromEntries(
          Object.entries(companions).map(([key, companion]) => [
            key,
            renamed(companion.formerly, companionPart(companion, inside(companion))),
          ]),
        ),
        none: Backup.none("a test"),
      },
      acknowledge: acknowledgements(service),
    });
  }
}

function basics({ parts }: Container) {
  return {
    image: "localhost/history:1",
    user: "1000:1000",
    health: Probe.none("a test"),
    // What a container is told of its databases is what it uses of them.
    environment: (handles: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(
        Object.entries(parts)
          .filter(([, { kind }]) => kind === "database")
          .map(([key, part]) => [variableOf(part), (handles[key] as PostgresDatabaseHandle).url]),
      ),
  };
}

function acknowledgements(service: ServiceCode): Record<string, string> {
  const { acknowledged } = service;
  if (acknowledged === undefined) return {};
  return Object.fromEntries(
    partsOf(service)
      .filter(({ part }) => holdsData(part))
      .map(({ path, key }) => [`relocation:${[...path, key].join(".")}`, acknowledged]),
  );
}

function bound(lab: Homelab, host: Host, placed: PlacedPart, prefix: string): IServicePart<unknown> {
  const { part, service } = placed;
  const formerly = part.formerly?.includes("/") ? `${prefix}${part.formerly}` : part.formerly;
  const path = mountOf(placed);
  switch (part.kind) {
    case "volume": {
      const folder = host.storage.volume("a", "b").kind === "folder" ? "/srv/named/" : "named-";
      const name = part.named ? { name: `${folder}${prefix}${word(part)}` } : {};
      return renamed(formerly, Volume.at(path, name));
    }
    case "database":
      return renamed(
        formerly,
        PostgresDatabase.on(lab.postgres(serverName(service.server, prefix)), {
          ...(part.named && { name: `own_${prefix}${word(part)}`.replaceAll("-", "_").toLowerCase() }),
          ...(part.separate && { application: "separate" as const }),
          ...(part.readers && { readOnlyRole: true }),
          ...(part.extension && { extensions: ["citext"] }),
        }),
      );
    case "secret":
      return SecretFile.generated({ length: 32 });
    case "host path":
      return HostPath.at(path, { from: "/srv/media" });
    case "tmpfs":
      return Tmpfs.at(path);
  }
}

function companionPart(companion: CompanionCode, parts: Parts): IServicePart<unknown> {
  const image = "localhost/history:1";
  if (companion.kind === "postgres") return Companion.postgres({ image });
  if (companion.kind === "redis")
    return Companion.redis({ image, persistence: companion.parts.data ? "volume" : "none" });
  return Companion.container({ ...basics(companion), port: 80, parts });
}
