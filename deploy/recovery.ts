import { placeIn, stacksIn, stacksOf, type Keyed, type OwnStacks } from "../contract/holder-stacks";
import { addressesOf, kindOf, type HolderKind, type HolderPlace, type LedgerEntry } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import type { DeployedMounts } from "./deployed-mounts";
import type { Found } from "./found";
import { derivedKey, lastOf } from "./found-keys";

/** A line that the ledger lacks. */
export interface RecoveredEntry {
  readonly key: string;
  readonly entry: LedgerEntry;
  /** Whether the code declares it. */
  readonly isDeclared: boolean;
  /** Where it was seen. */
  readonly seen: readonly string[];
  /**
   * Why it may be somebody else's: nothing declares it, and no state has it.
   *
   * @default - it is the lab's
   */
  readonly foreign?: string;
}

const TYPES: Readonly<Record<HolderKind, string>> = {
  volume: "docker_volume",
  folder: "null_resource",
  database: "postgresql_database",
  role: "postgresql_role",
  extension: "postgresql_extension",
};

/**
 * The lines that a ledger lacks of what was found. What the code declares gets the key that the code gives it, and the name
 * and address that it was deployed with; the rest a key after its address or name. One thing gets one line.
 */
export function recover(
  found: readonly Found[],
  manifest: Manifest,
  known: ReadonlyMap<string, LedgerEntry>,
  mounts: DeployedMounts,
): RecoveredEntry[] {
  const { ledger } = manifest;
  const own = stacksIn(manifest);
  const things = merged(found).filter((thing) => !isKnown(thing, known));
  const recovered: RecoveredEntry[] = [];
  const take = (thing: Thing, key: string, entry: LedgerEntry, isDeclared: boolean): void => {
    things.splice(things.indexOf(thing), 1);
    const foreign = isDeclared || thing.states.length > 0 ? undefined : thing.foreign;
    recovered.push({ key, entry, isDeclared, seen: thing.seen, ...(foreign !== undefined && { foreign }) });
  };
  const wanted = Object.entries(ledger).filter(([key, { released }]) => !released && !known.has(key));
  // What is surest comes first: nothing that has an address of its own goes to somebody who only mounts it.
  for (const isIt of [hasAddress, isMounted(mounts), hasName]) {
    for (const [key, { released: _released, ...entry }] of wanted) {
      if (recovered.some((one) => one.key === key)) continue;
      const thing = things.find((one) => isSamePlace(one, entry) && one.kind === entry.kind && isIt(one, entry));
      if (thing) take(thing, key, deployedEntry({ ...entry, key }, thing, mounts, own), true);
    }
  }
  const keys = new Set([...known.keys(), ...Object.keys(ledger)]);
  const taken = new Set(
    [...known, ...recovered.map(({ key, entry }) => [key, entry] as const)].flatMap(([key, entry]) =>
      addressesWithStack({ ...entry, key }, own),
    ),
  );
  // Databases first: what belongs to one has a key below its own.
  for (const thing of [...things].sort((a, b) => Number(b.kind === "database") - Number(a.kind === "database"))) {
    const databases = recovered.filter(({ entry }) => entry.kind === "database" && isSamePlace(entry, thing));
    const [key, address] = derived(thing, databases, keys, taken, own);
    keys.add(key);
    const { kind, name } = thing;
    const [place = { ...placeOf(thing), address, name }, ...previous] = thing.states.map(
      placeInState(thing, { key }, own),
    );
    const database = kind === "volume" || kind === "folder" ? mounts.databaseIn({ name }) : undefined;
    const entry: LedgerEntry = {
      kind,
      ...place,
      ...(previous.length > 0 && { previous }),
      ...(database !== undefined && { database }),
    };
    for (const one of addressesWithStack({ ...entry, key }, own)) taken.add(one);
    take(thing, key, entry, false);
  }
  return recovered.sort((a, b) => (a.key < b.key ? -1 : 1));
}

interface Thing extends Omit<Found, "seen" | "address" | "stack"> {
  readonly seen: readonly string[];
  /** The states that have it, and by which address. */
  readonly states: readonly InState[];
}

interface InState {
  readonly stack: string;
  readonly address: string;
}

/** Each thing once, wherever it was seen. One of which nobody knows where it is has no line. */
function merged(found: readonly Found[]): Thing[] {
  const things = new Map<string, Thing>();
  for (const { seen, address, stack, ...one } of found) {
    if (one.host === undefined && one.server === undefined) continue;
    const id = JSON.stringify([one.kind, one.host, one.server, one.name]);
    const known = things.get(id);
    const { seen: others = [], states = [] } = known ?? {};
    const now = address === undefined || stack === undefined ? [] : [{ address, stack }];
    things.set(id, { ...known, ...one, seen: [...others, seen], states: [...states, ...now] });
  }
  return [...things.values()];
}

function isKnown(thing: Thing, known: ReadonlyMap<string, LedgerEntry>): boolean {
  return [...known.values()].some((entry) =>
    [entry, ...(entry.previous ?? [])].some(
      (place) => isSamePlace(place, thing) && (kindOf(place) ?? entry.kind) === thing.kind && place.name === thing.name,
    ),
  );
}

function isSamePlace(a: Pick<HolderPlace, "host" | "server">, b: Pick<HolderPlace, "host" | "server">): boolean {
  return a.host === b.host && a.server === b.server;
}

function hasAddress({ states }: Thing, entry: LedgerEntry): boolean {
  return states.some(({ address }) => addressesOf(entry).includes(address));
}

function isMounted(mounts: DeployedMounts): (thing: Thing, entry: LedgerEntry) => boolean {
  return ({ name }, entry) => mounts.deployedAs(entry) === name;
}

function hasName({ name }: Thing, entry: LedgerEntry): boolean {
  return name === entry.name;
}

/**
 * An entry as the code would make it, with the name and the address that the thing was deployed with. What another stack has
 * as well, that one has to let go of.
 */
function deployedEntry(
  { key, ...entry }: LedgerEntry & Keyed,
  thing: Thing,
  mounts: DeployedMounts,
  own: OwnStacks,
): LedgerEntry {
  const { formerAddresses: _former, ...rest } = entry;
  const { name, states } = thing;
  const stacks = stacksOf({ ...entry, key }, entry, own);
  const here = states.find(({ stack }) => stacks.includes(stack));
  const previous = states.filter((one) => one !== here).map(placeInState(thing, { ...entry, key }, own));
  const address = here?.address ?? entry.address;
  const former = addressesOf(entry).filter((one) => one !== address && one !== entry.address);
  const database = entry.database === undefined ? undefined : (mounts.databaseIn({ name }) ?? entry.database);
  return {
    ...rest,
    address,
    ...(former.length > 0 && { formerAddresses: former }),
    name,
    ...(previous.length > 0 && { previous }),
    ...(database !== undefined && { database }),
  };
}

/** How the ledger has a thing of a key in a state. */
function placeInState(thing: Thing, keyed: Keyed, own: OwnStacks): (state: InState) => HolderPlace {
  return ({ stack, address }) => ({ ...placeIn(stack, keyed, placeOf(thing), own), address, name: thing.name });
}

function placeOf({ host, server }: Thing): Pick<HolderPlace, "host" | "server"> {
  return host === undefined ? { server } : { host };
}

function addressesWithStack(entry: LedgerEntry & Keyed, own: OwnStacks): string[] {
  return [entry, ...(entry.previous ?? [])].flatMap((place) =>
    stacksOf(entry, place, own).flatMap((stack) => addressesOf(place).map((address) => inStack(address, stack))),
  );
}

function inStack(address: string, stack = ""): string {
  return `${address} in ${stack}`;
}

/** A key and an address for what nothing declares, which nothing else has. */
function derived(
  thing: Thing,
  databases: readonly RecoveredEntry[],
  keys: ReadonlySet<string>,
  taken: ReadonlySet<string>,
  own: OwnStacks,
): [key: string, address: string] {
  const deployed = thing.states[0]?.address;
  const { key: wanted, words } = derivedKey(thing, deployed && lastOf(deployed), databases);
  const key = thing.key ?? wanted;
  const [stack] = stacksOf({ key }, thing, own);
  return [
    unused(key, (one) => keys.has(one)),
    deployed ?? unused(`${TYPES[thing.kind]}.${words}`, (one) => taken.has(inStack(one, stack))),
  ];
}

function unused(wanted: string, isTaken: (one: string) => boolean): string {
  let one = wanted;
  for (let number = 2; isTaken(one); number += 1) one = `${wanted}${number}`;
  return one;
}
