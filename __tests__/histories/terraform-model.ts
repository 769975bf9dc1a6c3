import type { StackJson } from "../support/synthesis";

/** The host and the database server that a stack reaches. */
export interface Places {
  readonly host?: string;
  readonly server?: string;
}

/** What is really there, by the host or server that has it: names of things of one type, each with who made it. */
export class World {
  private readonly things = new Map<string, Thing>();
  private made = 0;

  public find(place: string, type: string, name: string): Thing | undefined {
    return this.things.get(`${place} ${type} ${name}`);
  }

  public make(place: string, type: string, name: string): Thing {
    this.made += 1;
    const thing = { place, type, name, serial: this.made };
    this.things.set(`${place} ${type} ${name}`, thing);
    return thing;
  }

  public destroy({ place, type, name }: Thing): void {
    this.things.delete(`${place} ${type} ${name}`);
  }

  public get all(): readonly Thing[] {
    return [...this.things.values()];
  }
}

/** Something that keeps data, or that data depends on. The serial tells it from another one of its name. */
export interface Thing {
  readonly place: string;
  readonly type: string;
  readonly name: string;
  readonly serial: number;
}

/** What a stack's state has: the name of each thing by its address, empty for what keeps nothing. */
export type State = Map<string, string>;

/** What a deployment of one stack did, or why Terraform would not. */
export interface Applied {
  readonly state: State;
  readonly destroyed: readonly Thing[];
  readonly problems: readonly string[];
  /** The databases that it was told to adopt. */
  readonly adopted: readonly string[];
}

/** How the things that matter are named in the world. */
const NAMES: Readonly<Record<string, (body: any) => string>> = {
  docker_volume: ({ name }) => name,
  postgresql_database: ({ name }) => name,
  postgresql_role: ({ name }) => name,
  postgresql_extension: ({ name, database }) => `${database}.${name}`,
  // A folder stays when its resource goes: it only makes it.
  null_resource: ({ triggers }) => triggers?.path ?? "",
};

/** What the world calls a thing, by the attributes of its resource; empty for what keeps nothing. */
export function nameOf(type: string, attributes: any): string {
  return NAMES[type]?.(attributes) ?? "";
}

/** Types whose things go when their resource goes. */
export const DIES: ReadonlySet<string> = new Set([
  "docker_volume",
  "postgresql_database",
  "postgresql_role",
  "postgresql_extension",
]);
/** Types that a server refuses to make a second time. A volume of Docker, an extension and a folder are taken as they are. */
const UNIQUE = new Set(["postgresql_database", "postgresql_role"]);

/** What Terraform 1.11 does with a stack, as far as addresses are concerned; the integration tests hold it to that. */
export function applyStack(
  stack: string,
  document: StackJson,
  before: State,
  world: World,
  { host = "", server = "" }: Places,
): Applied {
  const placeOf = (type: string): string => (type.startsWith("postgresql_") ? server : host);
  const declared = new Map<string, any>();
  for (const [type, named] of Object.entries(document.resource))
    for (const [name, body] of Object.entries(named)) declared.set(`${type}.${name}`, body);
  const moves: Move[] = document.moved ?? [];
  const removed: { from: string }[] = document.removed ?? [];
  const problems = [...wrongMoves(moves, declared), ...wrongRemovals(removed, declared)];
  const state = new Map(before);
  for (const { from, to } of inOrder(moves)) {
    const name = state.get(from);
    if (name === undefined || state.has(to)) continue; // Terraform warns, and what is at the old address is an orphan
    state.delete(from);
    state.set(to, name);
  }
  const destroyed: Thing[] = [];
  const adopted: string[] = [];
  const lose = (address: string, name: string, body: any): void => {
    const thing = world.find(placeOf(typeOf(address)), typeOf(address), name);
    if (!thing || !DIES.has(thing.type) || (thing.type === "postgresql_role" && body?.skip_drop_role)) return;
    destroyed.push(thing);
    world.destroy(thing);
  };
  for (const [address, name] of state) {
    if (declared.has(address)) continue;
    state.delete(address);
    if (removed.some(({ from }) => from === address)) continue;
    // Terraform would ask the engine of the machine that it runs on.
    if (address.startsWith("docker_") && !document.provider?.docker)
      problems.push(`${stack}: ${address} is to be destroyed, and no provider says on which engine`);
    lose(address, name, undefined);
  }
  for (const [address, body] of declared) {
    const type = typeOf(address);
    const name = nameOf(type, body);
    const now = state.get(address);
    state.set(address, name);
    if (now === name || name === "") continue;
    if (now !== undefined) {
      if (body.lifecycle?.prevent_destroy)
        problems.push(`${stack}: ${address} would be another one, ${now} is ${name}`);
      lose(address, now, body);
    }
    const there = world.find(placeOf(type), type, name);
    if (!there) world.make(placeOf(type), type, name);
    else if (type === "postgresql_database") adopted.push(address);
    else if (UNIQUE.has(type)) problems.push(`${stack}: ${address} would make ${name}, which exists`);
  }
  return { state, destroyed, problems, adopted };
}

interface Move {
  readonly from: string;
  readonly to: string;
}

function typeOf(address: string): string {
  return address.slice(0, address.indexOf("."));
}

function wrongMoves(moves: readonly Move[], declared: ReadonlyMap<string, unknown>): string[] {
  const problems: string[] = [];
  for (const [index, { from, to }] of moves.entries()) {
    if (declared.has(from)) problems.push(`moved from ${from}, which is still declared`);
    for (const other of moves.slice(0, index)) {
      if (other.from === from && other.to !== to) problems.push(`${from} is moved to ${other.to} and to ${to}`);
      if (other.to === to && other.from !== from) problems.push(`${other.from} and ${from} are moved to ${to}`);
    }
  }
  if (inOrder(moves).length < moves.length) problems.push("moves go round in a circle");
  return problems;
}

function wrongRemovals(removed: readonly { from: string }[], declared: ReadonlyMap<string, unknown>): string[] {
  return removed.flatMap(({ from }, index) => [
    ...(declared.has(from) ? [`removed ${from}, which is still declared`] : []),
    ...(removed.findIndex((other) => other.from === from) < index ? [`removed ${from} twice`] : []),
  ]);
}

/** Moves such that what is moved to an address goes on from there. Those of a circle are left out. */
function inOrder(moves: readonly Move[]): Move[] {
  const left = [...moves];
  const ordered: Move[] = [];
  for (;;) {
    const next = left.findIndex(({ from }) => left.every(({ to }) => to !== from));
    if (next < 0) return ordered;
    ordered.push(...left.splice(next, 1));
  }
}
