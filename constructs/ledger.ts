import * as fs from "node:fs";
import type { LedgerEntry, LedgerLines, LedgerSecret } from "./ledger-entry";
import { ledgerLine, linesIn, readLedger, writeLedger } from "./ledger-file";
import { writeFileAtomically } from "./write-file";

export { hasData, type HolderKind, type HolderPlace, type LedgerEntry, type LedgerSecret } from "./ledger-entry";

/**
 * The lab's list of everything that holds data, `homelab.ledger.json`: kept in the repository, reviewed like code. It
 * outlives the code that declared a holder, so that removing or renaming code never removes data, and keeps every key,
 * address, place and name that a holder ever had.
 */
export class Ledger {
  /** The ledger in a file; a file that does not exist is an empty ledger. */
  public static fromFile(path: string): Ledger {
    if (!fs.existsSync(path)) return new Ledger({ holders: new Map(), secrets: new Map() }, path);
    const { version, ...lines } = readLedger(fs.readFileSync(path, "utf8"), path);
    return new Ledger(lines, path, version === 1);
  }

  /** A ledger that is not written anywhere, for tests. */
  public static inMemory(entries: Readonly<Record<string, LedgerEntry | LedgerSecret>> = {}): Ledger {
    return new Ledger(linesIn(entries), undefined);
  }

  private readonly holders: Map<string, LedgerEntry>;
  private readonly renamedSecrets: Map<string, LedgerSecret>;

  private constructor(
    { holders, secrets }: LedgerLines,
    private readonly path: string | undefined,
    private changed = false,
  ) {
    this.holders = new Map(holders);
    this.renamedSecrets = new Map(secrets);
  }

  /** The ledger's file name, for messages. */
  public get label(): string {
    return this.path ?? "the ledger";
  }

  /** The file, or undefined for a ledger in memory. */
  public get file(): string | undefined {
    return this.path;
  }

  /** What holds data, by key, `service/part`, in order of the keys. */
  public get entries(): ReadonlyMap<string, LedgerEntry> {
    return new Map([...this.holders].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The secrets whose names are no longer those of their services, by key, `service/secret:word`, in order of the keys. */
  public get secrets(): ReadonlyMap<string, LedgerSecret> {
    return new Map([...this.renamedSecrets].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The entry of a holder's key, or undefined. */
  public tryGet(key: string): LedgerEntry | undefined {
    return this.holders.get(key);
  }

  /** Adds or replaces an entry; the file changes with `save()`. */
  public set(key: string, entry: LedgerEntry | LedgerSecret): void {
    const known = this.holders.get(key) ?? this.renamedSecrets.get(key);
    if (known !== undefined && ledgerLine(key, known) === ledgerLine(key, entry)) return;
    if (entry.kind === "secret") this.renamedSecrets.set(key, entry);
    else this.holders.set(key, entry);
    this.changed = true;
  }

  /** Removes an entry; the file changes with `save()`. */
  public delete(key: string): void {
    if (this.holders.delete(key) || this.renamedSecrets.delete(key)) this.changed = true;
  }

  /** The same entries, written nowhere. */
  public copy(): Ledger {
    return new Ledger({ holders: this.holders, secrets: this.renamedSecrets }, undefined);
  }

  /** The text of the file: one line for each entry. */
  public toString(): string {
    return writeLedger({ holders: this.holders, secrets: this.renamedSecrets });
  }

  /** Writes the file if an entry changed or it is of an older version, whole or not at all. Tells whether it did. */
  public save(): boolean {
    if (!this.changed || this.path === undefined) return false;
    writeFileAtomically(this.path, this.toString());
    this.changed = false;
    return true;
  }
}
