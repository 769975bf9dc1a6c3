import type { HolderPlace } from "./ledger-entry";
import type { Manifest } from "./manifest";

/** Finds the stack of a host and that of a database server, by their names. */
export interface OwnStacks {
  host(name: string): string | undefined;
  server(name: string): string | undefined;
}

/** Something with a key, and those that it had before. */
export interface Keyed {
  readonly key: string;
  /** @default - it was never renamed */
  readonly formerKeys?: readonly string[];
}

/** Where something is, and which state has it. */
export type Where = Pick<HolderPlace, "host" | "server" | "stack">;

/**
 * The stacks whose states may have what is in a place: the one that the ledger says, else that of the host or the database
 * server. Ledgers did not say always that a server which the lab runs has its volume in the stack of its databases: a
 * line without a stack that may be of such a volume is good for both stacks.
 */
export function stacksOf({ key, formerKeys = [] }: Keyed, place: Where, own: OwnStacks): string[] {
  const { host, server, stack } = place;
  if (stack !== undefined) return [stack];
  if (host === undefined) return known([own.server(server ?? "")]);
  const run = [key, ...formerKeys].flatMap((one) => /^postgres-([^/]+)\/data$/.exec(one)?.[1] ?? []);
  return known([own.host(host), ...run.map((name) => own.server(name))]);
}

/** A place in the state of a stack, which it names where it would not be known otherwise. */
export function placeIn(stack: string, keyed: Keyed, place: Where, own: OwnStacks): Where {
  return stacksOf(keyed, place, own).every((one) => one === stack) ? place : { ...place, stack };
}

/** The stacks of the hosts and servers of a synthesized lab. */
export function stacksIn({ hosts, databaseServers }: Pick<Manifest, "hosts" | "databaseServers">): OwnStacks {
  const find = (all: readonly { readonly name: string; readonly stack: string }[], wanted: string) =>
    all.find(({ name }) => name === wanted)?.stack;
  return { host: (name) => find(hosts, name), server: (name) => find(databaseServers, name) };
}

function known(stacks: readonly (string | undefined)[]): string[] {
  return [...new Set(stacks.filter((stack) => stack !== undefined))];
}
