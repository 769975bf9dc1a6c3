import { jsonKeys } from "./json-keys";
import { isObject, twinsIn, wrongEntry } from "./ledger-check";
import {
  HOLDER_FIELDS,
  PLACE_FIELDS,
  SECRET_FIELDS,
  type LedgerEntry,
  type LedgerLines,
  type LedgerSecret,
} from "./ledger-entry";
import { quote } from "./text";

/** The version of the file that is written. Version 1 is read as well. */
const VERSION = 2;

const RESTORE = "restore it from version control";

/**
 * A ledger as the text of its file: one line for each entry, sorted and whole, so that git's `union` merge of two branches
 * that add entries is valid.
 */
export function writeLedger({ holders, secrets }: LedgerLines): string {
  const sorted = [...holders, ...secrets].sort(([a], [b]) => (a < b ? -1 : 1));
  return [`{"version":${VERSION}`, ...sorted.map(([key, entry]) => ledgerLine(key, entry)), "}", ""].join("\n");
}

/** The line of an entry. */
export function ledgerLine(key: string, entry: LedgerEntry | LedgerSecret): string {
  return `,${JSON.stringify(key)}:${JSON.stringify(ordered(entry))}`;
}

/** An entry with its fields in the order in which they are written, however it came about. */
function ordered(entry: LedgerEntry | LedgerSecret): object {
  if (entry.kind === "secret") return pick(entry, SECRET_FIELDS);
  const { previous } = entry;
  return pick({ ...entry, previous: previous?.map((place) => pick(place, PLACE_FIELDS)) }, HOLDER_FIELDS);
}

function pick(value: object, fields: readonly string[]): object {
  const known: Readonly<Record<string, unknown>> = { ...value };
  return Object.fromEntries(fields.flatMap((field) => (known[field] === undefined ? [] : [[field, known[field]]])));
}

/** Reads the text of a ledger's file. Refuses whatever it would not write, and names the line. */
export function readLedger(text: string, path: string): LedgerLines & { readonly isAsWritten: boolean } {
  const document = parse(text, path);
  const { version, holders, ...others } = isObject(document) ? document : {};
  const isFirst = version === 1 && isObject(holders);
  if (version !== VERSION && !isFirst) {
    const found = isObject(document) ? `version ${quote(version)}` : quote(document);
    throw new Error(
      `${path}, line 1: the ledger must have "version": ${VERSION}, or 1 and "holders", got ${found}: use the library that wrote it, or ${RESTORE}`,
    );
  }
  const lines = linesOf(text, path, isFirst);
  const entries = isFirst ? holders : { ...others, ...(holders !== undefined && { holders }) };
  for (const [key, entry] of Object.entries(entries)) {
    const wrong = wrongEntry(entry, isSecret(key));
    if (wrong !== undefined)
      throw new Error(`${path}, line ${lines.get(key)}: ${quote(key)} ${wrong}, got ${quote(entry)}: ${RESTORE}`);
  }
  const found = linesIn(entries as Readonly<Record<string, LedgerEntry | LedgerSecret>>); // each was checked
  const renamed = renamedIn(found);
  for (const key of renamed) found.holders.delete(key);
  const twins = twinsIn(found, (key) => lines.get(key) ?? 1);
  if (twins !== undefined) throw new Error(`${path}, ${twins}`);
  return { ...found, isAsWritten: !isFirst && renamed.length === 0 };
}

/**
 * Keys whose entries are there under a new key as well, as they are: one branch renamed them, and another one added a line
 * beside them, so that git kept the old line.
 */
function renamedIn({ holders }: LedgerLines): string[] {
  const same = (entry: LedgerEntry): string => ledgerLine("", { ...entry, formerKeys: undefined, database: undefined });
  return [...holders.values()].flatMap((entry) =>
    (entry.formerKeys ?? []).filter((former) => {
      const old = holders.get(former);
      return old !== undefined && same(old) === same(entry) && isBeginning(old.formerKeys ?? [], entry);
    }),
  );
}

function isBeginning(keys: readonly string[], { formerKeys = [] }: LedgerEntry): boolean {
  return keys.every((key, index) => formerKeys[index] === key);
}

/** Tells entries of holders and of secrets apart. */
export function linesIn(entries: Readonly<Record<string, LedgerEntry | LedgerSecret>>): {
  readonly holders: Map<string, LedgerEntry>;
  readonly secrets: Map<string, LedgerSecret>;
} {
  const holders = new Map<string, LedgerEntry>();
  const secrets = new Map<string, LedgerSecret>();
  for (const [key, entry] of Object.entries(entries)) {
    if (entry.kind === "secret") secrets.set(key, entry);
    else holders.set(key, entry);
  }
  return { holders, secrets };
}

/** Whether a key is that of a secret, `service/secret:word`. */
function isSecret(key: string): boolean {
  return key.includes("/secret:");
}

function parse(text: string, path: string): unknown {
  const lines = text.split("\n");
  const marker = lines.findIndex((line) => /^(<{7}|={7}|>{7}|\|{7})( |\r?$)/.test(line));
  if (marker >= 0) {
    throw new Error(
      `${path}, line ${marker + 1}: ${quote(lines[marker])} was left by a merge: keep the lines of both sides and remove the markers, which git does itself with "*.ledger.json merge=union" in .gitattributes`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error; // of JSON.parse
    const [, position = text.length] = /position (\d+)/.exec(message) ?? [];
    const line = text.slice(0, Number(position)).split("\n").length;
    throw new Error(`${path}, line ${line}: the ledger is not JSON, ${RESTORE}: ${message}`);
  }
}

/** The line of each key. */
function linesOf(text: string, path: string, isFirst: boolean): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const { key, line } of jsonKeys(text, isFirst ? 2 : 1)) {
    const other = lines.get(key);
    if (other !== undefined) {
      throw new Error(
        `${path}, line ${line}: ${quote(key)} is in line ${other} as well: keep the line that is right and remove the other one`,
      );
    }
    lines.set(key, line);
  }
  return lines;
}
