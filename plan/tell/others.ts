import { MANIFEST, type Difference } from "../differences";
import type { Finding } from "../findings";

/** From so many on, differences of one kind are told together. */
const MANY = 4;

/** What no rule knows: each with its path, many of one kind together. */
export function tellOthers(differences: readonly Difference[]): Finding[] {
  const kinds = new Map<string, Difference[]>();
  for (const difference of differences) {
    const kind = kindOf(difference);
    kinds.set(kind, [...(kinds.get(kind) ?? []), difference]);
  }
  return [...kinds.values()].flatMap((same) => {
    const [first] = same;
    if (!first || same.length < MANY) return same.map(tellOther);
    const where = `${dotted(first.path)} and ${same.length - 1} alike in ${first.document}`;
    return [finding(where, `${where}: ${what(first)}`)];
  });
}

function tellOther(difference: Difference): Finding {
  const { document, path, before, after } = difference;
  const where = path.length === 0 ? document : `${dotted(path)} of ${document}`;
  const values = isHarmless(difference) ? `${worded(before)} → ${worded(after)}` : what(difference);
  return finding(where, `${where}: ${values}`);
}

function finding(path: string, message: string): Finding {
  return { concern: "other", severity: "note", kind: "difference", subject: path, message, path };
}

/** The path without what names single things, and what happens there. */
function kindOf(difference: Difference): string {
  const { document, stack, path } = difference;
  const named = stack === undefined ? [0, 1, 3] : [0, 1, 3, 4, 5];
  return [
    document,
    what(difference),
    path.length,
    ...path.filter((_, index) => named.includes(index) && index !== 1),
  ].join(" ");
}

function what({ before, after }: Difference): string {
  if (before === undefined) return "is new";
  return after === undefined ? "is gone" : "is another";
}

/** The manifest has no value of a secret; of stacks only what can't be one is shown. */
function isHarmless({ document, before, after }: Difference): boolean {
  return [before, after].every(
    (value) =>
      value === undefined ||
      typeof value === "boolean" ||
      (document === MANIFEST && (typeof value === "number" || (typeof value === "string" && value.length <= 60))),
  );
}

function worded(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** A path as it is read: `services.wiki.backups.nightly.at`. */
export function dotted(path: readonly string[]): string {
  return path.map((step) => (/^[\w-]+$/.test(step) ? step : JSON.stringify(step))).join(".");
}
