import {
  holdsData,
  partsOf,
  type Code,
  type CompanionCode,
  type Container,
  type Part,
  type PlacedPart,
  type ServiceCode,
} from "./code";

/** Numbers that choose to what an edit is done and how, among what there is. */
export interface Choice {
  readonly on: number;
  readonly to: number;
  readonly how: number;
}

/** What a person knows while editing, beside the code itself. */
export interface Memory {
  /** Services that were removed, as they were. */
  removed: ServiceCode[];
  /** How many services were ever made. */
  made: number;
  /** How often something was moved and somebody said how. */
  moves: number;
}

export type Change = (code: Code, choice: Choice, memory: Memory) => string | undefined;

/** Writes down that something was renamed, or forgets to: then what is in it is not what it was. */
export function renamed(
  thing: ServiceCode | Container | Part,
  now: string,
  inside: readonly PlacedPart[],
  how: number,
): string {
  const { known } = thing;
  if (known === now) {
    delete thing.formerly;
    return "which it was before";
  }
  if (known !== undefined && how % 4 !== 3) {
    thing.formerly = known;
    return `formerly ${JSON.stringify(known)}`;
  }
  for (const forgotten of [thing, ...inside.flatMap(({ companion, part }) => [companion ?? part, part])]) {
    delete forgotten.formerly;
    delete forgotten.known;
  }
  for (const { part } of inside) delete part.datum;
  if ("begun" in thing) thing.begun += 1;
  return known === undefined ? "which no synthesis saw" : "and nobody says so";
}

/** A part that nobody can say anything about: it is what the ledger knows by its key, or new. */
export function afresh({ datum: _datum, known: _known, formerly: _formerly, ...part }: Part): Part {
  return part;
}

export function forgetful(service: ServiceCode): ServiceCode {
  for (const { part } of partsOf(service)) delete part.datum;
  return service;
}

export function acknowledge(service: ServiceCode, memory: Memory): void {
  service.acknowledged = reason(memory);
}

/** How data follows: in other words each time. */
export function reason(memory: Memory): string {
  memory.moves += 1;
  return `copied, move ${memory.moves}`;
}

export function drop(record: object, key: string): void {
  Reflect.deleteProperty(record, key);
}

export function isFree(code: Code, name: string): boolean {
  return code.services.every((service) => service.name !== name);
}

export function isFreeIn(container: Container, service: ServiceCode, key: string): boolean {
  return !(key in container.parts) && !(container === service && key in service.companions);
}

export function isOwn(companion: CompanionCode | undefined): boolean {
  return companion === undefined || companion.kind === "container";
}

/** The key under which the ledger has a part, as far as a synthesis saw it. */
export function knownKey({ service, companion, part }: PlacedPart): string | undefined {
  const steps = [service.known, ...(companion ? [companion.known] : []), part.known];
  return steps.includes(undefined) ? undefined : steps.join("/");
}

/** The parts that can be renamed or moved. */
export function renamable(code: Code): PlacedPart[] {
  return code.services.flatMap(partsOf).filter(({ part, companion }) => holdsData(part) && isOwn(companion));
}

export function companionsOf(code: Code) {
  return code.services.flatMap((service) =>
    Object.entries(service.companions).map(([key, companion]) => ({ service, key, companion, container: companion })),
  );
}

export function nameOf({ service, path, key }: PlacedPart): string {
  return [service.name, ...path, key].join("/");
}

export function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % list.length];
}
