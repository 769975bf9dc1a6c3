import { createPublicKey, generateKeyPairSync, pbkdf2Sync, randomBytes, randomInt } from "node:crypto";
import type { SecretShape } from "../contract/secret-shapes";

const LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** Makes a value of a shape, from the system's source of randomness; `valueOf` finds what a digest is of. */
export function makeSecret(shape: SecretShape, valueOf: (name: string) => string): string {
  if ("length" in shape) {
    const alphabet = [...new Set(shape.alphabet ?? LETTERS_AND_DIGITS)];
    return Array.from({ length: shape.length }, () => alphabet[randomInt(alphabet.length)]).join("");
  }
  if ("digestOf" in shape) return autheliaDigest(valueOf(shape.digestOf));
  const { privateKey } =
    shape.keyPair === "ed25519"
      ? generateKeyPairSync("ed25519")
      : generateKeyPairSync("rsa", { modulusLength: Number(shape.keyPair.slice("rsa-".length)) });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** The public half of a private key, in PEM. */
export function publicHalf(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

/**
 * A digest in the format of Authelia, for its users file and for the secrets of OpenID Connect clients
 * (https://www.authelia.com/reference/guides/passwords/#pbkdf2): SHA-512, 310000 iterations, base64 with dots.
 */
export function autheliaDigest(value: string, salt = randomBytes(16)): string {
  const iterations = 310_000;
  const encode = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "").replaceAll("+", ".");
  const key = pbkdf2Sync(value, salt, iterations, 64, "sha512");
  return `$pbkdf2-sha512$${iterations}$${encode(salt)}$${encode(key)}`;
}
