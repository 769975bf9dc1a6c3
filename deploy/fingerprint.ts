import { createHmac, randomBytes } from "node:crypto";

/** What tells two values of one generation apart, and the key without which it tells nothing of the value. */
export interface Fingerprint {
  /** For the value's readers only. */
  readonly key: string;
  /** For everybody. */
  readonly fingerprint: string;
}

/**
 * The fingerprint of a value that was just made. Its key is as new as the value, so that nobody who once could read the
 * store can try out what came later.
 */
export function newFingerprint(name: string, value: string): Fingerprint {
  const key = randomBytes(24).toString("base64");
  return { key, fingerprint: fingerprintOf(key, name, value) };
}

/** The fingerprint of a value by its key: 64 bits, enough for two values that nobody made alike on purpose. */
export function fingerprintOf(key: string, name: string, value: string): string {
  return createHmac("sha256", key).update(`${name}\0${value}`).digest("hex").slice(0, 16);
}
