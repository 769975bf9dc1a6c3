import { kindOf, type HolderPlace, type LedgerEntry } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import { shellWord } from "../contract/text";

type Entries = ReadonlyMap<string, LedgerEntry>;

/** One command that destroys a holder for good. */
export interface RetireCommand {
  /** The host or the database server. */
  readonly place: Pick<HolderPlace, "host" | "server">;
  /**
   * The database that a statement is for.
   *
   * @default - any of the server
   */
  readonly database?: string;
  /** A command of the host's shell, or a statement for the server. */
  readonly command: string;
}

/**
 * What destroys holders that left the ledger, in an order in which nothing depends on what goes: PostgreSQL drops no
 * role that owns anything or was granted anything, in whatever database.
 *
 * @param ledger - all entries, those that leave included
 * @param admin - the administrator of a database server, who inherits what a role owned
 */
export function retireCommands(
  retired: readonly string[],
  ledger: Entries,
  admin: (server: string) => string,
): RetireCommand[] {
  const all = retired.flatMap((key) => {
    const entry = ledger.get(key);
    if (!entry) return [];
    const databaseKey = key.replace(/\.[^/]*$/, "");
    return [entry, ...(entry.previous ?? [])].flatMap((place): RetireCommand[] => {
      const { host, server, name } = place;
      const kind = kindOf(place) ?? entry.kind; // what it left may be of another kind
      if (kind === "volume") return [{ place: { host }, command: `docker volume rm ${shellWord(name)}` }];
      if (kind === "folder") return [{ place: { host }, command: `rm -r -- ${shellWord(name)}` }];
      if (kind === "database") return [{ place: { server }, command: `DROP DATABASE ${identifier(name)};` }];
      // What goes with its database needs nothing more.
      const database = retired.includes(databaseKey) ? undefined : databaseAt(ledger.get(databaseKey), place);
      if (kind === "extension") {
        const [, extension = name] = name.split(".");
        return database === undefined
          ? []
          : [{ place: { server }, database, command: `DROP EXTENSION ${identifier(extension)};` }];
      }
      const role = identifier(name);
      const owned = `REASSIGN OWNED BY ${role} TO ${identifier(admin(server ?? ""))}; DROP OWNED BY ${role};`;
      return [
        ...(database === undefined ? [] : [{ place: { server }, database, command: owned }]),
        { place: { server }, command: `DROP ROLE ${role};` },
      ];
    });
  });
  // What two stacks have is there once.
  const unique = new Map(all.map((command) => [JSON.stringify(command), command]));
  return [...unique.values()];
}

/** The name of a database on the server that something of it is on. */
function databaseAt(database: LedgerEntry | undefined, { server }: HolderPlace): string | undefined {
  return database && [database, ...(database.previous ?? [])].find((place) => place.server === server)?.name;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The administrators of the lab's database servers, by the names of the servers. */
export function adminIn({ databaseServers }: Manifest): (server: string) => string {
  return (server) => databaseServers.find(({ name }) => name === server)?.adminRole ?? "postgres";
}

/** A command and where it is for, in words. */
export function told({ place: { host, server }, database, command }: RetireCommand): string {
  if (host !== undefined) return `on host ${host}: ${command}`;
  return `on database server ${server}${database === undefined ? "" : `, in its database ${database}`}: ${command}`;
}
