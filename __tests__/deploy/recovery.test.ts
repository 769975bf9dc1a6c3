import {
  Backup,
  Companion,
  HomelabService,
  Ledger,
  PostgresDatabase,
  Probe,
  StorageLayout,
  Volume,
  type LedgerEntry,
} from "../../constructs";
import { DeployedMounts } from "../../deploy/deployed-mounts";
import { foundInStates, type DeployedStack, type Found } from "../../deploy/found";
import { recover, type RecoveredEntry } from "../../deploy/recovery";
import type { Homelab } from "../../stacks";
import { host, synthesizeLab, type Synthesis } from "../support/synthesis";

const hosts = [host("app-01", 11), host("media-01", 12, { storage: StorageLayout.serviceFolders("/mnt/data") })];
const basic = { image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") } as const;

function declare(lab: Homelab, name = "wiki"): void {
  new HomelabService(lab.host("app-01"), name, {
    ...basic,
    parts: {
      media: Volume.at("/data"),
      db: PostgresDatabase.on(lab.postgres("main"), { extensions: ["citext"], readOnlyRole: true }),
      store: Companion.postgres({ image: "docker.io/library/postgres:17.2" }),
      none: Backup.none("test"),
    },
  });
  new HomelabService(lab.host("media-01"), "photos", {
    ...basic,
    parts: { album: Volume.at("/data"), none: Backup.none("test") },
  });
}

/** A lab, and what it makes of a ledger. */
function lab(entries: Record<string, LedgerEntry>, declared: (lab: Homelab) => void): Synthesis & { ledger: Ledger } {
  const ledger = Ledger.inMemory(entries);
  return { ...synthesizeLab(declared, { ledger, hosts }), ledger };
}

/** The stacks of a lab, whose states have what another synthesis declared. */
function deployed({ stacks }: Synthesis, was: Synthesis): DeployedStack[] {
  return Object.entries(stacks).map(([name, document]) => ({
    name,
    folder: "",
    document,
    resources: Object.entries(was.stacks[name]?.resource ?? {}).flatMap(([type, named]) =>
      Object.entries(named).map(([id, attributes]) => ({ address: `${type}.${id}`, type, instances: [attributes] })),
    ),
  }));
}

function recovered(
  now: Synthesis,
  was: Synthesis,
  options: { known?: Record<string, LedgerEntry>; elsewhere?: Found[] } = {},
): RecoveredEntry[] {
  const stacks = deployed(now, was);
  const found = [...foundInStates(stacks, now.manifest, options.elsewhere ?? []), ...(options.elsewhere ?? [])];
  return recover(found, now.manifest, new Map(Object.entries(options.known ?? {})), new DeployedMounts(stacks));
}

const entriesOf = (list: readonly RecoveredEntry[]): Record<string, LedgerEntry> =>
  Object.fromEntries(list.map(({ key, entry }) => [key, entry]));

test("a ledger that was lost is found again as it was, from the states", () => {
  const was = lab({}, (home) => declare(home));
  const now = lab({}, (home) => declare(home));

  const found = recovered(now, was);

  expect(entriesOf(found)).toEqual(Object.fromEntries(was.ledger.entries));
  expect(Object.keys(entriesOf(found))).toHaveLength(7);
  expect(found.every(({ isDeclared }) => isDeclared)).toBe(true);
  expect(found[0]?.seen).toEqual(["the state of media-01"]);
});

test("a line that is lost is found again beside those that are there, and nothing twice", () => {
  const was = lab({}, (home) => declare(home));
  const { "wiki/media": media, ...known } = Object.fromEntries(was.ledger.entries);
  const now = lab(known, (home) => declare(home));
  const elsewhere: Found[] = [{ kind: "volume", host: "app-01", name: "wiki_media", seen: "host app-01" }];

  expect(recovered(now, was, { known, elsewhere })).toEqual([
    { key: "wiki/media", entry: media, isDeclared: true, seen: ["the state of app-01", "host app-01"] },
  ]);
});

test("what was renamed once keeps the name and the address that it was deployed with, by where it is mounted", () => {
  const before = lab({}, (home) => declare(home, "docs"));
  const renamed = (name: string): LedgerEntry => before.ledger.tryGet(name) ?? fail();
  const kept = {
    "wiki/media": renamed("docs/media"),
    "wiki/store/data": renamed("docs/store/data"),
  };
  const was = lab(kept, (home) => declare(home));
  const now = lab({}, (home) => declare(home));

  const found = entriesOf(recovered(now, was));

  expect(found["wiki/media"]).toEqual({ ...kept["wiki/media"] });
  expect(found["wiki/store/data"]).toEqual({ ...kept["wiki/store/data"], database: "docs" });
  expect(Object.values(found).filter(({ name }) => name === "docs_media")).toHaveLength(1);
});

test("what nothing declares is found again as released, with a key after its address or its name", () => {
  const was = lab({}, (home) => declare(home));
  const now = lab({}, () => undefined);
  const elsewhere: Found[] = [
    { kind: "volume", host: "app-01", name: "old_media", seen: "host app-01" },
    { kind: "folder", host: "media-01", name: "/mnt/data/films/big-ones", seen: "host media-01" },
    { kind: "database", server: "main", name: "shop", seen: "database server main" },
    { kind: "role", server: "main", name: "shop", seen: "database server main" },
    { kind: "role", server: "main", name: "wiki", seen: "database server main" },
  ];

  const found = recovered(now, was, { elsewhere });

  const { "wiki/store/data": _store, ...others } = Object.fromEntries(was.ledger.entries);
  expect(entriesOf(found)).toMatchObject(others);
  expect(entriesOf(found)).toMatchObject({
    "old/media": { kind: "volume", host: "app-01", address: "docker_volume.old_media", name: "old_media" },
    "films/bigOnes": { kind: "folder", host: "media-01", address: "null_resource.films_big_ones" },
    "shop/db": { kind: "database", server: "main", address: "postgresql_database.shop_db", name: "shop" },
    "shop/db.owner": { kind: "role", server: "main", address: "postgresql_role.shop_db_owner", name: "shop" },
  });
  expect(found).toHaveLength(11);
  expect(found.every(({ isDeclared }) => !isDeclared)).toBe(true);
  expect(() => Ledger.inMemory(entriesOf(found)).toString()).not.toThrow();
});

test("what may be somebody else's is so only where nothing declares it and no state has it", () => {
  const was = lab({}, (home) => declare(home, "docs"));
  const now = lab({}, (home) => declare(home));
  const foreign = 'container "tool" has it';
  const elsewhere = ["docs_media", "wiki_media", "tool_media"].map((name): Found => ({
    kind: "volume",
    host: "app-01",
    name,
    seen: "host app-01",
    foreign,
  }));

  const found = recovered(now, was, { elsewhere }).filter(({ entry }) => entry.name.endsWith("_media"));

  expect(found.map(({ key, foreign: why }) => [key, why])).toEqual([
    ["docs/media", undefined],
    ["tool/media", foreign],
    ["wiki/media", undefined],
  ]);
});

test("what belongs to a database has a key below it, whoever has seen it", () => {
  const nothing = lab({}, () => undefined);
  const at = { server: "main", seen: "database server main", database: "app" };
  const names = [
    ["role", "app_readonly"],
    ["role", "somebody"],
    ["extension", "app.citext"],
    ["database", "app"],
    ["role", "app"],
  ] as const;

  const found = recovered(nothing, nothing, { elsewhere: names.map(([kind, name]) => ({ ...at, kind, name })) });

  expect(found.map(({ key, entry }) => [key, entry.address])).toEqual([
    ["app/db", "postgresql_database.app_db"],
    ["app/db.extension.citext", "postgresql_extension.app_db_extension_citext"],
    ["app/db.owner", "postgresql_role.app_db_owner"],
    ["app/db.readonly", "postgresql_role.app_db_readonly"],
    ["app/db.somebody", "postgresql_role.app_db_somebody"],
  ]);
});

test("what the ledger has, also as retired or left behind, is not found once more", () => {
  const media: LedgerEntry = { kind: "volume", host: "app-01", address: "docker_volume.a", name: "wiki_media" };
  const moved = {
    ...media,
    host: "app-02",
    previous: [{ host: "app-01", address: "docker_volume.a", name: "wiki_media" }],
  };
  const elsewhere: Found[] = [{ kind: "volume", host: "app-01", name: "wiki_media", seen: "host app-01" }];
  const nothing = lab({}, () => undefined);

  for (const known of [media, { ...media, retired: true } as const, moved])
    expect(recovered(nothing, nothing, { known: { "wiki/media": known }, elsewhere })).toEqual([]);
});

test("what the code declares and nobody has found was never deployed, and is left to the next synthesis", () => {
  const now = lab({}, (home) => declare(home));

  expect(
    recovered(
      now,
      lab({}, () => undefined),
    ),
  ).toEqual([]);
});

test("two things whose addresses or keys would be the same get one each", () => {
  const nothing = lab({}, () => undefined);
  const elsewhere: Found[] = ["a_b", "a-b"].map((name) => ({
    kind: "volume",
    host: "app-01",
    name,
    seen: "host app-01",
  }));

  expect(entriesOf(recovered(nothing, nothing, { elsewhere }))).toEqual({
    "a/b": { kind: "volume", host: "app-01", address: "docker_volume.a_b", name: "a_b" },
    "a/b2": { kind: "volume", host: "app-01", address: "docker_volume.a_b2", name: "a-b" },
  });
});

function fail(): never {
  throw new Error("it is not in the ledger");
}

describe("the volume of a database server that the lab runs is found again", () => {
  const postgres = { main: { on: hosts[0] ?? host("app-01", 11), image: "docker.io/library/postgres:17.2" } };
  const was = synthesizeLab(() => undefined, { hosts, postgres, ledger: Ledger.inMemory() });
  const line = {
    ...{ kind: "volume", host: "app-01", stack: "postgres-main" },
    ...{ address: "docker_volume.postgres_main_data", name: "postgres_main_data" },
  };

  test("in the stack of its databases", () => {
    const now = synthesizeLab(() => undefined, { hosts, postgres, ledger: Ledger.inMemory() });

    expect(entriesOf(recovered(now, was))).toEqual({ "postgres-main/data": line });
  });

  test("by the host that has it, where the server is another one by now", () => {
    const now = synthesizeLab(() => undefined, { hosts, ledger: Ledger.inMemory() });
    const onHost: Found = { kind: "volume", host: "app-01", name: "postgres_main_data", seen: "host app-01" };

    const found = recovered(now, was, { elsewhere: [onHost] });

    expect(entriesOf(found)).toEqual({ "postgres-main/data": line });
    expect(found.map(({ seen, isDeclared }) => [isDeclared, seen])).toEqual([
      [false, ["the state of postgres-main", "host app-01"]],
    ]);
  });

  test("by the only host that there is", () => {
    const now = synthesizeLab(() => undefined, { hosts: hosts.slice(0, 1), ledger: Ledger.inMemory() });

    expect(entriesOf(recovered(now, was))).toEqual({ "postgres-main/data": line });
  });

  test("not where nothing says which host has it, and that is told", () => {
    const now = synthesizeLab(() => undefined, { hosts, ledger: Ledger.inMemory() });

    expect(recovered(now, was)).toEqual([]);
    expect(foundInStates(deployed(now, was), now.manifest, [])).toEqual([
      {
        ...{ kind: "volume", name: "postgres_main_data", address: "docker_volume.postgres_main_data" },
        ...{ key: "postgres-main/data", stack: "postgres-main", seen: "the state of postgres-main" },
      },
    ]);
  });
});

test("what two states have is of the stack that the code says, and the other one lets go of it", () => {
  const declared = lab({}, (home) => declare(home));
  const { stacks } = declared;
  const volume = { docker_volume: { wiki_media: stacks["app-01"]?.resource.docker_volume?.wiki_media } };
  const was = { ...declared, stacks: { ...stacks, "postgres-main": { resource: volume } } };
  const onHost: Found = { kind: "volume", host: "app-01", name: "wiki_media", seen: "host app-01" };

  const found = entriesOf(
    recovered(
      lab({}, (home) => declare(home)),
      was,
      { elsewhere: [onHost] },
    ),
  );

  expect(found["wiki/media"]).toEqual({
    ...declared.ledger.entries.get("wiki/media"),
    previous: [{ host: "app-01", stack: "postgres-main", address: "docker_volume.wiki_media", name: "wiki_media" }],
  });
});
