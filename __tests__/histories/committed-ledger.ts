import * as fs from "node:fs";
import * as path from "node:path";
import { Ledger, type LedgerEntry } from "../../constructs";
import type { Commit } from "./line";

/** The ledgers of commits, read and written in a folder. */
export class CommittedLedgers {
  public constructor(
    private readonly folder: string,
    private readonly prefix: string,
  ) {}

  /** What the ledger of a commit has. */
  public entriesOf({ files }: Commit): ReadonlyMap<string, LedgerEntry> {
    const file = path.join(this.folder, "known.json");
    fs.rmSync(file, { force: true });
    if (files.ledger !== "") fs.writeFileSync(file, files.ledger);
    return Ledger.fromFile(file).entries;
  }

  /** A commit whose ledger has some of its lines as retired, or no longer, as `homelab retire` leaves it. */
  public without({ code, files, meaning }: Commit, keys: readonly string[], isMarked: boolean): Commit {
    const file = path.join(this.folder, "ledger.json");
    fs.writeFileSync(file, files.ledger);
    const ledger = Ledger.fromFile(file);
    for (const key of keys) {
      const entry = ledger.entries.get(key);
      if (isMarked && entry) ledger.set(key, { ...entry, retired: true });
      else ledger.delete(key);
    }
    ledger.save();
    const data = Object.fromEntries(
      Object.entries(meaning.data).filter(([key]) => !keys.some((one) => this.plain(one) === key)),
    );
    return {
      code: structuredClone(code),
      files: { ...files, ledger: fs.readFileSync(file, "utf8") },
      meaning: { ...meaning, data },
    };
  }

  /** A key as the person of the history writes it. */
  public plain(key: string): string {
    return key.startsWith(this.prefix) ? key.slice(this.prefix.length) : key;
  }
}
