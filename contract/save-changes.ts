import * as fs from "node:fs";
import { withFileLockSync } from "./file-lock";
import { quote } from "./text";
import { writeFileAtomically } from "./write-file";

/** How a file of entries is read and written. */
interface Format<V> {
  /** The entries of a text, by their keys. Refuses one that is none. */
  readonly read: (text: string) => ReadonlyMap<string, V>;
  /** The text of some entries. */
  readonly write: (entries: ReadonlyMap<string, V>) => string;
  /** One entry, the same text for what is the same. */
  readonly entry: (key: string, value: V) => string;
}

/**
 * Writes what one process did to the entries of a file since it read them, beside what others did in the meantime: the
 * file is read again under a lock, and what this process added, changed and removed is done to what is there now. Two that
 * did something else to one entry can't both be right: that is refused, and nothing is written.
 */
export function saveChanges<V>(
  file: string,
  before: ReadonlyMap<string, V>,
  now: ReadonlyMap<string, V>,
  format: Format<V>,
): void {
  withFileLockSync(file, () => {
    const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
    const found = new Map(text === undefined ? [] : format.read(text));
    for (const key of new Set([...before.keys(), ...now.keys()])) {
      const [was, wanted, theirs] = [before, now, found].map((entries) => {
        const value = entries.get(key);
        return value === undefined ? undefined : format.entry(key, value);
      });
      if (wanted === was || wanted === theirs) continue;
      if (theirs !== was) {
        throw new Error(
          `${file}: ${quote(key)} was changed while this ran, to ${theirs ?? "nothing"}, and here to ${wanted ?? "nothing"}: nothing was written, do it again`,
        );
      }
      const entry = now.get(key);
      if (entry === undefined) found.delete(key);
      else found.set(key, entry);
    }
    const next = format.write(found);
    format.read(next); // what two wrote may be wrong together, like one name of two entries
    if (next !== text) writeFileAtomically(file, next);
  });
}
