import * as fc from "fast-check";
import { EDITS } from "./edits";
import type { Played, Step } from "./steps";

/** Histories are drawn from this; each step of one makes sense whichever others are left out, so that it shrinks. */
export const HISTORIES: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.nat(3).map((drawn): Step[] => (drawn === 0 ? [{ do: "stage", on: 0 }] : [])),
    fc.record({ do: fc.constant("add" as const), on: fc.nat(4), to: fc.constant(0), how: fc.nat(6) }),
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: edit(fc.constantFrom(...EDITS)) },
        {
          weight: 6,
          arbitrary: edit(
            fc.constantFrom("rename", "renamePart", "renameCompanion", "swap", "tidy", "remove", "return", "add"),
          ),
        },
        {
          weight: 6,
          arbitrary: edit(
            fc.constantFrom(
              "add",
              "remove",
              "moveServer",
              "moveServer",
              "relocateDatabases",
              "moveToService",
              "takeOver",
            ),
          ),
        },
        { weight: 6, arbitrary: other(fc.constant("deploy")) },
        { weight: 3, arbitrary: other(fc.constantFrom("redeploy", "branch", "merge")) },
        { weight: 1, arbitrary: other(fc.constant("retire")) },
      ),
      { minLength: 3, maxLength: 14 },
    ),
  )
  .map(([stage, first, rest]) => [...stage, first, ...rest, { do: "merge", on: 0 }, { do: "deploy", on: 0 }]);

function edit(names: fc.Arbitrary<(typeof EDITS)[number]>): fc.Arbitrary<Step> {
  const number = fc.nat(7);
  return fc
    .record({ do: names, on: number, to: number, how: number, skipped: fc.nat(4) })
    .map(({ skipped, ...drawn }) => (skipped === 1 ? { ...drawn, synthesized: false } : drawn));
}

function other(names: fc.Arbitrary<"deploy" | "redeploy" | "branch" | "merge" | "retire">): fc.Arbitrary<Step> {
  return fc.record({ do: names, on: fc.nat(5) });
}

/** What a test says of a history that broke a promise: a script that can be pasted into a test, and what it does. */
export function told(steps: readonly Step[], { story, broken }: Played): string {
  const script = ["play([", ...steps.map((step) => `  ${JSON.stringify(step)},`), "], folder)"];
  return [...script, "", ...story, broken ?? ""].join("\n");
}

/** Leaves out of a history what it fails without. */
export async function shrink(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => Promise<boolean>,
): Promise<Step[]> {
  let least = [...steps];
  for (let index = 0; index < least.length;) {
    const fewer = least.toSpliced(index, 1);
    if (await fails(fewer)) least = fewer;
    else index += 1;
  }
  return least;
}
