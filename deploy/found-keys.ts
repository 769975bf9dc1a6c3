import type { HolderKind, LedgerEntry } from "../contract/ledger-entry";
import { snakeCase } from "../contract/text";
import type { Found } from "./found";

type Named = Pick<Found, "kind" | "name" | "database">;

/** A key for what nothing declares, and the words of its address where no state has it. */
export interface Derived {
  readonly key: string;
  readonly words: string;
}

/**
 * The key of what nothing declares, as an address was made of one, or as a folder has it.
 *
 * @param deployed - the words of the address that a state has it by
 * @param databases - those to which a role or an extension may belong
 */
export function derivedKey(
  thing: Named,
  deployed: string | undefined,
  databases: readonly { readonly key: string; readonly entry: LedgerEntry }[],
): Derived {
  const words = deployed ?? wordsOf(thing);
  const above = databases.find(({ entry }) => isOf(thing, words, entry));
  if (!above) return { key: keyOf(thing, deployed === undefined, words.split("_")), words };
  const below = belowDatabase(thing, words, above.entry);
  return { key: `${above.key}.${below}`, words: `${lastOf(above.entry.address)}_${snakeCase(below)}` };
}

/** What of an address follows its type. */
export function lastOf(address: string): string {
  return address.replace(/^.*\./, "");
}

/** The service, the part, and of a role what it is for. */
function keyOf({ kind, name }: Named, isNew: boolean, [service = "", ...words]: readonly string[]): string {
  const [folder, part] = name.split("/").slice(-2);
  if (kind === "folder" && isNew && folder && part) return `${folder}/${camelCase(part.split(/[-_]/)) || "data"}`;
  if (kind === "role" && words.length > 1) return `${service}/${camelCase(words.slice(0, -1))}.${words.at(-1) ?? ""}`;
  return `${service}/${camelCase(words) || "data"}`;
}

/** The words of an address after a name, of a folder after its service and part. Terraform's begin with a letter. */
function wordsOf({ kind, name }: Named): string {
  const words = snakeCase(baseOf(kind, name));
  return /^[a-z]/.test(words) ? words : `found_${words || kind}`;
}

function baseOf(kind: HolderKind, name: string): string {
  if (kind === "database") return `${name}_db`;
  return kind === "folder" ? name.split("/").slice(-2).join("_") : name;
}

/** Whether a role or an extension belongs to a database: by its address, by its name, or since it may use it. */
function isOf({ kind, name, database }: Named, words: string, of: LedgerEntry): boolean {
  if (kind === "extension") return name.startsWith(`${of.name}.`);
  return kind === "role" && (words.startsWith(`${lastOf(of.address)}_`) || name === of.name || database === of.name);
}

function belowDatabase({ kind, name }: Named, words: string, of: LedgerEntry): string {
  if (kind === "extension") return `extension.${name.slice(of.name.length + 1)}`;
  if (name === of.name) return "owner";
  const above = [lastOf(of.address), snakeCase(of.name)].find((one) => words.startsWith(`${one}_`));
  return camelCase((above === undefined ? words : words.slice(above.length + 1)).split("_"));
}

function camelCase(words: readonly string[]): string {
  return words
    .filter((word) => word !== "")
    .map((word, index) => (index === 0 ? word : word.slice(0, 1).toUpperCase() + word.slice(1)))
    .join("");
}
