/** What can hold data, or is what data in a database depends on: a role that owns or may use it, an extension. */
export type HolderKind = "volume" | "folder" | "database" | "role" | "extension";

/** Whether a holder has data of its own, which can be backed up and lost. */
export function hasData({ kind }: { readonly kind: HolderKind }): boolean {
  return kind !== "role" && kind !== "extension";
}

/** The type of the resource that keeps each kind. */
const TYPES: Readonly<Record<string, HolderKind>> = {
  docker_volume: "volume",
  null_resource: "folder",
  postgresql_database: "database",
  postgresql_role: "role",
  postgresql_extension: "extension",
};

/** What an address is of: a place that a holder left may be of another kind than the holder is now. */
export function kindOf({ address }: Pick<HolderPlace, "address">): HolderKind | undefined {
  return TYPES[typeOf(address)];
}

/** The type of an address, `docker_volume`. */
export function typeOf(address: string): string {
  return address.replace(/\..*$/, "");
}

/** Where a holder is: on a host, or in a database server. */
export interface HolderPlace {
  /**
   * The host that holds a volume or a folder.
   *
   * @default - none, it is in a database server
   */
  readonly host?: string;
  /**
   * The database server that holds a database, a role or an extension.
   *
   * @default - none, it is on a host
   */
  readonly server?: string;
  /**
   * The stack whose state has it.
   *
   * @default - that of its host or database server
   */
  readonly stack?: string;
  /** The Terraform address, `type.name`, frozen when the holder was first seen. */
  readonly address: string;
  /**
   * Addresses that it had before, in the order in which it had them: a state may still know it by one.
   *
   * @default - none
   */
  readonly formerAddresses?: readonly string[];
  /** The name on the host or server, frozen when the holder was first seen; an extension's is `database.extension`. */
  readonly name: string;
}

/** One line of the ledger: what a part's data is called, where it is, and all that it ever was. */
export interface LedgerEntry extends HolderPlace {
  /** What holds the data. */
  readonly kind: HolderKind;
  /**
   * The keys that it had before renames, in the order in which it had them.
   *
   * @default - it was never renamed
   */
  readonly formerKeys?: readonly string[];
  /**
   * The last of these that the code named as a whole, `service/part`: it came from another container or service.
   *
   * @default - it was always where it is
   */
  readonly movedFrom?: string;
  /**
   * Places that still hold an older copy, after a relocation. Terraform forgets them without destroying them.
   *
   * @default - none
   */
  readonly previous?: readonly HolderPlace[];
  /**
   * How its data came where it is, as somebody said when it moved last. Another move has to be said in other words.
   *
   * @default - it never moved, or before that was written down
   */
  readonly relocation?: string;
  /**
   * The database that a program keeps in it, whose name was frozen with the data.
   *
   * @default - the data has no name of its own
   */
  readonly database?: string;
  /**
   * Whether it may be destroyed. The line stays until it is gone, so that nothing else gets its key, address or name.
   *
   * @default - it is kept, whatever the code declares
   */
  readonly retired?: true;
}

/** One line of the ledger for a secret: its name is no longer that of its service and part, or it was retired. */
export interface LedgerSecret {
  readonly kind: "secret";
  /** The name under which the store has it, `webservices.git.key`. */
  readonly name: string;
  /**
   * The keys that it had before renames, in the order in which it had them.
   *
   * @default - it was never renamed
   */
  readonly formerKeys?: readonly string[];
  /**
   * The last of these that the code named as a whole, `service/part`: it came from another container or service.
   *
   * @default - it was always where it is
   */
  readonly movedFrom?: string;
  /**
   * Whether its value may go. The line stays while a store may have the value, so that nothing else gets it by the name.
   *
   * @default - it is kept, whatever the code declares
   */
  readonly retired?: true;
}

/** All lines of a ledger by their keys: `service/part` for what holds data, `service/secret:word` for a secret. */
export interface LedgerLines {
  readonly holders: ReadonlyMap<string, LedgerEntry>;
  readonly secrets: ReadonlyMap<string, LedgerSecret>;
}

/** The fields of a place, of a holder and of a secret, in the order in which they are written. */
export const PLACE_FIELDS: readonly string[] = ["host", "server", "stack", "address", "formerAddresses", "name"];
export const HOLDER_FIELDS: readonly string[] = [
  "kind",
  ...PLACE_FIELDS,
  "formerKeys",
  "movedFrom",
  "previous",
  "relocation",
  "database",
  "retired",
];
export const SECRET_FIELDS: readonly string[] = ["kind", "name", "formerKeys", "movedFrom", "retired"];

/** All addresses by which a state may know a holder in one place, the present one last. */
export function addressesOf({ address, formerAddresses = [] }: HolderPlace): string[] {
  return [...new Set([...formerAddresses.filter((former) => former !== address), address])];
}
