import type { Holder, HolderRequest } from "./holder";
import type { Ledger } from "../../contract/ledger";
import { nearest } from "../../contract/nearest";
import type { HolderPlace, LedgerEntry } from "../../contract/ledger-entry";
import { placeName, samePlace, type Namesake } from "./ledger-names";
import type { Contradiction } from "./renames";
import { relocationRule } from "../../contract/reasons";
import { quote } from "../../contract/text";

/** A holder in messages. */
export function subjectOf({ owner, part }: HolderRequest): string {
  return `service ${quote(owner.name)}: part ${quote(part)}`;
}

/** Refuses a name that something has which may be there still, whether the code declares it or not. */
export function nameTaken(request: HolderRequest, other: Namesake, wasIt: boolean): string {
  const { kind, place, defaultName, key } = request;
  const what = other.place.name === defaultName ? "is that" : `is, holds or lies in ${quote(other.place.name)}`;
  const was = wasIt ? `, which was ${quote(key)}` : "";
  return `${subjectOf(request)}: ${kind} ${quote(defaultName)} on ${placeName(place)} ${what} of ${quote(other.key)} in the ledger${was}: if it is the same, say so with 'formerly', else give it a 'name' of its own or another key, or let go of what nothing declares any more with "homelab retire ${other.key}"`;
}

/** Refuses the key or the name of what was retired and may be there still. */
export function retiredName(
  { owner, part, kind, key }: HolderRequest,
  name: string,
  found: string,
  ledger: string,
): string {
  return `service ${quote(owner.name)}: part ${quote(part)} would be ${kind} ${quote(name)}, and ${quote(found)} of ${ledger} was retired with that key or name: deploy, destroy what is left of it, then take its line out with "homelab retire ${found}", or give the part another key${found === key ? "" : " or 'name'"}`;
}

/** Refuses a `formerly` that does not agree with the history. */
export function contradiction(
  { kind, key, former, subject }: Contradiction,
  { label: ledger, entries }: Pick<Ledger, "label" | "entries">,
): string {
  if (kind === "unknown") {
    const near = nearest(former, entries.keys());
    const instead = near.length > 0 ? `name ${near.map(quote).join(" or ")}` : `name a key of ${ledger}`;
    return `${subject}: formerly(${quote(former)}, …) is of nothing that ${ledger} has or had, so that ${quote(key)} would start empty: ${instead}, or remove formerly() if it is new`;
  }
  if (kind === "both")
    return `${subject}: 'formerly' says that ${quote(key)} was ${quote(former)}, and ${ledger} has both, each of its own: remove 'formerly', or let go of ${quote(key)}: where it was never deployed take its line out, else remove the part from the code, synthesize, and run "homelab retire ${key}"`;
  if (kind === "again")
    return `${subject}: 'formerly' says that ${quote(key)} was ${quote(former)}, which it was long since, and the ledger has another ${quote(former)} that nothing declares: remove 'formerly' if ${quote(key)} stays what it is; if it is the other one from now on, give that a key that the ledger does not have`;
  return `${subject}: ${quote(key)} is new, and ${quote(former)} was left behind under the name before: if it is the same, say formerly(${quote(former.replace(/\..*$/, ""))}, …) of the part itself; if not, give it another key, or let go of what was left with "homelab retire ${former}"`;
}

/** Asks how data follows to another place. */
export function relocation(
  holder: Holder,
  from: LedgerEntry,
  { known, isServer }: { readonly known: HolderPlace | undefined; readonly isServer: boolean },
): string {
  const { kind, name, place, part } = holder;
  const finds = known ? "which has what was left there when it moved away" : "which starts empty";
  const option = isServer ? "'relocation' of the database server" : `acknowledge(${quote(relocationRule(part))}, "…")`;
  const isStale = from.relocation !== undefined && holder.owner.acknowledged(relocationRule(part)) === from.relocation;
  const say = isStale
    ? `${option}, in other words than ${quote(from.relocation)}, which is of the move before`
    : option;
  const stay = samePlace(from, place) && from.kind === kind ? `, or leave it where it is by 'name'` : "";
  return `${subjectOf(holder)} moves from ${from.kind} ${quote(from.name)} on ${placeName(from)} to ${kind} ${quote(name)} on ${placeName(place)}, ${finds}: copy the data, then say how in ${say}${stay}`;
}
