import {
  HOSTS,
  SERVERS,
  partsOf,
  type Code,
  type CompanionCode,
  type Container,
  type Part,
  type ServiceCode,
} from "./code";
import { PLACES } from "./edits-of-places";
import {
  companionsOf,
  drop,
  forgetful,
  isFree,
  isFreeIn,
  nameOf,
  pick,
  renamable,
  renamed,
  type Change,
  type Choice,
  type Memory,
} from "./editing";

/** An edit as it was drawn. */
export interface Edit extends Choice {
  readonly do: EditName;
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

/** What is called otherwise, comes and goes. */
const NAMES = {
  add(code, { on, how }, memory) {
    const name = pick(
      SERVICE_NAMES.filter((one) => isFree(code, one)),
      on,
    );
    const shape = pick(SHAPES, how);
    if (name === undefined || shape === undefined) return undefined;
    memory.made += 1;
    const [host, server] = [HOSTS[0], SERVERS[0]];
    code.services.push({ id: `${name}-${memory.made}`, name, begun: 0, host, server, ...shape() });
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
    if (written.known === formerly || (written.known === undefined && formerly?.includes("/"))) return undefined;
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
      ({ id, name, server }) =>
        isFree(code, name) &&
        code.services.every((service) => service.id !== id) &&
        (server !== "own" || code.own.at !== "nowhere"),
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
} satisfies Record<string, Change>;

/** Every edit: it changes the code and tells what it did, or nothing where there is nothing to do it to. */
const CHANGES = { ...NAMES, ...PLACES };

/** The edits by name. */
export type EditName = keyof typeof CHANGES;
export const EDITS = Object.keys(CHANGES) as EditName[];

/** Does an edit to the code, and tells it in words; undefined where there was nothing to do it to. */
export function apply(code: Code, edit: Edit, memory: Memory): string | undefined {
  const change: Change = CHANGES[edit.do];
  return change(code, edit, memory);
}
