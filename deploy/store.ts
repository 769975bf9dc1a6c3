/** A value for the store, and its generation. */
export interface NewSecret {
  readonly value: string;
  readonly generation: number;
}

/** What the store keeps beside a value that it wrote, for everybody to read. */
export interface WrittenSecret {
  readonly generation: number;
  /** What tells two values of one generation apart. */
  readonly fingerprint: string;
}

/** A value, and what the store keeps beside it. */
export interface StoredSecret extends Partial<WrittenSecret> {
  readonly value: string;
  /** That everybody can read the value, or that it is not the one that the fingerprint is of. */
  readonly flaw?: "in the clear" | "altered";
}

/** Where the values of secrets are kept. */
export interface SecretStore {
  /** What it is called in messages. */
  readonly label: string;
  /** Whether it can be written by us. */
  readonly isWritable: boolean;
  /** All secrets by their full names. */
  read(): Promise<Map<string, StoredSecret>>;
  /**
   * Does what depends on the secrets that are stored and changes them, while nobody else does. Refuses where the store
   * is not ours to write.
   */
  change<T>(work: (stored: Map<string, StoredSecret>, write: WriteSecrets) => Promise<T>): Promise<T>;
  /** Why values are in the clear, and the way out, as the end of a sentence. */
  explainFlaw(): string;
  /** How a value is removed: a command, or a sentence where the store is not ours to write. */
  removal(name: string): string;
}

/** Adds or replaces secrets, all or none. Returns what stands beside them now. */
export type WriteSecrets = (changes: ReadonlyMap<string, NewSecret>) => Promise<Map<string, WrittenSecret>>;
