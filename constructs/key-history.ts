/** A key that something may have had before a rename, as the code says with `formerly`. */
export interface FormerKey {
  readonly key: string;
  /** Whether the code names the whole key, and not one step of it that is renamed for all that it leads to. */
  readonly isWhole: boolean;
}

/** What the ledger knows under a key. */
export interface Remembered {
  /** @default - it was never renamed */
  readonly formerKeys?: readonly string[];
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
 * All keys that something had before, each once, in the order in which it last had them.
 *
 * @param isTaken - whether something else has a key: then this never had it, not even in between
 */
export function formerKeysOf(key: string, keys: readonly string[], isTaken: (key: string) => boolean): Remembered {
  const all = keys.flatMap((one, index) =>
    index < keys.length - 1 ? [one] : [one, ...between(one, key).filter((way) => !isTaken(way))],
  );
  const former = all.filter((one, index) => one !== key && all.lastIndexOf(one) === index);
  return former.length > 0 ? { formerKeys: former } : {};
}

/** For each beginning of a present key what its last step was called before, the latest or all of it. */
export function formerSteps(
  histories: Iterable<readonly [string, Remembered]>,
  which: "latest" | "all",
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [key, { formerKeys = [] }] of histories) {
    const now = key.split("/");
    const before = formerKeys.map((former) => former.split("/"));
    for (const [index, step] of now.entries()) {
      const comparable = index === 0 ? before : before.filter(({ length }) => length === now.length);
      const were = comparable.flatMap((steps) => steps[index] ?? []).filter((other) => other !== step);
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
  const [own, way] = [before.slice(before.lastIndexOf("/")), now.slice(0, now.lastIndexOf("/"))];
  return stepsBetween(before, now) > 1 ? [`${way}${own}`] : [];
}

/** How many steps of two keys differ. */
export function stepsBetween(key: string, other: string): number {
  const steps = key.split("/");
  return other.split("/").filter((step, index) => step !== steps[index]).length;
}
