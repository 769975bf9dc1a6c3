import type { Generations } from "../contract/generations";
import { knownSecrets } from "../contract/known-secrets";
import type { Ledger } from "../contract/ledger";
import type { LedgerEntry, LedgerSecret } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import { quote } from "../contract/text";
import { UserError } from "../process/user-error";

type Lines = ReadonlyMap<string, LedgerEntry | LedgerSecret>;

/** Which lines of a ledger a command is about. */
export interface Choice {
  /** Those that are let go of. */
  readonly retired: readonly string[];
  /** Those that were let go of before, and are to be taken out. */
  readonly gone: readonly string[];
}

/** Everything that can be retired: what holds data, and the secrets of services. */
export function living(ledger: Ledger, generations: Generations): Lines {
  return new Map<string, LedgerEntry | LedgerSecret>([...ledger.entries, ...knownSecrets(ledger, generations)]);
}

/** Everything that was retired. */
export function retiredIn(ledger: Ledger): Lines {
  return new Map<string, LedgerEntry | LedgerSecret>([...ledger.retired, ...ledger.retiredSecrets]);
}

/**
 * The lines that some words name. With the last data of a service go its secrets, unless the code declares the service, or
 * uses one of them otherwise.
 */
export function choose(words: readonly string[], ledger: Ledger, generations: Generations, manifest: Manifest): Choice {
  const [kept, retired] = [living(ledger, generations), retiredIn(ledger)];
  const named = [...new Set(words.flatMap((word) => keysOf(word, kept, retired, ledger.label)))];
  const isUsed = (key: string, { name }: LedgerEntry | LedgerSecret): boolean =>
    manifest.services.some((service) => service.name === serviceOf(key)) || isNeeded(name, manifest);
  const withSecrets = (lines: Lines): string[] => {
    const keys = named.filter((key) => lines.has(key));
    const data = [...lines].flatMap(([key, { kind }]) => (kind === "secret" ? [] : [key]));
    const left = new Set(data.filter((key) => !keys.includes(key)).map(serviceOf));
    const emptied = new Set(data.map(serviceOf).filter((service) => !left.has(service)));
    return [...lines].flatMap(([key, line]) =>
      keys.includes(key) || (line.kind === "secret" && emptied.has(serviceOf(key)) && !isUsed(key, line)) ? [key] : [],
    );
  };
  return { retired: withSecrets(kept), gone: withSecrets(retired) };
}

/** Whether the code needs a secret. */
export function isNeeded(name: string, { secrets }: Manifest): boolean {
  return secrets.some((secret) => secret.name === name);
}

/** The keys that a word of the command names: those that are kept, or where all of them are retired, these. */
function keysOf(word: string, kept: Lines, retired: Lines, label: string): string[] {
  const named = (lines: Lines): string[] =>
    [...lines.keys()].filter((key) => key === word || key.startsWith(`${word}/`));
  const found = [named(kept), named(retired)].find((keys) => keys.length > 0);
  if (found) return found;
  const known = [...kept.keys(), ...retired.keys()].join(", ") || "nothing";
  throw new UserError(`${label} has no ${quote(word)}, it has ${known}`);
}

function serviceOf(key: string): string {
  return key.replace(/\/.*$/, "");
}
