import { quote } from "../../contract/text";
import type { PartFacts } from "../../contract/service-facts";

/** What a part says of itself, without where it is. */
export type Said<T extends PartFacts> = Omit<T, keyof PartFacts>;

/**
 * A list in which parts of one kind say what they are, for the manifest and whatever reads it. The file of a concern
 * makes its list; nothing else names it.
 *
 * @typeParam T - one entry, with the part and the container that say it
 */
export class FactList<T extends PartFacts> {
  private static readonly names = new Set<string>();

  /** What an entry is, for the compiler alone. */
  declare public readonly entry: T;

  /**
   * Makes a list.
   *
   * @param name - its name in the manifest, of each service; throws where another list has it
   */
  public constructor(public readonly name: string) {
    if (typeof name !== "string" || !/^[a-z][A-Za-z0-9]*$/.test(name))
      throw new Error(`a list of facts must be named like a word of code, for example "metrics", got ${quote(name)}`);
    if (FactList.names.has(name))
      throw new Error(`the list of facts ${quote(name)} is made twice: give one of them another name`);
    FactList.names.add(name);
  }
}

/** All that the parts of a service say, by list. */
export class Facts {
  private readonly lists = new Map<string, PartFacts[]>();

  /** Adds what a part says. */
  public add<T extends PartFacts>(list: FactList<T>, where: PartFacts, fact: Said<T>): void {
    const known = this.lists.get(list.name) ?? [];
    this.lists.set(list.name, known);
    known.push({ ...fact, ...where });
  }

  /** What was said in a list. */
  public of<T extends PartFacts>(list: FactList<T>): readonly T[] {
    return (this.lists.get(list.name) ?? []) as unknown as readonly T[]; // whoever said it was held to the list's type
  }

  /** Everything, by the names of the lists. */
  public get all(): Readonly<Record<string, readonly PartFacts[]>> {
    return Object.fromEntries(this.lists);
  }
}
