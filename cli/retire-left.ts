import { stacksIn, stacksOf } from "../constructs/holder-stacks";
import { addressesOf, type LedgerEntry } from "../constructs/ledger-entry";
import type { Manifest } from "../constructs/manifest";
import { readState } from "../deploy/stack-state";
import { inParallel } from "../offline/in-parallel";
import { readStacks } from "../offline/providers";
import { Children } from "../plan/children";
import { untilEnd } from "../plan/until-end";
import { UserError } from "./manifest";

/** Refuses to forget what was retired while a state still has it: whatever got its address would get the thing itself. */
export async function refuseWhatIsLeft(
  keys: readonly string[],
  retired: ReadonlyMap<string, LedgerEntry>,
  manifest: Manifest,
  out: string,
): Promise<void> {
  if (keys.length === 0) return;
  const places = keys.flatMap((key) => {
    const entry = retired.get(key);
    return entry
      ? [entry, ...(entry.previous ?? [])].map((place) => ({
          key,
          place,
          stacks: stacksOf({ ...entry, key }, place, stacksIn(manifest)),
        }))
      : [];
  });
  const stacks = readStacks(out).filter(({ name }) => places.some((one) => one.stacks.includes(name)));
  const children = new Children();
  const left = await untilEnd((defer) => {
    defer(() => children.end());
    return inParallel(stacks, async (stack) => {
      const known = new Set((await readState(stack, children))?.map(({ address }) => address));
      return places
        .filter((one) => one.stacks.includes(stack.name))
        .flatMap(({ key, place }) =>
          addressesOf(place)
            .filter((address) => known.has(address))
            .map(
              (address) =>
                `${JSON.stringify(key)} is still in the state of stack ${JSON.stringify(stack.name)}, as ${address}: deploy that stack first`,
            ),
        );
    });
  });
  if (left.length > 0) throw new UserError(left.join("\n"));
}
