import type { LedgerSecret } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import { quote } from "../contract/text";
import { storeOf } from "../deploy/secret-stores";
import { UserError } from "../process/user-error";

type Secrets = readonly (readonly [key: string, secret: LedgerSecret])[];

/**
 * What to tell of secrets that were retired, a line each. Nothing here removes a value: it may be what opens a copy that
 * somebody made of the data.
 */
export async function tellOfValues(secrets: Secrets, manifest: Manifest): Promise<string[]> {
  if (secrets.length === 0) return [];
  const store = storeOf(manifest);
  const { left, why } = await namesLeft(secrets, manifest);
  if (left.length === 0) return [];
  const may = why === undefined ? "still has" : `may still have (${why})`;
  return [
    `${store.label} ${may} values of secrets. After the deployment, when no copy of the data needs them:`,
    ...left.map((name) => `  ${store.removal(name)}`),
  ];
}

/** Refuses to forget secrets whose values a store has: whatever got the name would get the value. */
export async function refuseStoredValues(secrets: Secrets, manifest: Manifest): Promise<void> {
  const store = storeOf(manifest);
  if (secrets.length === 0 || !store.isWritable) return;
  const stored = await store.read();
  const left = secrets.filter(([, { name }]) => stored.has(name));
  if (left.length === 0) return;
  throw new UserError(
    left
      .map(
        ([key, { name }]) => `${quote(key)} still has a value in ${store.label}: remove it by ${store.removal(name)}`,
      )
      .join("\n"),
  );
}

/** The names that a store has values of, or all of them and why nobody knows. */
async function namesLeft(
  secrets: Secrets,
  manifest: Manifest,
): Promise<{ readonly left: readonly string[]; readonly why?: string }> {
  const names = secrets.map(([, { name }]) => name);
  const store = storeOf(manifest);
  if (!store.isWritable) return { left: names, why: "which only you can look up" };
  try {
    const stored = await store.read();
    return { left: names.filter((name) => stored.has(name)) };
  } catch (error) {
    return { left: names, why: error instanceof Error ? error.message : String(error) };
  }
}
