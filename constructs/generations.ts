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

  /** Generations that are not written anywhere, for tests. */
  public static inMemory(generations: Readonly<Record<string, number>> = {}): Generations {
    return new Generations(new Map(Object.entries(generations)), undefined);
  }

  private saved: ReadonlyMap<string, number>;

  private constructor(
    private readonly map: Map<string, number>,
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
    return this.map;
  }

  /** The generation of a secret, or undefined for one that is new. */
  public tryGet(name: string): number | undefined {
    return this.map.get(name);
  }

  /** Sets the generation of a secret; the file changes with `save()`. */
  public set(name: string, generation: number): void {
    this.map.set(name, generation);
  }

  /** Writes what changed, beside what others wrote in the meantime, whole or not at all. Tells whether anything did. */
  public save(): boolean {
    const { path, map, saved } = this;
    if (path === undefined || [...map].every(([name, generation]) => saved.get(name) === generation)) return false;
    saveChanges(path, saved, map, {
      read: (text) => parse(text, path),
      write,
      entry: (_name, generation) => String(generation),
    });
    this.saved = new Map(map);
    return true;
  }
}

function write(generations: ReadonlyMap<string, number>): string {
  const sorted = [...generations].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ version: 1, generations: Object.fromEntries(sorted) }, null, 2)}\n`;
}

function parse(text: string, path: string): Map<string, number> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON, restore it from version control: ${(error as Error).message}`);
  }
  const { version, generations } = (document ?? {}) as {
    version?: unknown;
    generations?: Record<string, unknown> | null;
  };
  if (version !== 1 || typeof generations !== "object" || generations === null) {
    throw new Error(`${path} must have "version": 1 and "generations", got version ${quote(version)}`);
  }
  return new Map(
    Object.entries(generations).map(([name, generation]) => {
      if (typeof generation !== "number" || !Number.isInteger(generation) || generation < 1) {
        throw new Error(
          `${path}: the generation of ${quote(name)} must be a whole number above zero, got ${quote(generation)}`,
        );
      }
      return [name, generation];
    }),
  );
}
