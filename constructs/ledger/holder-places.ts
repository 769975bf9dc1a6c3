import type { HolderRequest } from "./holder";
import type { Where } from "../../contract/holder-stacks";
import { kindOf, type HolderKind, type HolderPlace, type LedgerEntry } from "../../contract/ledger-entry";
import { samePlace } from "./ledger-names";

/**
 * The places in which the ledger has a holder as the code wants it: where it is, then where it was before and left a copy,
 * the latest first. There are several where other stacks had it.
 */
export function knownPlaces(entry: LedgerEntry, request: HolderRequest): HolderPlace[] {
  const left = (entry.previous ?? []).toReversed();
  return [
    ...(isKeptBy(entry, request) ? [placeOf(entry)] : []),
    ...left.filter((place) => isKeptBy({ ...place, kind: kindOf(place) ?? entry.kind }, request)),
  ];
}

/** Whether what the ledger has is where the code wants it: on the host or server, as the kind, in the layout. */
export function isKeptBy(
  entry: HolderPlace & { readonly kind: HolderKind },
  { kind, place, root }: Pick<HolderRequest, "kind" | "place" | "root">,
): boolean {
  if (entry.kind !== kind || !samePlace(entry, place)) return false;
  if (root === undefined || kind !== "folder") return true;
  return entry.name.startsWith(`${root}/`) && entry.name.slice(root.length + 1).split("/").length === 2;
}

/** A place alone, of an entry that has more. */
export function placeOf(place: HolderPlace): HolderPlace {
  const { address, formerAddresses, name } = place;
  return { ...whereOf(place), address, ...(formerAddresses && { formerAddresses }), name };
}

/** Where something is, and which state has it. */
export function whereOf({ host, server, stack }: Where): Where {
  return {
    ...(host !== undefined && { host }),
    ...(server !== undefined && { server }),
    ...(stack !== undefined && { stack }),
  };
}

/** Whether a place that was left is the one that is used again. */
export function isSame(place: HolderPlace, now: LedgerEntry): boolean {
  return samePlace(place, now) && place.stack === now.stack && kindOf(place) === now.kind && place.name === now.name;
}
