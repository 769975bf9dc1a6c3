import {
  Backup,
  Companion,
  Generations,
  Heartbeat,
  Duration,
  HomelabService,
  Ledger,
  PostgresDatabase,
  Probe,
  Secret,
  SecretFile,
  Volume,
  type CompanionPostgresHandle,
  type LedgerEntry,
  type Parts,
} from "../../../constructs";
import type { Homelab } from "../../../stacks";
import { addresses, errorOf, synthesizeLab, type Synthesis } from "../../support/synthesis";
import { renamed } from "../../support/renamed";

const basic = { image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") } as const;

interface Names {
  readonly name?: string;
  readonly formerly?: string;
  readonly companion?: string;
  readonly companionFormerly?: string;
  readonly database?: string;
}

/** A service with a database of its own, by the names that it has now and had before. */
function declare(lab: Homelab, { name = "app", companion = "db", ...names }: Names): void {
  const db = renamed(names.companionFormerly, Companion.postgres({ image: "postgres:17.2", database: names.database }));
  const own: Parts = { [companion]: db, none: Backup.none("test") };
  new HomelabService(lab.host("app-01"), name, {
    ...basic,
    formerly: names.formerly,
    parts: own,
    environment: (parts) => ({ PASSWORD_FILE: (parts[companion] as CompanionPostgresHandle).passwordFile() }),
  });
}

/** Synthesizes one lab after another, with one ledger and one list of generations, as commits do. */
function history(...steps: readonly Names[]): Synthesis & { readonly ledger: Ledger } {
  const [ledger, generations] = [Ledger.inMemory(), Generations.inMemory()];
  const all = steps.map((names) => synthesizeLab((lab) => declare(lab, names), { ledger, generations }));
  const last = all.at(-1);
  if (!last) throw new Error("no step");
  return { ...last, ledger };
}

function databaseOf({ stacks }: Synthesis): Record<string, string> {
  const containers = Object.values<any>(stacks["app-01"]?.resource.docker_container ?? {});
  const server = containers.find(({ image }) => /_(db|store)_/.test(image));
  return Object.fromEntries(server.env.map((line: string) => line.split("=")));
}

const ENTRY = { kind: "volume", host: "app-01", name: "app_db_data", database: "app" };

test.each<[string, Names[], string]>([
  ["its service", [{}, { name: "library", formerly: "app" }], "library/db/data"],
  ["its key", [{}, { companion: "store", companionFormerly: "db" }], "app/store/data"],
  [
    "both at once",
    [{}, { name: "library", formerly: "app", companion: "store", companionFormerly: "db" }],
    "library/store/data",
  ],
  [
    "first its service, then its key",
    [
      {},
      { name: "library", formerly: "app" },
      { name: "library", formerly: "app", companion: "store", companionFormerly: "db" },
    ],
    "library/store/data",
  ],
  [
    "first its key, then its service",
    [
      {},
      { companion: "store", companionFormerly: "db" },
      { name: "library", formerly: "app", companion: "store", companionFormerly: "db" },
    ],
    "library/store/data",
  ],
])("a companion keeps volume, database, user and password when %s is renamed", (_what, steps, key) => {
  const found = history(...steps);

  expect(Object.fromEntries(found.ledger.entries)).toEqual({
    [key]: { ...ENTRY, address: "docker_volume.app_db_data", formerKeys: expect.arrayContaining(["app/db/data"]) },
  });
  expect(databaseOf(found)).toMatchObject({ POSTGRES_DB: "app", POSTGRES_USER: "app" });
  expect(found.manifest.services[0]?.secrets.map(({ name }) => name)).toEqual(["webservices.app.db_pass"]);
  expect(addresses(found.stacks["app-01"])).toContain("docker_volume.app_db_data");
});

test("from every combination of names a state is moved to the present ones", () => {
  const { stacks } = history({}, { name: "library", formerly: "app", companion: "store", companionFormerly: "db" });
  const moves: { from: string; to: string }[] = stacks["app-01"]?.moved;
  const moved = Object.fromEntries(moves.map(({ from, to }) => [from, to]));

  for (const name of ["app_db", "app_store", "library_db"])
    expect(follow(moved, `docker_container.${name}`)).toBe("docker_container.library_store");
  expect(moved["docker_container.library_store"]).toBeUndefined();
  // Terraform refuses two ways to one address.
  expect(new Set(moves.map(({ to }) => to)).size).toBe(moves.length);
});

test("a companion's database keeps its name when the rename is forgotten, and when another is asked for", () => {
  expect(databaseOf(history({}, { name: "library", formerly: "app" }, { name: "library" }))).toMatchObject({
    POSTGRES_DB: "app",
  });
  expect(databaseOf(history({}, { database: "other" }))).toMatchObject({ POSTGRES_DB: "app" });
  expect(databaseOf(history({ database: "other" }, {}))).toMatchObject({ POSTGRES_DB: "other" });
});

test("what a ledger of the version before has is named as it was then", () => {
  const entry: LedgerEntry = {
    kind: "volume",
    host: "app-01",
    address: "docker_volume.app_db_data",
    name: "app_db_data",
  };
  const ledger = Ledger.inMemory({ "app/db/data": entry });

  const found = synthesizeLab((lab) => declare(lab, { name: "library", formerly: "app" }), { ledger });

  expect(databaseOf(found)).toMatchObject({ POSTGRES_DB: "app", POSTGRES_USER: "app" });
});

test("what a companion has in another stack is moved with it", () => {
  const beat = (lab: Homelab, key: string, former?: string) =>
    new HomelabService(lab.host("app-01"), "app", {
      ...basic,
      parts: {
        [key]: renamed(
          former,
          Companion.container({
            ...basic,
            port: 1,
            parts: { alive: Heartbeat.every(Duration.hours(1), { on: lab.monitoring }) },
          }),
        ),
      },
    });

  const { stacks } = synthesizeLab((lab) => void beat(lab, "worker", "queue"));

  expect(stacks.monitoring?.moved).toEqual([
    { from: "healthchecksio_check.app_queue_alive", to: "healthchecksio_check.app_worker_alive" },
  ]);
});

test("a renamed part keeps the secret that is named after it", () => {
  const generations = Generations.inMemory({ "webservices.app.key": 3 });

  const { manifest } = synthesizeLab(
    (lab) =>
      new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        parts: { token: renamed("key", SecretFile.generated({ length: 32 })) },
      }),
    { generations },
  );

  expect(manifest.services[0]?.secrets).toMatchObject([{ part: "token", name: "webservices.app.key", generation: 3 }]);
});

test("a renamed database keeps its password", () => {
  const generations = Generations.inMemory({ "webservices.app.db_pass": 3 });

  const { manifest, stacks } = synthesizeLab(
    (lab) =>
      new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        parts: { main: renamed("db", PostgresDatabase.on(lab.postgres("main"))), none: Backup.none("test") },
        environment: ({ main }) => ({ FILE: main.passwordFile() }),
      }),
    { generations },
  );

  expect(manifest.services[0]?.secrets).toMatchObject([{ part: "main", name: "webservices.app.db_pass" }]);
  expect(stacks["postgres-main"]?.resource.postgresql_role?.app_main_owner.password_wo_version).toBe("3");
});

test("fails for a database of a service and one of its companion that would share a password", () => {
  const found = errorOf((lab) => {
    const db = PostgresDatabase.on(lab.postgres("main"));
    const other = PostgresDatabase.on(lab.postgres("main"), { name: "other" });
    new HomelabService(lab.host("app-01"), "app", { ...basic, parts: { db, queue: companion({ db: other }) } });
  });

  expect(found).toContain(`the parts "db" and "queue.db" would share the secret "webservices.app.db_pass"`);
});

test("a part that is renamed from outside keeps its data", () => {
  const ledger = Ledger.inMemory({
    "app/old": { kind: "volume", host: "app-01", address: "docker_volume.app_old", name: "app_old" },
  });

  const { stacks } = synthesizeLab(
    (lab) =>
      new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        parts: { data: renamed("old", Volume.at("/data")), none: Backup.none("test") },
      }),
    { ledger },
  );

  expect(stacks["app-01"]?.resource.docker_volume?.app_old.name).toBe("app_old");
  expect([...ledger.entries.keys()]).toEqual(["app/data"]);
});

const key = SecretFile.generated({ length: 32 });
const token = Secret.asEnvironment({ reason: "test" });
const companion = (parts: Parts) => Companion.container({ ...basic, port: 1, parts });

test.each<[string, Parts, string]>([
  ["a service and its companion", { key, queue: companion({ key }) }, `"queue.key" would share`],
  ["two companions", { one: companion({ token }), two: companion({ token }) }, `"one.token" and "two.token"`],
  [
    "a companion's password and a part",
    { db: Companion.postgres({ image: "postgres:17.2" }), dbPass: key },
    `"db" and "dbPass" would share the secret "webservices.app.db_pass"`,
  ],
])("fails for one secret that is named after parts of %s", (_what, parts, message) => {
  const found = errorOf((lab) => {
    new HomelabService(lab.host("app-01"), "app", { ...basic, parts: { ...parts, none: Backup.none("test") } });
  });

  expect(found).toContain(`service "app": the parts `);
  expect(found).toContain(message);
});

test("a secret that is named is shared on purpose", () => {
  const shared = SecretFile.generated({ length: 32, name: "key" });

  const { manifest } = synthesizeLab(
    (lab) =>
      new HomelabService(lab.host("app-01"), "app", { ...basic, parts: { shared, queue: companion({ shared }) } }),
  );

  expect(manifest.secrets.map(({ name }) => name)).toContain("webservices.app.key");
  expect(manifest.services[0]?.secrets).toHaveLength(1);
});

function follow(moved: Readonly<Record<string, string>>, address: string): string {
  const next = moved[address];
  return next === undefined ? address : follow(moved, next);
}
