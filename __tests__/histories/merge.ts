import { keyOf, partsOf, type Code, type ServiceCode } from "./code";
import { mergeLedgers } from "./ledger-merge";
import type { Commit } from "./line";

/** What is merged: two sides, and where they parted. */
export interface Sides<T> {
  readonly base: T;
  readonly ours: T;
  readonly theirs: T;
}

/**
 * Merges two branches, as git and a person do it: what both changed is as in `ours`. Undefined where both moved or
 * renamed the same thing, so that the ledger would have to be put right by hand.
 */
export function merge(folder: string, prefix: string, sides: Sides<Commit>): Commit | undefined {
  const code = mergeCode(each(sides, (commit) => commit.code));
  const declared = code.services.flatMap(partsOf).map((placed) => `${prefix}${keyOf(placed)}`);
  const ledgers = each(sides, ({ files }) => files.ledger);
  const ledger = mergeLedgers(folder, ledgers, declared);
  if (ledger === undefined) return undefined;
  const generations = mergeValues(each(sides, ({ files }) => files.generations));
  return { code, files: { ledger, generations }, meaning: mergeValues(each(sides, ({ meaning }) => meaning)) };
}

function mergeCode(sides: Sides<Code>): Code {
  const byId = ({ services }: Code): Record<string, ServiceCode> =>
    Object.fromEntries(services.map((service) => [service.id, service]));
  const services = each(sides, byId);
  // Of two services that have one name now, and of two parts that have one key or are one datum, one has to go.
  const merged = Object.values(mergeValues(services)).map((service): ServiceCode => {
    const { id } = service;
    const { base, ours, theirs } = each(services, (all) => naming(all[id]));
    const chosen = same(ours, base) ? "theirs" : "ours";
    const named = { ...service, ...{ ours, theirs }[chosen] };
    // Where the one side has a new service, what the other one says of its parts is said of something else.
    if (ours.begun !== theirs.begun) for (const { part } of partsOf(named)) delete part.datum;
    const data = partsOf(named).map(({ part }) => part.datum);
    for (const [index, { container, key, part }] of partsOf(named).entries())
      if (part.datum !== undefined && data.indexOf(part.datum) < index) Reflect.deleteProperty(container.parts, key);
    const { parts } = named;
    const companions = Object.entries(named.companions).filter(([key]) => !(key in parts));
    return { ...named, companions: Object.fromEntries(companions) };
  });
  return {
    layouts: mergeValues(each(sides, ({ layouts }) => layouts)),
    own: mergeValues(each(sides, ({ own }) => own)),
    services: merged.filter(({ name }, index) => merged.findIndex((other) => other.name === name) === index),
  };
}

/** What a name goes with. */
function naming(service: ServiceCode | undefined): Partial<ServiceCode> {
  return service ? { name: service.name, begun: service.begun, formerly: service.formerly, known: service.known } : {};
}

function each<T, U>({ base, ours, theirs }: Sides<T>, work: (side: T) => U): Sides<U> {
  return { base: work(base), ours: work(ours), theirs: work(theirs) };
}

function mergeValues<T>({ base, ours, theirs }: Sides<T>): T {
  if (same(ours, base) || (theirs === undefined && base !== undefined)) return structuredClone(theirs);
  if (same(theirs, base) || !isRecord(ours) || !isRecord(theirs)) return structuredClone(ours);
  const before: Record<string, unknown> = isRecord(base) ? base : {};
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
  const merged = keys.map(
    (key) => [key, mergeValues({ base: before[key], ours: ours[key], theirs: theirs[key] })] as const,
  );
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined)) as T; // made of two of them
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
