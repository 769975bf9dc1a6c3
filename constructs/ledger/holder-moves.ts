import type { Holder } from "./holder";
import { relocation } from "./holder-messages";
import { isKeptBy, isSame, placeOf } from "./holder-places";
import { relocationRule } from "../../contract/reasons";
import { hasData, type HolderPlace, type LedgerEntry } from "../../contract/ledger-entry";

/** Where the ledger has a holder already. */
export interface Placed extends Holder {
  /** Its place as the ledger has it, for each stack that had it there; none where it starts. */
  readonly known: readonly HolderPlace[];
  /**
   * That of them which is in the state of its stack.
   *
   * @default - its stack never had it there
   */
  readonly there?: HolderPlace;
}

/**
 * What the ledger has of a holder that stays, goes elsewhere or comes back: the places that it left as well. A finding
 * where nobody says how its data follows. What was said of the last move counts for that one, though it may stay in the code.
 *
 * @param isServer - whether it belongs to a database server that the lab runs
 */
export function afterMove(
  holder: Placed,
  before: LedgerEntry,
  now: LedgerEntry,
  isServer: boolean,
): LedgerEntry | string {
  const { known, there, owner, part } = holder;
  const isKept = isKeptBy(before, holder);
  const isAsked = !isKept && hasData(now);
  const reason = isAsked ? owner.acknowledged(relocationRule(part)) : before.relocation;
  if (isAsked && (reason === undefined || reason === before.relocation))
    return relocation(holder, before, { known: known[0], isServer });
  const isThere = isKept && there !== undefined && there === known[0];
  const previous = isThere ? before.previous : [...(before.previous ?? []), placeOf(before)];
  const left = previous?.filter((place) => !isSame(place, now));
  return {
    ...now,
    ...(left && left.length > 0 && { previous: left }),
    ...(reason !== undefined && { relocation: reason }),
  };
}
