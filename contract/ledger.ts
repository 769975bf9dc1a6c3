import * as fs from "node:fs";
import type { LedgerEntry, LedgerLines, LedgerSecret } from "./ledger-entry";
import { ledgerLine, linesIn, readLedger, writeLedger } from "./ledger-file";
import { saveChanges } from "./save-changes";

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
    const { isAsWritten, ...lines } = readLedger(fs.readFileSync(path, "utf8"), path);
    return new Ledger(lines, path, !isAsWritten);
  }

  /** A ledger that is not written anywhere, for tests. */
  public static inMemory(entries: Readonly<Record<string, LedgerEntry | LedgerSecret>> = {}): Ledger {
    return new Ledger(linesIn(entries), undefined);
  }

  private readonly holders: Map<string, LedgerEntry>;
  private readonly namedSecrets: Map<string, LedgerSecret>;
  private saved: ReadonlyMap<string, LedgerEntry | LedgerSecret>;

  private constructor(
    { holders, secrets }: LedgerLines,
    private readonly path: string | undefined,
    private changed = false,
  ) {
    this.holders = new Map(holders);
    this.namedSecrets = new Map(secrets);
    this.saved = this.lines;
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
    return new Map(sorted(this.holders).filter(([, { retired }]) => !retired));
  }

  /** What was retired and may not be gone yet, by key, in order of the keys. */
  public get retired(): ReadonlyMap<string, LedgerEntry> {
    return new Map(sorted(this.holders).filter(([, { retired }]) => retired));
  }

  /** The secrets whose names are no longer those of their services, by key, `service/secret:word`, in order of the keys. */
  public get secrets(): ReadonlyMap<string, LedgerSecret> {
    return new Map(sorted(this.namedSecrets).filter(([, { retired }]) => !retired));
  }

  /** The secrets that were retired and whose values may not be gone yet, by key, in order of the keys. */
  public get retiredSecrets(): ReadonlyMap<string, LedgerSecret> {
    return new Map(sorted(this.namedSecrets).filter(([, { retired }]) => retired));
  }

  /** The entry of a holder's key, or undefined where there is none or it was retired. */
  public tryGet(key: string): LedgerEntry | undefined {
    const entry = this.holders.get(key);
    return entry?.retired ? undefined : entry;
  }

  /** Adds or replaces an entry; the file changes with `save()`. */
  public set(key: string, entry: LedgerEntry | LedgerSecret): void {
    const known = this.holders.get(key) ?? this.namedSecrets.get(key);
    if (known !== undefined && ledgerLine(key, known) === ledgerLine(key, entry)) return;
    if (entry.kind === "secret") this.namedSecrets.set(key, entry);
    else this.holders.set(key, entry);
    this.changed = true;
  }

  /** Removes an entry; the file changes with `save()`. */
  public delete(key: string): void {
    if (this.holders.delete(key) || this.namedSecrets.delete(key)) this.changed = true;
  }

  /** The same entries, written nowhere. */
  public copy(): Ledger {
    return new Ledger({ holders: this.holders, secrets: this.namedSecrets }, undefined);
  }

  /** The text of the file: one line for each entry. */
  public toString(): string {
    return writeLedger({ holders: this.holders, secrets: this.namedSecrets });
  }

  /**
   * Writes what changed, beside what others wrote in the meantime, whole or not at all; also a file of an older version.
   * Tells whether anything did.
   */
  public save(): boolean {
    if (!this.changed || this.path === undefined) return false;
    const { path, lines } = this;
    saveChanges(path, this.saved, lines, {
      read: (text) => linesOf(readLedger(text, path)),
      write: (entries) => writeLedger(linesIn(Object.fromEntries(entries))),
      entry: ledgerLine,
    });
    this.saved = lines;
    this.changed = false;
    return true;
  }

  private get lines(): ReadonlyMap<string, LedgerEntry | LedgerSecret> {
    return linesOf({ holders: this.holders, secrets: this.namedSecrets });
  }
}

function sorted<V>(entries: ReadonlyMap<string, V>): [string, V][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

function linesOf({ holders, secrets }: LedgerLines): ReadonlyMap<string, LedgerEntry | LedgerSecret> {
  return new Map<string, LedgerEntry | LedgerSecret>([...holders, ...secrets]);
}
