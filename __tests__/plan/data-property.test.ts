import fc from "fast-check";
import {
  Backup,
  Companion,
  HomelabService,
  HostPath,
  PostgresDatabase,
  Probe,
  StorageLayout,
  Tmpfs,
  Volume,
  type HostProps,
  type IServicePart,
  type Parts,
} from "../../constructs";
import { reportData } from "../../plan/data";
import { DATA_LOSS } from "../../plan/findings";
import type { ComparedLabs, SynthesizedLab } from "../../plan/labs";
import type { Homelab } from "../../stacks";
import { comparedLabs } from "../support/compared-labs";
import { host } from "../support/synthesis";
import { renamed } from "../support/renamed";

/** A part that may hold data, by what it is and where. */
interface Part {
  readonly key: string;
  readonly kind: "volume" | "host path" | "memory" | "database" | "companion's database";
  readonly path: string;
  readonly formerly?: string;
  /** Whether it is another one than the part that had its name: the ledger refuses to give it that name. */
  readonly isOther?: boolean;
}

/** A container by who it is, whatever it is called: `app` for a service's own one, `app queue` for its companion. */
interface Model {
  readonly service: string;
  readonly name: string;
  readonly formerly?: string;
  readonly host: string;
  readonly image: string;
  readonly own: readonly Part[];
  readonly companion?: { readonly key: string; readonly formerly?: string; readonly parts: readonly Part[] };
}

const isFiles = ({ kind }: Part): boolean => kind === "volume" || kind === "host path" || kind === "memory";

function bound(lab: Homelab, service: string, { kind, path, formerly, key, isOther }: Part): IServicePart<unknown> {
  switch (kind) {
    case "volume":
      return renamed(formerly, Volume.at(path));
    case "host path":
      return HostPath.at(path, { from: `/mnt/${key}`, writable: true });
    case "memory":
      return Tmpfs.at(path);
    case "database":
      return renamed(
        formerly,
        PostgresDatabase.on(lab.postgres("main"), { name: isOther ? `${service}_${key}` : undefined }),
      );
    case "companion's database":
      return renamed(formerly, Companion.postgres({ image: "docker.io/library/postgres:17.2" }));
  }
}

function declare(lab: Homelab, models: readonly Model[], isHead: boolean): void {
  for (const { name, formerly, host: on, image, own, companion } of models) {
    const partsOf = (parts: readonly Part[]): Parts =>
      Object.fromEntries(parts.map((part) => [part.key, bound(lab, name, part)]));
    const holders = [
      ...own.flatMap(({ key, kind }) =>
        kind === "volume" ? [key] : kind === "companion's database" ? [`${key}.data`] : [],
      ),
      ...(companion?.parts ?? []).flatMap(({ key, kind }) =>
        kind === "volume" ? [`${companion?.key ?? ""}.${key}`] : [],
      ),
    ];
    new HomelabService(lab.host(on), name, {
      image,
      formerly: isHead ? formerly : undefined,
      health: Probe.none("a test"),
      acknowledge: Object.fromEntries(holders.map((part) => [`relocation:${part}`, "rsync"])),
      parts: {
        ...partsOf(own),
        ...(companion && {
          [companion.key]: renamed(
            companion.formerly,
            Companion.container({
              image: `${image}-worker`,
              port: 1,
              health: Probe.none("a test"),
              parts: partsOf(companion.parts),
            }),
          ),
        }),
        none: Backup.none("a test"),
      },
    });
  }
}

/** Something that a pull request does to one service. */
type Edit = (model: Model) => Model | undefined;

const onPart =
  (index: number, change: (part: Part) => Part | undefined): Edit =>
  (model) => ({
    ...model,
    own: model.own.flatMap((part, at) =>
      at === index % Math.max(model.own.length, 1) ? (change(part) ?? []) : [part],
    ),
  });

const EDITS: readonly ((index: number) => Edit)[] = [
  () => () => undefined, // removed
  (index) => onPart(index, () => undefined),
  (index) => onPart(index, (part) => ({ ...part, kind: NEXT[part.kind] })),
  (index) => onPart(index, (part) => (isFiles(part) ? { ...part, path: `${part.path}x` } : part)),
  (index) =>
    onPart(index, (part) => ({
      ...part,
      key: `${part.key}x`,
      formerly: part.kind === "host path" ? undefined : (part.formerly ?? part.key),
    })),
  (index) => onPart(index, (part) => ({ ...part, key: `${part.key}x`, isOther: true })),
  () => (model) => ({ ...model, own: swapped(model.own) }),
  () => (model) => ({ ...model, host: "app-02" }),
  () => (model) => ({ ...model, name: `${model.name}x`, formerly: model.formerly ?? model.name }),
  () => (model) => ({ ...model, name: `${model.name}x` }),
  () => (model) => ({ ...model, companion: undefined }),
  () => (model) =>
    model.companion
      ? {
          ...model,
          companion: { ...model.companion, key: "worker", formerly: model.companion.formerly ?? model.companion.key },
        }
      : model,
  () =>
    ({ companion, ...model }) =>
      companion && {
        ...model,
        companion: undefined,
        own: [...model.own, ...companion.parts.filter((part) => free(model.own, part))],
      },
  (index) => (model) => {
    const part = model.own.filter(isFiles)[index % Math.max(model.own.filter(isFiles).length, 1)];
    if (!part || !model.companion || !free(model.companion.parts, part)) return model;
    return {
      ...model,
      own: model.own.filter((one) => one !== part),
      companion: { ...model.companion, parts: [...model.companion.parts, part] },
    };
  },
];

const NEXT: Readonly<Record<Part["kind"], Part["kind"]>> = {
  volume: "host path",
  "host path": "memory",
  memory: "volume",
  database: "companion's database",
  "companion's database": "database",
};

function free(parts: readonly Part[], { key, path }: Part): boolean {
  return parts.every((one) => one.key !== key && one.path !== path);
}

function swapped(parts: readonly Part[]): readonly Part[] {
  const [one, other] = parts.filter(isFiles);
  if (!one || !other) return parts;
  return parts.map((part) =>
    part === one ? { ...one, path: other.path } : part === other ? { ...other, path: one.path } : part,
  );
}

const part = (key: string, path: string): fc.Arbitrary<Part> =>
  fc
    .constantFrom("volume" as const, "volume" as const, "host path" as const, "memory" as const)
    .map((kind) => ({ key, kind, path }));

const model = (service: string): fc.Arbitrary<Model> =>
  fc
    .record({
      one: part("one", "/one"),
      two: fc.option(part("two", "/two"), { nil: undefined }),
      db: fc.constantFrom("database" as const, "companion's database" as const),
      queue: fc.option(part("data", "/var/queue"), { nil: undefined }),
    })
    .map(({ one, two, db, queue }) => ({
      service,
      name: service,
      host: "app-01",
      image: `example/${service}:1`,
      own: [one, ...(two ? [two] : []), { key: "db", kind: db, path: "" }],
      ...(queue && { companion: { key: "queue", parts: [queue] } }),
    }));

/** What each container finds at each path, by names on its host; and each service's databases: read from what was rendered. */
function rendered(lab: SynthesizedLab | undefined, models: readonly Model[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { service, name, host: on, own, companion } of models) {
    const postgres = own.find(({ kind }) => kind === "companion's database");
    const names = new Map([
      [name, service],
      ...(companion ? [[`${name}-${companion.key}`, `${service} queue`] as const] : []),
      ...(postgres ? [[`${name}-${postgres.key}`, `${service} db`] as const] : []),
    ]);
    const containers = lab?.stacks.find((stack) => stack.name === on)?.document.resource?.docker_container ?? {};
    for (const body of Object.values<any>(containers)) {
      const id = names.get(body.name);
      if (id === undefined) continue;
      for (const { target, source } of body.mounts ?? [])
        if (target !== "/run/secrets") found.set(`${id} ${target}`, `${on} ${source}`);
    }
    const facts = lab?.manifest?.services.find((one) => one.name === name)?.databases ?? [];
    for (const database of facts) found.set(`${service} database`, `${database.server} ${database.name}`);
  }
  return found;
}

function containerOf(key: string): string {
  return key.slice(0, key.lastIndexOf(" "));
}

function containersWith(found: ReadonlyMap<string, string>, value: string): ReadonlySet<string> {
  return new Set([...found].flatMap(([key, one]) => (one === value ? [containerOf(key)] : [])));
}

/** Which services that go on do not find what kind of thing where it was: the oracle, which knows who is who. */
function lost(labs: ComparedLabs, base: readonly Model[], head: readonly Model[]): string[] {
  const [was, is] = [rendered(labs.base, base), rendered(labs.head, head)];
  const living = new Map(head.map(({ service, companion }) => [service, companion !== undefined]));
  const isLost = ([key, value]: readonly [string, string]): boolean => {
    const steps = key.split(" ");
    const [service = "", path] = [steps[0], steps.at(-1)];
    if (!living.has(service) || is.get(key) === value) return false;
    // What went to another container of the service, which did not have it before, is where it is needed now.
    const own = containerOf(key);
    const takers = [...containersWith(is, value)].filter((one) => one.split(" ")[0] === service);
    const isAlive = steps[1] !== "queue" || living.get(service) === true;
    if (isAlive && !takers.includes(own) && takers.some((one) => !containersWith(was, value).has(one))) return false;
    // What a companion had that is gone, its service's own container may have.
    return !(steps[1] === "queue" && living.get(service) === false && is.get(`${service} ${path ?? ""}`) === value);
  };
  const names = new Map(head.map(({ service, name }) => [service, name]));
  return [...was].filter(isLost).map(([key, value]) => {
    const [service = ""] = key.split(" ");
    const isPath = /^\S+ \/mnt\/(?!services)/.test(value);
    return `${names.get(service) ?? ""} ${key.endsWith(" database") ? "database" : isPath ? "path" : "volume"}`;
  });
}

const distinct = (all: readonly string[]): string[] => [...new Set(all)].sort();

const LAYOUTS = ["volumes", "folders"] as const;

function hosts(layout: (typeof LAYOUTS)[number] | undefined): HostProps[] {
  const storage = layout === "folders" ? StorageLayout.serviceFolders("/mnt/services") : StorageLayout.dockerVolumes();
  return [host("app-01", 11, { storage }), host("app-02", 12)];
}

test("whoever does not find its data where it was is told, and nobody else", () => {
  const edits = fc.array(
    fc.record({ of: fc.constantFrom("app", "site"), edit: fc.constantFrom(...EDITS), index: fc.nat(3) }),
    { minLength: 1, maxLength: 4 },
  );
  let compared = 0;
  fc.assert(
    fc.property(
      model("app"),
      model("site"),
      edits,
      fc.constantFrom(...LAYOUTS),
      fc.boolean(),
      (a, b, changes, layout, moves) => {
        const base = [a, b];
        const head = base.flatMap(
          (before) =>
            changes
              .filter(({ of }) => of === before.service)
              .reduce<Model | undefined>((is, { edit, index }) => is && edit(index)(is), before) ?? [],
        );
        const labs = comparedLabs(
          (lab) => declare(lab, base, false),
          (lab) => declare(lab, head, true),
          { hosts: hosts(layout) },
          { hosts: hosts(moves ? LAYOUTS.find((other) => other !== layout) : layout) },
        );

        const told = reportData(labs, [])
          .filter(({ risk }) => DATA_LOSS.some((concern) => concern === risk) && risk !== "irreversible")
          .map(({ service = "", kind }) => `${service} ${kind === "folder" ? "volume" : kind}`);

        expect(distinct(told)).toEqual(distinct(lost(labs, base, head)));
        compared += 1;
      },
    ),
    { numRuns: 60 },
  );
  expect(compared).toBe(60);
});
