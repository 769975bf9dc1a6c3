/** A key that something may have had before a rename, as the code says with `formerly`. */
export interface FormerKey {
  readonly key: string;
  /** Whether the code names the whole key, and not one step of it that is renamed for all that it leads to. */
  readonly isWhole: boolean;
  /**
   * What the code names as a whole: the key itself, or that of the part or companion which holds more than one thing.
   *
   * @default - it names no whole key, or the one of a secret
   */
  readonly named?: string;
}

/** What the ledger knows under a key. */
export interface Remembered {
  /** @default - it was never renamed */
  readonly formerKeys?: readonly string[];
  /**
   * The last of them that the code named as a whole: from there it came out of another container or service, and what it
   * was called until then says nothing of how these were renamed.
   *
   * @default - it was always where it is
   */
  readonly movedFrom?: string;
}

/** All ways from before renames to now, some of whose steps have their former names: several are renamed in turn. */
export function waysFrom(former: readonly string[], now: readonly string[]): FormerKey[] {
  return now
    .reduce<string[][]>(
      (paths, id, index) =>
        [...new Set([id, former[index] ?? id])].flatMap((step) => paths.map((path) => [...path, step])),
      [[]],
    )
    .filter((path) => path.some((id, index) => id !== now[index]))
    .map((path) => ({ key: path.join("/"), isWhole: false }));
}

/**
 * All keys that something had before, each once, in the order in which it last had them, and where it came from.
 *
 * @param before - what the ledger has of it
 * @param found - the key under which the ledger has it, if it has it
 * @param believed - keys that it had before the ledger remembered any
 * @param whole - the key that the code names as a whole
 * @param isTaken - whether something else has a key: then this never had it, not even in between
 */
export function formerKeysOf(
  key: string,
  before: Remembered | undefined,
  { found, believed = [], whole, isTaken }: Whence,
): Remembered {
  const keys = [...(before?.formerKeys ?? []), ...believed, ...(found === undefined ? [] : [found])];
  const all = keys.flatMap((one, index) =>
    index < keys.length - 1 || whole !== undefined ? [one] : [one, ...between(one, key).filter((way) => !isTaken(way))],
  );
  const former = all.filter((one, index) => one !== key && all.lastIndexOf(one) === index);
  const isNow = found !== undefined && found !== key;
  const from = whole === undefined ? before?.movedFrom : isNow ? found : (before?.movedFrom ?? whole);
  const isElsewhere = from !== undefined && former.includes(from) && wayTo(from) !== wayTo(key);
  return { ...(former.length > 0 && { formerKeys: former }), ...(isElsewhere && { movedFrom: from }) };
}

/** How something came to its key. */
interface Whence {
  readonly found: string | undefined;
  /** @default - none */
  readonly believed?: readonly string[];
  readonly whole: string | undefined;
  readonly isTaken: (key: string) => boolean;
}

/** For each beginning of a present key what its last step was called before, the latest or all of it. */
export function formerSteps(
  histories: Iterable<readonly [string, Remembered]>,
  which: "latest" | "all",
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [key, { formerKeys = [], movedFrom }] of histories) {
    const now = key.split("/");
    const here = movedFrom === undefined ? formerKeys : formerKeys.slice(formerKeys.indexOf(movedFrom) + 1);
    const before = here.map((former) => former.split("/")).filter(({ length }) => length === now.length);
    for (const [index, step] of now.entries()) {
      const were = before.flatMap((steps) => steps[index] ?? []).filter((other) => other !== step);
      if (were.length === 0) continue;
      const prefix = now.slice(0, index + 1).join("/");
      const known = found.get(prefix) ?? [];
      found.set(prefix, new Set([...known, ...(which === "all" ? were : were.slice(-1))]));
    }
  }
  return found;
}

/** The key that something had in between, when all that leads to it and its own last step were renamed at once. */
export function between(before: string, now: string): string[] {
  const own = before.slice(before.lastIndexOf("/"));
  return stepsBetween(before, now) > 1 ? [`${wayTo(now)}${own}`] : [];
}

/** The key of the container, or the service, that leads to something. */
function wayTo(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}

/** How many steps of two keys differ. */
export function stepsBetween(key: string, other: string): number {
  const steps = key.split("/");
  return other.split("/").filter((step, index) => step !== steps[index]).length;
}
