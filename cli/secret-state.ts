import { Generations } from "../contract/generations";
import type { Manifest } from "../contract/manifest";
import type { SecretUseFacts } from "../contract/secret-shapes";
import type { SecretStore, StoredSecret, WrittenSecret } from "../deploy/store";

/** What is with a secret in the store: as the lab needs it, or what is wrong. */
export type SecretState = "stored" | "missing" | "another generation" | "another value" | "altered" | "in the clear";

/** Holds what the store has against what the code says of a secret. */
export function stateOf(secret: SecretUseFacts, stored: StoredSecret | undefined): SecretState {
  if (!stored) return "missing";
  if (stored.flaw !== undefined) return stored.flaw;
  if (stored.generation !== undefined && stored.generation !== secret.generation) return "another generation";
  // A store that never wrote a fingerprint has a value from before: the code can have none either.
  if (secret.fingerprint !== undefined && stored.generation !== undefined && stored.fingerprint !== secret.fingerprint)
    return "another value";
  return "stored";
}

/** One sentence on a secret that is not as the lab needs it: what, where, and what to do. */
export function stateInWords(
  secret: SecretUseFacts,
  stored: StoredSecret | undefined,
  store: SecretStore,
  { generationsFile = "the code" }: Manifest,
): string {
  const { name, generation } = secret;
  const anew = `give it a new value with "homelab secrets rotate ${name}"`;
  const said = (sentence: string): string => `secret ${JSON.stringify(name)}: ${sentence}`;
  switch (stateOf(secret, stored)) {
    case "another generation": {
      const has = stored?.generation ?? 0;
      const [older, newer] = has < generation ? [store.label, generationsFile] : [generationsFile, store.label];
      return said(
        `${store.label} has generation ${has}, the code ${generation}: take ${older} from the commit that ${newer} is of, or ${anew}`,
      );
    }
    case "another value":
      return said(
        `${store.label} has another value of generation ${generation} than ${generationsFile} is of, as after a merge of two branches that both gave it one: take both files from one commit, or ${anew}`,
      );
    case "altered":
      return said(
        `its value in ${store.label} is not the one that was stored with generation ${generation}: somebody changed it beside "homelab secrets", and nothing would be deployed; ${anew}`,
      );
    case "in the clear":
      return said(`everybody can read it in ${store.label}, ${store.explainFlaw()}; then ${anew}`);
    case "missing":
      return said(`${store.label} has no value of it`);
    case "stored":
      return said("is as the lab needs it");
  }
}

/**
 * Writes what stands for stored values in plans into the file of the generations. Tells whether that changed and has to
 * be committed.
 */
export function recordValues({ generationsFile }: Manifest, written: ReadonlyMap<string, WrittenSecret>): boolean {
  if (generationsFile === undefined || written.size === 0) return false;
  const generations = Generations.fromFile(generationsFile);
  for (const [name, { generation, fingerprint }] of written) generations.set(name, generation, fingerprint);
  return generations.save();
}
