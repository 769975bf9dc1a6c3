import type { SecretUseFacts } from "../contract/secret-shapes";
import { isCarried } from "../constructs/values/text-limits";
import { UserError } from "../process/user-error";

/** Refuses a value that would arrive as another one, without a word of it. */
export function checkValue({ name, as }: Pick<SecretUseFacts, "name" | "as">, value: string): void {
  const flaw = isCarried(value)
    ? as === "postgresql-password"
      ? flawOfPassword(value)
      : undefined
    : "Terraform would change its value, which has NUL or characters that are not composed (NFC): store it composed";
  if (flaw !== undefined)
    throw new UserError(`secret ${JSON.stringify(name)}: ${flaw}, with "homelab secrets rotate ${name}"`);
}

/**
 * What PostgreSQL or its Terraform provider (cyrilgdn/postgresql 1.26.0) takes a password for, as the beginning of a
 * sentence: the provider doubles each backslash, and the server takes `null` for none and a digest for the digest.
 */
function flawOfPassword(value: string): string | undefined {
  if (value.includes("\\"))
    return "a password of PostgreSQL must have no backslash, which its Terraform provider stores twice: choose another one";
  if (/[\r\n]/.test(value))
    return "a password of PostgreSQL must be one line, of which its image reads the first only: choose another one";
  if (value.toUpperCase() === "NULL")
    return `a password of PostgreSQL must not be the word "null", which its Terraform provider takes for none: choose another one`;
  if (/^md5[0-9a-f]{32}$|^SCRAM-SHA-256\$/i.test(value))
    return "a password of PostgreSQL must not look like a digest, which the server takes for the digest of another one: choose another one";
  // RFC 4013: a client that follows it sends another password than one that does not.
  if (value.normalize("NFKC") !== value || /[\p{Cc}\p{Cf}]|(?! )\p{Zs}/u.test(value))
    return "a password of PostgreSQL must have no character that SASLprep replaces or forbids, since programs differ in that: choose another one";
  return undefined;
}
