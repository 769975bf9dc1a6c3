import * as fs from "node:fs";
import { quote } from "./text";
import { writeFileAtomically } from "./write-file";

/** What can hold data, or is what data in a database depends on: a role that owns or may use it, an extension. */
export type HolderKind = "volume" | "folder" | "database" | "role" | "extension";

/** Whether a holder has data of its own, which can be backed up and lost. */
export function hasData({ kind }: { readonly kind: HolderKind }): boolean {
  return kind !== "role" && kind !== "extension";
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
  /** The Terraform address, `type.name`. */
  readonly address: string;
  /** The name on the host or server, frozen when the holder was first seen; an extension's is `database.extension`. */
  readonly name: string;
}

/** One line of the ledger: what a part's data is called, and where it is. */
export interface LedgerEntry extends HolderPlace {
  /** What holds the data. */
  readonly kind: HolderKind;
  /**
   * Places that still hold an older copy, after a relocation. Terraform forgets them without destroying them.
   *
   * @default - none
   */
  readonly previous?: readonly HolderPlace[];
  /**
   * The database that a program keeps in it, whose name was frozen with the data.
   *
   * @default - the data has no name of its own
   */
  readonly database?: string;
}

/**
 * The lab's list of everything that holds data, `homelab.ledger.json`: kept in the repository, reviewed like code. It
 * outlives the code that declared a holder, so that removing or renaming code never removes data.
 */
export class Ledger {
  /** The ledger in a file; a file that does not exist is an empty ledger. */
  public static fromFile(path: string): Ledger {
    if (!fs.existsSync(path)) return new Ledger(new Map(), path);
    return new Ledger(parse(fs.readFileSync(path, "utf8"), path), path);
  }

  /** A ledger that is not written anywhere, for tests. */
  public static inMemory(entries: Readonly<Record<string, LedgerEntry>> = {}): Ledger {
    return new Ledger(new Map(Object.entries(entries)), undefined);
  }

  private changed = false;

  private constructor(
    private readonly map: Map<string, LedgerEntry>,
    private readonly path: string | undefined,
  ) {}

  /** The ledger's file name, for messages. */
  public get label(): string {
    return this.path ?? "the ledger";
  }

  /** The file, or undefined for a ledger in memory. */
  public get file(): string | undefined {
    return this.path;
  }

  /** All entries by key, `service/part`, in order of their keys. */
  public get entries(): ReadonlyMap<string, LedgerEntry> {
    return new Map([...this.map].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The entry of a key, or undefined. */
  public tryGet(key: string): LedgerEntry | undefined {
    return this.map.get(key);
  }

  /** Adds or replaces an entry; the file changes with `save()`. */
  public set(key: string, entry: LedgerEntry): void {
    if (JSON.stringify(this.map.get(key)) === JSON.stringify(entry)) return;
    this.map.set(key, entry);
    this.changed = true;
  }

  /** Removes an entry; the file changes with `save()`. */
  public delete(key: string): void {
    if (this.map.delete(key)) this.changed = true;
  }

  /** Writes the file if an entry changed, whole or not at all. Tells whether it did. */
  public save(): boolean {
    if (!this.changed || this.path === undefined) return false;
    writeFileAtomically(
      this.path,
      `${JSON.stringify({ version: 1, holders: Object.fromEntries(this.entries) }, null, 2)}\n`,
    );
    this.changed = false;
    return true;
  }
}

function parse(text: string, path: string): Map<string, LedgerEntry> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON, restore it from version control: ${(error as Error).message}`);
  }
  const { version, holders } = (document ?? {}) as { version?: unknown; holders?: Record<string, LedgerEntry> | null };
  if (version !== 1 || typeof holders !== "object" || holders === null) {
    throw new Error(
      `${path} must have "version": 1 and "holders", got version ${quote(version)}: use the library that wrote it`,
    );
  }
  for (const [key, entry] of Object.entries(holders)) {
    const place = [entry.host, entry.server].filter((name) => typeof name === "string");
    if (place.length !== 1 || typeof entry.address !== "string" || typeof entry.name !== "string") {
      throw new Error(
        `${path}: ${quote(key)} must have an address, a name and a host or a server, got ${quote(entry)}`,
      );
    }
  }
  return new Map(Object.entries(holders));
}
