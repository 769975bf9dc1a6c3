import { keyOf, partsOf, type Code, type Part, type PlacedPart } from "./code";
import type { Files } from "./synthesis";

/** What each ledger key means to the person: the datum that has it, and how many had it so far. */
export interface Meaning {
  readonly data: Readonly<Record<string, string>>;
  readonly made: Readonly<Record<string, number>>;
}

/** A commit: code that was synthesized, with the files that the synthesis wrote. */
export interface Commit {
  readonly code: Code;
  readonly files: Files;
  readonly meaning: Meaning;
}

/** The first commit of a lab. */
export const FIRST: Commit = {
  code: { layouts: { "app-01": "volumes", "app-02": "folders" }, own: { at: "nowhere" }, services: [] },
  files: { ledger: "", generations: {} },
  meaning: { data: {}, made: {} },
};

/**
 * Says of each part what its data is: what the person renamed, else what is known by its key or by a name that it had,
 * else something new. That is the promise, without the library: its synthesis has to come to the same.
 */
export function understand(code: Code, { data, made }: Meaning): Meaning {
  const placed = code.services.flatMap(partsOf).filter(({ part }) => hasDatum(part));
  const claimed = new Set(placed.map(({ part }) => part.datum));
  const counts = { ...made };
  for (const one of placed) {
    if (one.part.datum !== undefined) continue;
    const known = keysOf(one)
      .map((key) => data[key])
      .find((datum) => datum !== undefined && !claimed.has(datum));
    const key = keyOf(one);
    if (known === undefined) counts[key] = (counts[key] ?? 0) + 1;
    one.part.datum = known ?? `${key}~${counts[key]}`;
    claimed.add(one.part.datum);
  }
  const meant = Object.fromEntries(placed.map((one) => [keyOf(one), one.part.datum ?? ""]));
  const others = Object.entries(data).filter(([, datum]) => !claimed.has(datum));
  return { data: { ...Object.fromEntries(others), ...meant }, made: counts };
}

/** A synthesis saw the code: what is renamed from here on was called so. */
export function settle(code: Code): void {
  for (const service of code.services) {
    service.known = service.name;
    for (const [key, companion] of Object.entries(service.companions)) companion.known = key;
    for (const { key, part } of partsOf(service)) part.known = key;
  }
}

function hasDatum({ kind }: Part): boolean {
  return kind === "volume" || kind === "database" || kind === "secret";
}

/** The keys under which a part may be known: what was renamed since the last synthesis first, then its own, then others. */
function keysOf(placed: PlacedPart): string[] {
  const { service, companion, path: inside, key, part } = placed;
  if (part.formerly?.includes("/")) return [part.formerly, keyOf(placed)];
  const steps = [
    [service.name, service],
    ...(companion ? [[inside[0] ?? "", companion] as const] : []),
    [key, part],
  ] as const;
  const recent = steps.map(([now, { known, formerly }]) =>
    formerly !== undefined && formerly === known ? known : now,
  );
  const all = steps.reduce<string[]>(
    (ways, [now, { formerly }]) =>
      [now, ...(formerly === undefined || formerly === now ? [] : [formerly])].flatMap((step) =>
        ways.map((way) => (way === "" ? step : `${way}/${step}`)),
      ),
    [""],
  );
  return [recent.join("/"), keyOf(placed), ...all];
}
