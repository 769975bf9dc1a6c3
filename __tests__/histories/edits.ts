import {
  HOSTS,
  SERVERS,
  holdsData,
  partsOf,
  type Code,
  type CompanionCode,
  type Container,
  type Part,
  type PlacedPart,
  type ServiceCode,
} from "./code";

/** An edit as it was drawn: what is done, and numbers that choose to what and how among what there is. */
export interface Edit {
  readonly do: EditName;
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
}

/** Names few enough to be taken again, and such that addresses and roles of one could be those of another. */
const SERVICE_NAMES = ["git", "forge", "hub", "git-media", "git-app"];
const PART_KEYS = ["data", "media", "store"];
const COMPANION_KEYS = ["queue", "media"];

const volume = (): Part => ({ kind: "volume" });
const companion = (kind: CompanionCode["kind"]): CompanionCode => ({ kind, parts: { data: volume() } });

type Shape = Pick<ServiceCode, "parts" | "companions">;

const SHAPES: readonly (() => Shape)[] = [
  () => ({ parts: { data: volume(), key: { kind: "secret" } }, companions: {} }),
  () => ({ parts: { data: volume(), media: volume() }, companions: {} }),
  () => ({ parts: { db: { kind: "database" }, data: volume() }, companions: {} }),
  () => ({ parts: { db: { kind: "database", separate: true, readers: true, extension: true } }, companions: {} }),
  () => ({ parts: { data: volume() }, companions: { queue: companion("container") } }),
  () => ({ parts: { key: { kind: "secret" } }, companions: { queue: companion("postgres") } }),
  () => ({ parts: { data: { kind: "volume", named: true } }, companions: { media: companion("redis") } }),
];

type Change = (code: Code, edit: Edit, memory: Memory) => string | undefined;

/** Every edit: it changes the code and tells what it did, or nothing where there is nothing to do it to. */
const CHANGES = {
  add(code, { on, how }, memory) {
    const name = pick(
      SERVICE_NAMES.filter((one) => isFree(code, one)),
      on,
    );
    const shape = pick(SHAPES, how);
    if (name === undefined || shape === undefined) return undefined;
    memory.made += 1;
    const [host, server] = [HOSTS[0], SERVERS[0]];
    code.services.push({ id: `${name}-${memory.made}`, name, begun: 0, host, server, acknowledged: false, ...shape() });
    return `add ${name} with ${Object.keys({ ...shape().parts, ...shape().companions }).join(", ")}`;
  },
  rename(code, { on, to, how }) {
    const service = pick(code.services, on);
    const name = pick(
      SERVICE_NAMES.filter((one) => isFree(code, one)),
      to,
    );
    if (!service || name === undefined) return undefined;
    const before = service.name;
    service.name = name;
    const said = renamed(service, name, partsOf(service), how);
    return `${before} becomes ${name}, ${said}`;
  },
  swap(code, { on, to }) {
    const settled = code.services.filter(({ name, known, formerly }) => known === name && formerly === undefined);
    const [one, other] = [pick(settled, on), pick(settled, to)];
    if (!one || !other || one === other) return undefined;
    [one.name, other.name] = [other.name, one.name];
    [one.formerly, other.formerly] = [other.name, one.name];
    return `${other.name} and ${one.name} exchange their names`;
  },
  renamePart(code, { on, to, how }) {
    const placed = pick(renamable(code), on);
    const key =
      placed &&
      pick(
        PART_KEYS.filter((one) => isFreeIn(placed.container, placed.service, one)),
        to,
      );
    if (!placed || key === undefined) return undefined;
    drop(placed.container.parts, placed.key);
    placed.container.parts[key] = placed.part;
    return `${nameOf(placed)} becomes ${key}, ${renamed(placed.part, key, [placed], how)}`;
  },
  swapParts(code, { on }) {
    const pairs = code.services.flatMap((service) => {
      const settled = renamable({ ...code, services: [service] }).filter(
        ({ path, key, part }) => path.length === 0 && part.known === key && part.formerly === undefined,
      );
      return settled.flatMap((one, index) => settled.slice(index + 1).map((other) => [one, other] as const));
    });
    const [one, other] = pick(pairs, on) ?? [];
    if (!one || !other) return undefined;
    Object.assign(one.container.parts, { [one.key]: other.part, [other.key]: one.part });
    [one.part.formerly, other.part.formerly] = [one.key, other.key];
    return `${nameOf(one)} and ${nameOf(other)} exchange their keys`;
  },
  renameCompanion(code, { on, to, how }) {
    const { service, key, companion } = pick(companionsOf(code), on) ?? {};
    if (!service || key === undefined || !companion) return undefined;
    const next = pick(
      COMPANION_KEYS.filter((one) => isFreeIn(service, service, one)),
      to,
    );
    if (next === undefined) return undefined;
    drop(service.companions, key);
    service.companions[next] = companion;
    const inside = partsOf(service).filter(({ container }) => container === companion);
    return `companion ${service.name}/${key} becomes ${next}, ${renamed(companion, next, inside, how)}`;
  },
  tidy(code, { on }) {
    const all = code.services.flatMap((service): (Container | Part)[] => [
      service,
      ...Object.values(service.companions),
      ...partsOf(service).map(({ part }) => part),
    ]);
    const written = pick(
      all.filter(({ formerly }) => formerly !== undefined),
      on,
    );
    if (!written) return undefined;
    const { formerly } = written;
    // A name that no synthesis ever saw tells nobody anything: it is what the person means that is lost.
    if (written.known === formerly) return undefined;
    delete written.formerly;
    return `formerly ${JSON.stringify(formerly)} is tidied away`;
  },
  remove(code, { on }, memory) {
    const service = pick(code.services, on);
    if (!service) return undefined;
    code.services.splice(code.services.indexOf(service), 1);
    memory.removed.push(forgetful(structuredClone(service)));
    return `remove ${service.name}`;
  },
  return(code, { on }, memory) {
    const gone = memory.removed.filter(
      ({ id, name }) => isFree(code, name) && code.services.every((service) => service.id !== id),
    );
    const service = pick(gone, on);
    if (!service) return undefined;
    code.services.push(structuredClone(service));
    return `${service.name} returns`;
  },
  removePart(code, { on }) {
    const placed = pick(code.services.flatMap(partsOf), on);
    if (!placed || placed.companion?.kind === "postgres") return undefined;
    drop(placed.container.parts, placed.key);
    return `remove ${nameOf(placed)}`;
  },
  addPart(code, { on, to, how }) {
    const containers = code.services.flatMap((service) => [
      { service, container: service as Container },
      ...companionsOf(code).filter((one) => one.service === service && one.companion.kind !== "postgres"),
    ]);
    const { service, container } = pick(containers, on) ?? {};
    if (!service || !container) return undefined;
    const isRedis = "kind" in container && container.kind === "redis";
    const key = pick(isRedis ? ["data"] : PART_KEYS, to);
    if (key === undefined || !isFreeIn(container, service, key)) return undefined;
    container.parts[key] = how % 3 === 2 && !isRedis ? { kind: "database", named: how > 3 } : volume();
    return `${service.name} gets ${key}, a ${container.parts[key].kind}`;
  },
  addCompanion(code, { on, to, how }) {
    const service = pick(code.services, on);
    const key = pick(COMPANION_KEYS, to);
    if (!service || key === undefined || !isFreeIn(service, service, key)) return undefined;
    const made = companion((["container", "postgres", "redis"] as const)[how % 3] ?? "container");
    service.companions[key] = made;
    return `${service.name} gets a companion ${key}, ${made.kind}`;
  },
  removeCompanion(code, { on }) {
    const { service, key } = pick(companionsOf(code), on) ?? {};
    if (!service || key === undefined) return undefined;
    drop(service.companions, key);
    return `remove companion ${service.name}/${key}`;
  },
  changeKind(code, { on, how }) {
    const placed = pick(
      code.services.flatMap(partsOf).filter(({ part, companion }) => part.kind !== "secret" && isOwn(companion)),
      on,
    );
    if (!placed) return undefined;
    const kinds = (["volume", "host path", "tmpfs", "database"] as const).filter((kind) => kind !== placed.part.kind);
    const kind = pick(kinds, how) ?? "volume";
    const { known } = placed.part;
    placed.container.parts[placed.key] = { kind, known };
    if (kind === "database" && how > 3) acknowledge(placed.service);
    return `${nameOf(placed)}, a ${placed.part.kind}, becomes a ${kind}`;
  },
  nameIt(code, { on }) {
    const placed = pick(
      renamable(code).filter(({ part }) => part.named !== true),
      on,
    );
    if (!placed) return undefined;
    placed.part.named = true;
    return `${nameOf(placed)} has a name of its own`;
  },
  mountElsewhere(code, { on }) {
    const placed = pick(
      renamable(code).filter(({ part }) => part.kind === "volume"),
      on,
    );
    if (!placed) return undefined;
    placed.part.elsewhere = placed.part.elsewhere !== true;
    return `${nameOf(placed)} is mounted at another path`;
  },
  moveIntoCompanion(code, { on }) {
    const placed = pick(
      companionsOf(code)
        .filter(({ companion }) => companion.kind === "container")
        .flatMap(({ service, companion, key }) =>
          renamable(code)
            .filter((one) => one.service === service && one.path.length === 0 && !(one.key in companion.parts))
            .map((one) => ({ ...one, companion, into: key })),
        ),
      on,
    );
    if (!placed) return undefined;
    drop(placed.container.parts, placed.key);
    placed.companion.parts[placed.key] = afresh(placed.part);
    return `${nameOf(placed)} moves into companion ${placed.into}`;
  },
  moveOutOfCompanion(code, { on }) {
    const placed = pick(
      renamable(code).filter(({ service, path, key }) => path.length > 0 && isFreeIn(service, service, key)),
      on,
    );
    if (!placed) return undefined;
    drop(placed.container.parts, placed.key);
    placed.service.parts[placed.key] = afresh(placed.part);
    return `${nameOf(placed)} moves out of its companion`;
  },
  relocate(code, { on, how }) {
    const service = pick(code.services, on);
    if (!service) return undefined;
    service.host = other(HOSTS, service.host);
    if (how % 3 > 0) acknowledge(service);
    return `${service.name} moves to ${service.host}${service.acknowledged ? ", acknowledged" : ""}`;
  },
  relocateDatabases(code, { on, how }) {
    const service = pick(
      code.services.filter((one) => partsOf(one).some(({ part }) => part.kind === "database")),
      on,
    );
    if (!service) return undefined;
    service.server = other(SERVERS, service.server);
    if (how % 3 > 0) acknowledge(service);
    return `databases of ${service.name} move to ${service.server}${service.acknowledged ? ", acknowledged" : ""}`;
  },
  changeLayout(code, { on, how }) {
    const host = pick(HOSTS, on) ?? HOSTS[0];
    code.layouts[host] = code.layouts[host] === "volumes" ? "folders" : "volumes";
    if (how % 3 > 0) code.services.filter((service) => service.host === host).forEach(acknowledge);
    return `${host} keeps ${code.layouts[host]}${how % 3 > 0 ? ", acknowledged" : ""}`;
  },
  unacknowledge(code, { on }) {
    const service = pick(
      code.services.filter(({ acknowledged }) => acknowledged),
      on,
    );
    if (!service) return undefined;
    service.acknowledged = false;
    return `${service.name} acknowledges nothing any more`;
  },
  changeRoles(code, { on, how }) {
    const placed = pick(
      code.services.flatMap(partsOf).filter(({ part }) => part.kind === "database"),
      on,
    );
    if (!placed) return undefined;
    const option = (["separate", "readers", "extension"] as const)[how % 3] ?? "separate";
    placed.part[option] = placed.part[option] !== true;
    return `${nameOf(placed)}: ${option} ${placed.part[option] ? "on" : "off"}`;
  },
} satisfies Record<string, Change>;

/** The edits by name. */
export type EditName = keyof typeof CHANGES;
export const EDITS = Object.keys(CHANGES) as EditName[];

/** Does an edit to the code, and tells it in words; undefined where there was nothing to do it to. */
export function apply(code: Code, edit: Edit, memory: Memory): string | undefined {
  const change: Change = CHANGES[edit.do];
  return change(code, edit, memory);
}

/** Writes down that something was renamed, or forgets to: then what is in it is not what it was. */
function renamed(
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
function afresh({ datum: _datum, known: _known, formerly: _formerly, ...part }: Part): Part {
  return part;
}

function forgetful(service: ServiceCode): ServiceCode {
  for (const { part } of partsOf(service)) delete part.datum;
  return service;
}

function acknowledge(service: ServiceCode): void {
  service.acknowledged = true;
}

function drop(record: object, key: string): void {
  Reflect.deleteProperty(record, key);
}

function isFree(code: Code, name: string): boolean {
  return code.services.every((service) => service.name !== name);
}

function isFreeIn(container: Container, service: ServiceCode, key: string): boolean {
  return !(key in container.parts) && !(container === service && key in service.companions);
}

function isOwn(companion: CompanionCode | undefined): boolean {
  return companion === undefined || companion.kind === "container";
}

/** The parts that can be renamed or moved. */
function renamable(code: Code): PlacedPart[] {
  return code.services.flatMap(partsOf).filter(({ part, companion }) => holdsData(part) && isOwn(companion));
}

function companionsOf(code: Code) {
  return code.services.flatMap((service) =>
    Object.entries(service.companions).map(([key, companion]) => ({ service, key, companion, container: companion })),
  );
}

function nameOf({ service, path, key }: PlacedPart): string {
  return [service.name, ...path, key].join("/");
}

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % list.length];
}

function other<T>(pair: readonly [T, T], one: T): T {
  return pair[0] === one ? pair[1] : pair[0];
}
