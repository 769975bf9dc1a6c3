import type { Construct } from "constructs";
import { FactList } from "../lab/facts";
import { isWholeKey } from "../lab/former-key";
import type { SecretFacts } from "../../contract/service-facts";
import type { PartScope } from "../part/part-scope";
import { SecretNames } from "./secret-names";
import { SecretUses, type SecretUse, type UsedSecret } from "./secret-uses";

/** The secrets that parts use; never a value. */
export const SECRETS = new FactList<SecretFacts>("secrets");

/** A secret by what it is called: see `Secret`. */
export interface NamedSecret {
  /** The last part of its name, given the name of the service that uses it and the key of the part. */
  readonly wordFor: (service: string, part: string) => string;
  /** Whether it is named after the part, so that no other part may have it. */
  readonly isOwn: boolean;
  /**
   * The full name of one that belongs to no service.
   *
   * @default - it belongs to the service that uses it
   */
  readonly fullName?: string;
}

/** Takes a secret into use: its name, its generation, and the expression for its value in a stack. */
export function useSecret(
  part: PartScope,
  secret: NamedSecret,
  options: SecretUse & { readonly in?: Construct } = {},
): UsedSecret {
  const { service } = part.workload;
  const name = secretName(part, secret);
  if (secret.isOwn) service.claimSecret(name, part.path);
  const used = SecretUses.of(part.workload).take(options.in ?? part.workload, name, options);
  const { generation } = used;
  const { persisted, shape } = options;
  if (!service.said(SECRETS).some((facts) => facts.name === name && facts.persisted === persisted))
    part.say(SECRETS, { name, generation, persisted, shape });
  return used;
}

/**
 * The full name of a secret, which may be named after the part. A renamed service or part keeps the name under which
 * the store knows the secret.
 */
export function secretName(part: PartScope, secret: NamedSecret): string {
  const { fullName } = secret;
  if (fullName !== undefined) return fullName;
  const { service } = part.workload;
  const formerly = part.formerly ?? part.key;
  const steps = formerly.split("/");
  const word = secret.wordFor(service.name, part.key);
  const formerWord = secret.wordFor(service.name, steps.at(-1) ?? part.key);
  const isWhole = isWholeKey(formerly);
  const [before = ""] = isWhole ? steps : [service.formerly ?? service.name];
  return SecretNames.of(part.workload).nameOf(
    { service: service.name, word },
    { service: before, word: formerWord, isWhole },
  );
}
