import * as fs from "node:fs";
import { saveChanges } from "./save-changes";
import { quote } from "./text";

/**
 * The generation of every secret, `homelab.secrets.json`: a number that goes up with each new value. It stands for the
 * value wherever a plan has to see that the value changed; the value itself is in the secrets store only.
 */
export class Generations {
  /** The generations in a file; a file that does not exist has none yet. */
  public static fromFile(path: string): Generations {
    if (!fs.existsSync(path)) return new Generations(new Map(), path);
    return new Generations(parse(fs.readFileSync(path, "utf8"), path), path);
  }

  /** Generations that are not written anywhere, for tests, and fingerprints of some values. */
  public static inMemory(
    generations: Readonly<Record<string, number>> = {},
    fingerprints: Readonly<Record<string, string>> = {},
  ): Generations {
    return new Generations(asEntries(generations, fingerprints), undefined);
  }

  private saved: ReadonlyMap<string, Entry>;

  private constructor(
    private readonly map: Map<string, Entry>,
    private readonly path: string | undefined,
  ) {
    this.saved = new Map(map);
  }

  /** The file name, for messages. */
  public get label(): string {
    return this.path ?? "the list of generations";
  }

  /** The file, or undefined for generations in memory. */
  public get file(): string | undefined {
    return this.path;
  }

  /** All generations by the names of the secrets. */
  public get entries(): ReadonlyMap<string, number> {
    return new Map([...this.map].map(([name, { generation }]) => [name, generation]));
  }

  /** The same in memory only, over what another one has. */
  public copy(earlier?: Generations): Generations {
    return new Generations(new Map([...(earlier?.map ?? []), ...this.map]), undefined);
  }

  /** The generation of a secret, or undefined for one that is new. */
  public tryGet(name: string): number | undefined {
    return this.map.get(name)?.generation;
  }

  /**
   * The fingerprint of the value of that generation, by which two values of one generation are told apart, as two
   * branches make them. Undefined where the store keeps none, or did not when the value was stored.
   */
  public tryGetFingerprint(name: string): string | undefined {
    return this.map.get(name)?.fingerprint;
  }

  /** Sets the generation of a secret, and the fingerprint of its value; the file changes with `save()`. */
  public set(name: string, generation: number, fingerprint?: string): void {
    this.map.set(name, { generation, ...(fingerprint !== undefined && { fingerprint }) });
  }

  /** Forgets a secret whose value is gone; the file changes with `save()`. */
  public delete(name: string): void {
    this.map.delete(name);
  }

  /** Writes what changed, beside what others wrote in the meantime, whole or not at all. Tells whether anything did. */
  public save(): boolean {
    const { path, map, saved } = this;
    const isSaved = ([name, entry]: [string, Entry]): boolean =>
      version(name, saved.get(name)) === version(name, entry);
    const isComplete = [...saved.keys()].every((name) => map.has(name));
    if (path === undefined || (isComplete && [...map].every(isSaved))) return false;
    saveChanges(path, saved, map, { read: (text) => parse(text, path), write, entry: version });
    this.saved = new Map(map);
    return true;
  }
}

interface Entry {
  readonly generation: number;
  readonly fingerprint?: string;
}

function version(_name: string, entry: Entry | undefined): string {
  return entry?.fingerprint === undefined ? String(entry?.generation) : `${entry.generation}-${entry.fingerprint}`;
}

function asEntries(
  generations: Readonly<Record<string, number>>,
  fingerprints: Readonly<Record<string, string>>,
): Map<string, Entry> {
  return new Map(
    Object.entries(generations).map(([name, generation]) => {
      const fingerprint = fingerprints[name];
      return [name, { generation, ...(fingerprint !== undefined && { fingerprint }) }];
    }),
  );
}

function write(entries: ReadonlyMap<string, Entry>): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const generations = Object.fromEntries(sorted.map(([name, { generation }]) => [name, generation]));
  const fingerprints = Object.fromEntries(
    sorted.flatMap(([name, { fingerprint }]) => (fingerprint === undefined ? [] : [[name, fingerprint]])),
  );
  const has = Object.keys(fingerprints).length > 0;
  return `${JSON.stringify({ version: 1, generations, ...(has && { fingerprints }) }, null, 2)}\n`;
}

function parse(text: string, path: string): Map<string, Entry> {
  const {
    version,
    generations,
    fingerprints = {},
  } = (read(text, path) ?? {}) as {
    version?: unknown;
    generations?: Record<string, unknown> | null;
    fingerprints?: Record<string, unknown> | null;
  };
  if (version !== 1 || typeof generations !== "object" || generations === null) {
    throw new Error(`${path} must have "version": 1 and "generations", got version ${quote(version)}`);
  }
  for (const [name, generation] of Object.entries(generations)) {
    if (typeof generation !== "number" || !Number.isInteger(generation) || generation < 1) {
      throw new Error(
        `${path}: the generation of ${quote(name)} must be a whole number above zero, got ${quote(generation)}`,
      );
    }
  }
  for (const [name, fingerprint] of Object.entries(fingerprints ?? {})) {
    if (typeof fingerprint !== "string" || !/^[0-9a-f]{16}$/.test(fingerprint)) {
      throw new Error(
        `${path}: the fingerprint of ${quote(name)} must be 16 hexadecimal digits, got ${quote(fingerprint)}: remove the line, "homelab secrets generate" writes it again`,
      );
    }
  }
  // Both were looked at above.
  return asEntries(generations as Record<string, number>, (fingerprints ?? {}) as Record<string, string>);
}

function read(text: string, path: string): unknown {
  const line = text.split("\n").findIndex((one) => /^(<{7}|={7}|>{7})/.test(one));
  if (line >= 0) {
    throw new Error(
      `${path}, line ${line + 1}, has a conflict of a merge: take the lines of the side whose store you take, and give the secrets that the other side changed new values with "homelab secrets rotate"`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON, restore it from version control: ${(error as Error).message}`);
  }
}
