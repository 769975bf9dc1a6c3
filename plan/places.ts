import type { HolderPlace } from "../contract/ledger";

/** Whether two are on one host, or in one database server. */
export function samePlace(
  one: Pick<HolderPlace, "host" | "server">,
  other: Pick<HolderPlace, "host" | "server">,
): boolean {
  return one.host === other.host && one.server === other.server;
}

/** Whether two places are one and the same: the name, on the host or server. */
export function isPlace(one: HolderPlace, other: HolderPlace): boolean {
  return one.name === other.name && samePlace(one, other);
}

/** A place in words: `host app-01`. */
export function placeOf({ host, server }: Pick<HolderPlace, "host" | "server">): string {
  return host === undefined ? `database server ${server ?? ""}` : `host ${host}`;
}
