import { addressesOf, kindOf, type HolderPlace, type LedgerEntry, type LedgerLines } from "./ledger-entry";
import { quote } from "./text";

/** What of an earlier ledger a later one no longer has, one sentence each. What was retired by then may be gone. */
export function forgotten(before: LedgerLines, now: LedgerLines): string[] {
  return [
    ...[...before.holders].flatMap(([key, was]) => {
      if (was.retired) return [];
      const heirs = [...now.holders].filter(
        ([other, { formerKeys = [] }]) => other === key || formerKeys.includes(key),
      );
      if (heirs.length === 0)
        return [`${quote(key)} is gone, ${thing(was, was)}: put its line back, or retire it with "homelab retire"`];
      const losses = heirs.map(([other, is]) => lossesOf(key, was, other, is));
      return losses.find((found) => found.length === 0) ?? losses[0] ?? [];
    }),
    ...[...before.secrets].flatMap(([key, { name, retired }]) => {
      if (retired) return [];
      const heirs = [...now.secrets].filter(
        ([other, { formerKeys = [] }]) => other === key || formerKeys.includes(key),
      );
      if (heirs.some(([, is]) => is.name === name)) return [];
      return [
        `${quote(key)} is gone, which has the name ${quote(name)} of a secret: put its line back, or retire it with "homelab retire"`,
      ];
    }),
  ];
}

/** What an entry no longer has of what it had. */
function lossesOf(key: string, was: LedgerEntry, other: string, is: LedgerEntry): string[] {
  const keys = new Set([other, ...(is.formerKeys ?? [])]);
  const lost = [
    ...(was.formerKeys ?? []).filter((former) => !keys.has(former)).map((former) => `its former key ${quote(former)}`),
    ...(was.movedFrom !== undefined && is.movedFrom === undefined && is.formerKeys?.includes(was.movedFrom)
      ? [`that it was moved from ${quote(was.movedFrom)}`]
      : []),
    ...(was.relocation === undefined || is.relocation !== undefined ? [] : [`its relocation ${quote(was.relocation)}`]),
    ...(was.database === undefined || was.database === is.database ? [] : [`its database ${quote(was.database)}`]),
    ...placesOf(was).flatMap((place) => lossesAt(place, was, is)),
  ];
  const subject = key === other ? quote(key) : `${quote(other)}, formerly ${quote(key)},`;
  return lost.map((what) => `${subject} no longer has ${what}: put it back into its line`);
}

function lossesAt(place: HolderPlace, was: LedgerEntry, is: LedgerEntry): string[] {
  const kept = placesOf(is).filter(
    ({ host, server, stack, name }) =>
      host === place.host && server === place.server && stack === place.stack && name === place.name,
  );
  if (kept.length === 0) return [`its place, ${thing(place, was)}`];
  const known = new Set(kept.flatMap(addressesOf));
  return addressesOf(place)
    .filter((address) => !known.has(address))
    .map((address) => `its address ${address}`);
}

function placesOf(entry: LedgerEntry): readonly HolderPlace[] {
  return [entry, ...(entry.previous ?? [])];
}

function thing(place: HolderPlace, { kind }: LedgerEntry): string {
  return `${kindOf(place) ?? kind} ${quote(place.name)} on ${place.host ?? place.server ?? "nothing"}`;
}
