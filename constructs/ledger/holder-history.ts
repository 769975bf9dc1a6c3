import type { HolderRequest } from "./holder";
import { nameTaken, retiredName, subjectOf } from "./holder-messages";
import type { OwnStacks } from "../../contract/holder-stacks";
import type { Ledger } from "../../contract/ledger";
import type { LedgerEntry } from "../../contract/ledger-entry";
import { LedgerNames } from "./ledger-names";
import { Renames, type Identity } from "./renames";

/** What the ledger had before the code is held against it. */
export class HolderHistory {
  /** Which entry is which holder of the code. */
  public readonly renames: Renames;
  /** The names and addresses that are taken. */
  public readonly names: LedgerNames;

  private readonly entries: ReadonlyMap<string, LedgerEntry>;
  private readonly retired: ReadonlyMap<string, LedgerEntry>;
  private readonly label: string;

  public constructor({ entries, retired, secrets, label }: Ledger, stacks: OwnStacks) {
    this.renames = new Renames(entries, [...entries, ...secrets]);
    this.names = new LedgerNames([...entries, ...retired], stacks);
    this.entries = entries;
    this.retired = retired;
    this.label = label;
  }

  /** Takes the entry of a holder. Refuses the key of what was retired and may be there still. */
  public take(request: HolderRequest): Identity {
    const { key, former, defaultName } = request;
    if (this.retired.has(key)) throw new Error(retiredName(request, defaultName, key, this.label));
    return this.renames.take(key, former, subjectOf(request));
  }

  /**
   * The name of a holder that is new where it is: that of nothing else. What was released or retired may still be there,
   * and a new holder of its name would begin with its data, or lose its own to it.
   *
   * @param found - the key under which the ledger has the holder elsewhere
   */
  public newName(request: HolderRequest, found: string | undefined): string {
    const { kind, place, defaultName, key } = request;
    const other = this.names.withName(kind, place, defaultName);
    if (other && this.retired.has(other.key)) throw new Error(retiredName(request, defaultName, other.key, this.label));
    // A folder of another layout may come back to the place that it had before that.
    const isOwn = other?.key === found && kind === "folder" && other?.place.name === defaultName;
    if (!other || isOwn) return defaultName;
    const wasIt = this.entries.get(other.key)?.formerKeys?.includes(key) === true;
    throw new Error(nameTaken(request, other, wasIt));
  }
}
