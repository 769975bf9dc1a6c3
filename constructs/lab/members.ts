import type { IConstruct } from "constructs";
import { Lab, type LabConcern } from "./lab";
import { quote } from "../../contract/text";

/** What a lab has of one kind, by name: its hosts, its zones, its services. */
export class Members<T extends IConstruct> implements LabConcern {
  private readonly byName = new Map<string, T>();

  /**
   * Makes an empty collection.
   *
   * @param kind - what they are, for messages: `host`
   * @param concern - what they have to say, all together
   */
  public constructor(
    private readonly kind: string,
    private readonly concern: {
      readonly findings?: (all: readonly T[]) => readonly string[];
      readonly sections: (all: readonly T[]) => Readonly<Record<string, unknown>>;
    },
  ) {}

  /** Takes a member, and refuses a second one with the same name. */
  public add(name: string, member: T): void {
    Lab.of(member).checkOpen(`${this.kind} ${quote(name)} is declared`);
    const other = this.byName.get(name);
    if (other) {
      throw new Error(
        `${this.kind} ${quote(name)} is declared twice, in ${other.node.path} and in ${member.node.path}: rename or remove one`,
      );
    }
    this.byName.set(name, member);
  }

  /** One by its name, if there is one. */
  public get(name: string): T | undefined {
    return this.byName.get(name);
  }

  /** All of them, sorted by name. */
  public get all(): readonly T[] {
    return [...this.byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member);
  }

  /** What is wrong with them. */
  public findings(): readonly string[] {
    return this.concern.findings?.([...this.byName.values()]) ?? [];
  }

  /** What the manifest tells of them. */
  public sections(): Readonly<Record<string, unknown>> {
    return this.concern.sections(this.all);
  }
}
