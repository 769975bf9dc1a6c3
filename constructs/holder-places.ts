import type { HolderRequest } from "./holder";
import { kindOf, type HolderKind, type HolderPlace, type LedgerEntry } from "./ledger-entry";
import { samePlace } from "./ledger-names";

/** Where the ledger has a holder as the code wants it: where it is, or where it was before and left a copy. */
export function knownPlace(entry: LedgerEntry, request: HolderRequest): HolderPlace | undefined {
  if (isKeptBy(entry, request)) return placeOf(entry);
  return entry.previous?.findLast((place) => isKeptBy({ ...place, kind: kindOf(place) ?? entry.kind }, request));
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
export function placeOf({ host, server, address, formerAddresses, name }: HolderPlace): HolderPlace {
  return {
    ...(host !== undefined && { host }),
    ...(server !== undefined && { server }),
    address,
    ...(formerAddresses && { formerAddresses }),
    name,
  };
}

/** Whether a place that was left is the one that is used again. */
export function isSame(place: HolderPlace, now: LedgerEntry): boolean {
  return samePlace(place, now) && kindOf(place) === now.kind && place.name === now.name;
}
