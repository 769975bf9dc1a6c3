import { between, formerSteps, stepsBetween, type FormerKey, type Remembered } from "./key-history";
import { quote } from "../../contract/text";

/** What a key turned out to be. */
export interface Identity {
  /**
   * The key under which the ledger has it.
   *
   * @default - it is new
   */
  readonly found?: string;
  /** Keys that it may have had before the ledger remembered any, the oldest first. */
  readonly believed: readonly string[];
}

/**
 * A `formerly` that the history does not bear out: `unknown`, where a new thing was to be one of a whole key that nothing
 * has or had; `both`, where a thing that has an entry of its own would leave it to
 * nobody; `left`, where a new thing lies beside an entry to which a rename that is done would have led; `again`, where a
 * rename is done, and something else has had the former key since, so that it may be meant once more.
 */
export interface Contradiction {
  readonly kind: "unknown" | "both" | "left" | "again";
  readonly key: string;
  readonly former: string;
  readonly subject: string;
}

interface Claim {
  readonly by: string;
  readonly subject: string;
  readonly isOwn: boolean;
}

/**
 * Which entry of the ledger is which thing of the code: by its key, or by a key that it had before. Each entry is one
 * thing's, whatever the order in which the code declares them. `formerly` that has done its work, and stays in the code,
 * says nothing any more: the history tells.
 */
export class Renames {
  private readonly claims = new Map<string, Claim>();
  private readonly displaced: Contradiction[] = [];
  private readonly beside: Contradiction[] = [];
  private readonly repeated: Contradiction[] = [];
  private readonly unheard: Contradiction[] = [];
  private readonly steps: ReadonlyMap<string, ReadonlySet<string>>;
  private every: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  private readonly current: ReadonlySet<string>;
  private readonly byFormerKey: ReadonlyMap<string, readonly string[]>;

  /**
   * @param known - the entries by key
   * @param histories - all entries whose keys say something about the renames of services, those of other kinds as well
   */
  public constructor(
    private readonly known: ReadonlyMap<string, Remembered>,
    private readonly histories: Iterable<readonly [string, Remembered]> = [...known],
  ) {
    this.steps = formerSteps(histories, "latest");
    this.current = new Set([...known.keys()].flatMap(prefixes));
    const byFormerKey = new Map<string, string[]>();
    for (const [key, { formerKeys = [] }] of known)
      for (const former of formerKeys) byFormerKey.set(former, [...(byFormerKey.get(former) ?? []), key]);
    this.byFormerKey = byFormerKey;
  }

  /** Which entry a key would be, without taking it. */
  public find(key: string, former: readonly FormerKey[]): string | undefined {
    return this.fresh(key, former) ?? (this.known.has(key) ? key : this.skipped(key, former));
  }

  /** Takes the entry of a thing. Throws when another thing has it. */
  public take(key: string, former: readonly FormerKey[], subject: string): Identity {
    const fresh = this.fresh(key, former);
    const isKnown = this.known.has(key);
    if (fresh !== undefined) {
      this.claim(fresh, { by: key, subject, isOwn: false });
      if (isKnown) this.displaced.push({ kind: "both", key, former: fresh, subject });
      this.noteRepeated(fresh, { key, former, subject });
      return { found: fresh, believed: [] };
    }
    if (isKnown && this.claims.get(key)?.isOwn !== false) {
      this.claim(key, { by: key, subject, isOwn: true });
      this.noteRepeated(key, { key, former, subject });
      return { found: key, believed: this.believed(key, former) };
    }
    const skipped = isKnown ? undefined : this.skipped(key, former);
    if (skipped !== undefined) {
      this.claim(skipped, { by: key, subject, isOwn: false });
      return { found: skipped, believed: [] };
    }
    for (const { named } of former) {
      if (named !== undefined && this.known.size > 0 && !this.hasHeardOf(named))
        this.unheard.push({ kind: "unknown", key, former: named, subject });
    }
    for (const left of this.leftBehind(key, former)) this.beside.push({ kind: "left", key, former: left, subject });
    return { believed: this.believed(key, former) };
  }

  /** What does not agree with the history, once everything is declared. */
  public contradictions(): readonly Contradiction[] {
    return [
      ...this.unheard,
      ...this.displaced.filter(({ key }) => !this.claims.has(key)),
      ...[...this.beside, ...this.repeated].filter(({ former }) => !this.claims.has(former)),
    ];
  }

  /** All names that what leads to a key ever had; asked for where something is new, or a rename may be meant once more. */
  private get earlier(): ReadonlyMap<string, ReadonlySet<string>> {
    this.every ??= formerSteps(this.histories, "all");
    return this.every;
  }

  /** Whether anything has or had a key, or lay in what had it. */
  private hasHeardOf(named: string): boolean {
    const isIt = (key: string): boolean => key === named || key.startsWith(`${named}/`) || key.startsWith(`${named}.`);
    return [...this.known].some(([key, { formerKeys = [] }]) => isIt(key) || formerKeys.some(isIt));
  }

  private noteRepeated(
    entry: string,
    { key, former, subject }: { readonly key: string; readonly former: readonly FormerKey[]; readonly subject: string },
  ): void {
    for (const way of former) {
      if (way.key !== key && this.known.has(way.key) && this.wouldHaveHad(entry, key, way.key))
        this.repeated.push({ kind: "again", key, former: way.key, subject });
    }
  }

  private claim(entry: string, claim: Claim): void {
    const other = this.claims.get(entry);
    if (other && (other.by !== claim.by || other.isOwn !== claim.isOwn)) throw new Error(refusal(entry, other, claim));
    this.claims.set(entry, claim);
  }

  /**
   * Entries that a former key leads to. Several may, where a service and its part are renamed and something else is known
   * by one of both names. One whose part was renamed already is not looked for by what the part was before; of others
   * the one comes first that has the most of the former names.
   */
  private candidates(key: string, former: readonly FormerKey[]): FormerKey[] {
    const renamed = (way: FormerKey): number => stepsBetween(key, way.key);
    const known = former.filter((way) => way.key !== key && this.known.has(way.key));
    return known
      .filter((way) => !known.some((other) => renamed(other) < renamed(way) && this.hadKey(other.key, way.key)))
      .sort((one, other) => renamed(other) - renamed(one));
  }

  /**
   * Entries that a new thing may be: by a former key, or by any name that what leads to it ever had. A branch adds a part
   * while another one renames its service, perhaps twice, and 'formerly' has the last name only, or is tidied away.
   */
  private leftBehind(key: string, former: readonly FormerKey[]): string[] {
    const now = key.split("/");
    const earlier = now.reduce<string[][]>(
      (ways, step, index) => {
        const names = this.earlier.get(now.slice(0, index + 1).join("/")) ?? [];
        return [step, ...names].flatMap((name) => ways.map((way) => [...way, name]));
      },
      [[]],
    );
    const known = [
      ...this.candidates(key, former).map((way) => way.key),
      ...earlier.map((way) => way.join("/")).filter((one) => this.known.has(one)),
    ];
    return [...new Set(known)].filter((one) => one !== key);
  }

  /** Whether an entry had a key, or would have if what leads to it had been renamed before. */
  private wouldHaveHad(entry: string, key: string, former: string): boolean {
    const [found, now, steps] = [entry.split("/"), key.split("/"), former.split("/")];
    const keys = this.known.get(entry)?.formerKeys ?? [];
    return keys.some((one, index) => {
      // Where it was all renamed at once, and is not known by what would be in between, something else had that.
      if (between(one, keys[index + 1] ?? entry).includes(former)) return false;
      const before = one.split("/");
      return (
        before.length === steps.length &&
        before.every((step, index) => {
          const to = steps[index] ?? "";
          if (step === to || index === steps.length - 1) return step === to;
          const isRenamedNow = found[index] === step && now[index] === to;
          return isRenamedNow || this.earlier.get(steps.slice(0, index + 1).join("/"))?.has(step) === true;
        })
      );
    });
  }

  private hadKey(key: string, former: string): boolean {
    return this.known.get(key)?.formerKeys?.includes(former) === true;
  }

  /** The entry of a former key, where the rename is not done yet. */
  private fresh(key: string, former: readonly FormerKey[]): string | undefined {
    return this.candidates(key, former).find((way) => !this.isDone(key, way))?.key;
  }

  /** The entry that had the former key before it got another one, which the code never had or has no more. */
  private skipped(key: string, former: readonly FormerKey[]): string | undefined {
    return former
      .filter((way) => !this.isDone(key, way))
      .flatMap((way) => this.byFormerKey.get(way.key) ?? [])
      .find((entry) => entry !== key);
  }

  /** Whether a rename is in the history already. */
  private isDone(key: string, { key: former, isWhole }: FormerKey): boolean {
    if (isWhole) return this.hadKey(key, former);
    const [now, before] = [key.split("/"), former.split("/")];
    return now.some((step, index) => {
      const was = before[index] ?? step;
      return was !== step && this.steps.get(now.slice(0, index + 1).join("/"))?.has(was) === true;
    });
  }

  /**
   * Renames that the ledger knows nothing of: they were before it was kept, or before it remembered keys. Of what is
   * below a name that it does know, it knows all.
   */
  private believed(key: string, former: readonly FormerKey[]): string[] {
    if (this.known.get(key)?.formerKeys) return [];
    const now = key.split("/");
    return former
      .filter((way) => way.key !== key && !this.known.has(way.key) && !this.isDone(key, way))
      .filter(({ key: way }) => {
        const steps = way.split("/");
        const first = steps.findIndex((step, index) => step !== now[index]);
        return !this.current.has(steps.slice(0, first + 1).join("/"));
      })
      .map((way) => way.key);
  }
}

function refusal(entry: string, one: Claim, other: Claim): string {
  const [own, renamed] = one.isOwn ? [one, other] : [other, one];
  if (!own.isOwn)
    return `${other.subject}: ${quote(one.by)} and ${quote(other.by)} were both ${quote(entry)}, as 'formerly' says: remove it from one of them`;
  return `${renamed.subject}: 'formerly' says that ${quote(renamed.by)} was ${quote(entry)}, which ${own.subject} has: remove 'formerly', or, where ${own.subject} is new and takes the name, declare what was renamed before it`;
}

function prefixes(key: string): string[] {
  const steps = key.split("/");
  return steps.map((_step, index) => steps.slice(0, index + 1).join("/"));
}
