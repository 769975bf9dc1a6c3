import { secretOfService, serviceOfSecret } from "./secret-names";
import type { Generations } from "./generations";
import type { Ledger, LedgerSecret } from "./ledger";

/** Whose secret it is, and by what word: `webservices.<service>.<word>`. */
export interface ServiceSecret {
  readonly service: string;
  readonly word: string;
}

/** The name of a secret that has never been called otherwise. */
export function defaultSecretName({ service, word }: ServiceSecret): string {
  return secretOfService(service, word);
}

/** The steps of the key by which the ledger knows a secret. */
export function secretSteps({ service, word }: ServiceSecret): readonly [string, string] {
  return [service, `secret:${word}`];
}

/**
 * The secrets of services by key: those of the ledger, and those that only the list of generations has, since their names
 * follow from service and word. What was retired is not among them.
 */
export function knownSecrets(
  ledger: Pick<Ledger, "secrets" | "retiredSecrets">,
  generations: Pick<Generations, "entries">,
): ReadonlyMap<string, LedgerSecret> {
  const known = new Map(ledger.secrets);
  const named = namesIn(ledger);
  for (const name of generations.entries.keys()) {
    const own = serviceOfSecret(name);
    if (!own || named.has(name)) continue;
    const key = secretSteps(own).join("/");
    if (!known.has(key)) known.set(key, { kind: "secret", name });
  }
  return known;
}

/** The names of secrets that have a line in the ledger, retired ones included. */
export function namesIn({ secrets, retiredSecrets }: Pick<Ledger, "secrets" | "retiredSecrets">): ReadonlySet<string> {
  return new Set([...secrets.values(), ...retiredSecrets.values()].map(({ name }) => name));
}
