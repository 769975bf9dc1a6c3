import * as fs from "node:fs";
import { quote } from "./text";
import { writeFileAtomically } from "./write-file";

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

  private changed = false;

  private constructor(
    private readonly map: Map<string, number>,
    private readonly path: string | undefined,
  ) {}

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
    if (this.map.get(name) === generation) return;
    this.map.set(name, generation);
    this.changed = true;
  }

  /** Writes the file if a generation changed, whole or not at all. Tells whether it did. */
  public save(): boolean {
    if (!this.changed || this.path === undefined) return false;
    const sorted = [...this.map].sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileAtomically(
      this.path,
      `${JSON.stringify({ version: 1, generations: Object.fromEntries(sorted) }, null, 2)}\n`,
    );
    this.changed = false;
    return true;
  }
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
