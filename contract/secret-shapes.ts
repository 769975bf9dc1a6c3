/** How a value that nobody chooses is made by `homelab secrets generate`. */
export type SecretShape =
  | {
      /** How many characters the value has. */
      readonly length: number;
      /** What they are taken from, each as likely; `a-z A-Z 0-9` unless said. */
      readonly alphabet?: string;
    }
  | {
      /** The full name of the secret that this one is the digest of, `$pbkdf2-sha512$…` as Authelia reads it. */
      readonly digestOf: string;
    }
  | {
      /** The kind of private key, PKCS #8 in PEM. */
      readonly keyPair: KeyPairKind;
    };

/** What a value must be fit for: a password of PostgreSQL, which takes some text for something else. */
export type SecretKind = "postgresql-password";

/** The kinds of keys that can be made. */
export type KeyPairKind = "rsa-2048" | "rsa-4096" | "ed25519";

/** A secret of the lab, whoever uses it; never its value. */
export interface SecretUseFacts {
  /** The full name. */
  readonly name: string;
  /** The generation of its value. */
  readonly generation: number;
  /** The fingerprint of its value, where the store keeps one. */
  readonly fingerprint?: string;
  /** The stacks whose deployment needs the value. */
  readonly stacks: readonly string[];
  /** The stacks in whose state it rests, and why. */
  readonly persisted: Readonly<Record<string, string>>;
  /** How it is made, for a value that nobody chooses. */
  readonly shape?: SecretShape;
  /** What the value must be fit for. */
  readonly as?: SecretKind;
}
