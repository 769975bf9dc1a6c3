import {
  Backup,
  Companion,
  ConfigFile,
  Content,
  DataFormat,
  HomelabService,
  HostPath,
  Image,
  PostgresDatabase,
  Probe,
  Route,
  Access,
  Tmpfs,
  Volume,
  type HomelabServiceProps,
  type Parts,
} from "../../constructs";
import type { Homelab } from "../../stacks";
import { lab, type Change } from "../support/changes";
import { host } from "../support/synthesis";
import { renamed } from "../support/renamed";

type Props = Partial<HomelabServiceProps<Parts>> & { readonly name?: string; readonly host?: string };

const declare = (
  home: Homelab,
  parts: Parts,
  { name = "app", host: on = "app-01", ...props }: Props = {},
): HomelabService =>
  new HomelabService(home.host(on), name, {
    image: "example/app:1.2.3",
    health: Probe.none("a test"),
    parts: { ...parts, none: Backup.none("a test") },
    ...props,
  });

/** A lab with one service. */
const app = (parts: Parts, props?: Props): Change["base"] => lab((home) => void declare(home, parts, props));
/** One whose database is on a server of the lab. */
const withDatabase = (key = "db", props?: Props, server = "main", parts: Parts = {}): Change["base"] =>
  lab(
    (home) => void declare(home, { ...parts, [key]: PostgresDatabase.on(home.postgres(server)) }, props),
    TWO_SERVERS,
  );
const TWO_SERVERS = {
  postgres: {
    main: { host: "db.example.org", backedUpBy: "the tests" },
    other: { host: "db2.example.org", backedUpBy: "the tests" },
  },
};

const data = Volume.at("/data");
const a = Volume.at("/a");
const b = Volume.at("/b");
const postgres = (tag = "17.2", repository = "docker.io/library/postgres"): Parts => ({
  db: Companion.postgres({ image: `${repository}:${tag}` }),
});
const redis = (image: string, persistence: "none" | "volume" = "volume"): Parts => ({
  queue: Companion.redis({ image, persistence }),
});
/** A companion of any image, with a volume. */
const server = (image: string, path: string, environment: Record<string, string> = {}): Parts => ({
  store: Companion.container({
    ...{ image, environment, port: 1, health: Probe.none("a test"), parts: { data: Volume.at(path) } },
  }),
});
const mysql = (image: string, environment: Record<string, string> = {}): Parts =>
  server(image, "/var/lib/mysql", { MYSQL_DATABASE: "app", ...environment });
const media = (from: string, writable = false): Parts => ({ media: HostPath.at("/media", { from, writable }) });
const worker = (key: string, former?: string): Parts => ({
  [key]: renamed(
    former,
    Companion.container({ image: "example/worker:1.0.0", port: 1, health: Probe.none("a test"), parts: { data } }),
  ),
});
const reader = Companion.container({
  ...{ image: "example/worker:1.0.0", port: 1, health: Probe.none("a test") },
  parts: media("/mnt/a"),
});
const site = (name: string, image: string, label: string): Change["base"] =>
  lab(
    (home) =>
      void declare(
        home,
        { data, web: Route.in(home.zone("example.com"), { label, access: Access.twoFactor() }) },
        { name, image, port: 80 },
      ),
  );

type Expected = Pick<Change, "firstLine" | "exitCode" | "failsOn">;
/** Something starts without its data, or on data that it can't read: every gate on data is shut. */
const danger = (firstLine: RegExp): Expected => ({ firstLine, exitCode: 3, failsOn: ["data-loss"] });
/** It may be so: whoever reads it decides. */
const warning = (firstLine: RegExp): Expected => ({ firstLine, exitCode: 2, failsOn: [] });
const safe = warning(/^No data is lost/);
const left = (...holders: readonly string[]): Expected =>
  danger(new RegExp(`^DATA IS LEFT BEHIND by ${holders.join(", ").replaceAll("/", "\\/")}[;.]`));
const cannotBeUndone = danger(/^CAN'T BE UNDONE: /);
const elsewhere = danger(/^DATA IS LEFT BEHIND by app\/db\/data; CAN'T BE UNDONE: app-db;/);
const mounted = warning(/^No data is lost; (.*; )?data is mounted elsewhere: app\/data/);
const mayNotBeUndone = warning(/^may not be undone: /);

const row = (name: string, base: Change["base"], head: Change["head"], expected: Expected): Change => ({
  ...{ name, base, head },
  ...expected,
});

const AT_PATHS: readonly Change[] = [
  row(
    "a volume becomes a path of the host",
    app({ data }),
    app({ data: HostPath.at("/data", { from: "/mnt/x", writable: true }) }),
    left("app/data"),
  ),
  row("a volume becomes a file system in memory", app({ data }), app({ data: Tmpfs.at("/data") }), left("app/data")),
  row("a volume is dropped, and its service stays", app({ data, a }), app({ a }), left("app/data")),
  row("the volume is mounted elsewhere", app({ data }), app({ data: Volume.at("/elsewhere") }), left("app/data")),
  row(
    "the volume is mounted elsewhere, and somebody says that the program looks there",
    app({ data }),
    app({ data: Volume.at("/elsewhere") }, { acknowledge: { "mount-path:/elsewhere": "APP_DATA names it" } }),
    mounted,
  ),
  row(
    "a companion's volume is mounted elsewhere, and somebody says so",
    app(server("example/store:1.0.0", "/var/store")),
    app(server("example/store:1.0.0", "/srv"), { acknowledge: { "mount-path:store./srv": "its new default" } }),
    warning(/^No data is lost; (.*; )?data is mounted elsewhere: app\/store\/data/),
  ),
  row(
    "a volume is mounted elsewhere, and it is said of another one",
    app({ a, b }),
    app({ a: Volume.at("/x"), b: Volume.at("/y") }, { acknowledge: { "mount-path:/y": "only b was told" } }),
    left("app/a"),
  ),
  row(
    "two volumes are swapped",
    app({ a, b }),
    app({ a: Volume.at("/b"), b: Volume.at("/a") }),
    left("app/a", "app/b"),
  ),
  row("one volume is put below another one", app({ a, b }), app({ a, b: Volume.at("/a/b") }), left("app/b")),
  row(
    "a volume is mounted above what is another one's folder now",
    app({ a: Volume.at("/a/b") }),
    app({ top: Volume.at("/a") }),
    left("app/a"),
  ),
  row(
    "a path of the host becomes a volume",
    app(media("/mnt/a", true)),
    app({ media: Volume.at("/media") }),
    left("app:/media"),
  ),
  row("another path of the host is mounted", app(media("/mnt/a")), app(media("/mnt/b")), left("app:/media")),
  row("a path of the host is dropped", app({ ...media("/mnt/a"), data }), app({ data }), left("app:/media")),
  row(
    "a folder below a path of the host is mounted instead",
    app(media("/mnt/a")),
    app(media("/mnt/a/b")),
    left("app:/media"),
  ),
  row(
    "an override mounts the volume elsewhere",
    app({ data }),
    lab((home) => declare(home, { data }).container.addOverride("mounts.0.target", "/elsewhere")),
    left("app/data"),
  ),
  row(
    "an override mounts another volume",
    app({ data }),
    lab((home) => declare(home, { data }).container.addOverride("mounts.0.source", "somebody_elses")),
    left("app/data"),
  ),
  row("a part is renamed, and nobody says so", app({ data }), app({ files: Volume.at("/data") }), left("app/data")),
  row(
    "a part moves into a companion with its data",
    app({ data, a }),
    app({
      a,
      jobs: Companion.container({
        ...{ image: "example/worker:1.0.0", port: 1, health: Probe.none("a test") },
        parts: { data: renamed("app/data", data) },
      }),
    }),
    // Another program gets it.
    warning(/^may not be undone: app-jobs; (.*; )?data is mounted elsewhere: app\/data/),
  ),
  row(
    "a path of the host moves into a companion",
    app({ ...media("/mnt/a"), data }),
    app({
      data,
      jobs: Companion.container({
        ...{ image: "example/worker:1.0.0", port: 1, health: Probe.none("a test") },
        parts: media("/mnt/a"),
      }),
    }),
    warning(/^No data is lost; (.*; )?data is mounted elsewhere: app:\/media/),
  ),
  row(
    "a path of the host is dropped that a companion has as well",
    app({ ...media("/mnt/a"), jobs: reader }),
    app({ jobs: reader }),
    left("app:/media"),
  ),
  row("a part moves into a companion", app({ data, a }), app({ a, ...worker("jobs") }), left("app/data")),
  row("a part moves out of a companion", app(worker("jobs")), app({ data }), left("app/jobs/data")),
  row("a companion is dropped with its data", app({ a, ...worker("jobs") }), app({ a }), left("app/jobs/data")),
  row("a companion is renamed, and nobody says so", app(worker("jobs")), app(worker("worker")), left("app/jobs/data")),
  row(
    "a volume is mounted below data that was there",
    app({ data }),
    app({ data, a: Volume.at("/data/cache") }),
    warning(/^may start without its data: app\/data;/),
  ),
  row(
    "a file is copied into data",
    app({ data }),
    app({ data, settings: ConfigFile.at("/data/app.ini", Content.text("a\n")) }),
    mayNotBeUndone,
  ),
  row("persistence is dropped", app(redis("redis:7.4.1")), app(redis("redis:7.4.1", "none")), left("app/queue/data")),
];

const AT_PATHS_SAFE: readonly Change[] = [
  row("a volume is added", app({ data }), app({ data, a }), safe),
  row(
    "a volume is added below a file system in memory",
    app({ data, tmp: Tmpfs.at("/tmp") }),
    app({ data, tmp: Tmpfs.at("/tmp"), a: Volume.at("/tmp/a") }),
    safe,
  ),
  row("a file system in memory is dropped", app({ data, tmp: Tmpfs.at("/tmp") }), app({ data }), safe),
  row("the order of parts", app({ a, b }), app({ b, a }), { firstLine: "Nothing changes.", exitCode: 0, failsOn: [] }),
  row(
    "a part is renamed with formerly",
    app({ data }),
    app({ files: renamed("data", Volume.at("/data")) }),
    warning(/^No data is lost; \d+ small changes told below\.$/),
  ),
  row(
    "versions are said not to matter, together with a version back",
    app({ data }),
    app({ data }, { dataFormat: DataFormat.stable({ reason: "nobody looks" }), image: "example/app:1.1.0" }),
    mayNotBeUndone,
  ),
  row("a companion is renamed with formerly", app(worker("jobs")), app(worker("worker", "jobs")), safe),
  row("a service is renamed with formerly", app({ data }), app({ data }, { name: "other", formerly: "app" }), safe),
  row(
    "a service is removed: its data is released",
    app({ data }),
    lab(() => undefined),
    safe,
  ),
  row(
    "the clock of the host is no longer mounted",
    app({ data, clock: HostPath.at("/etc/localtime", { from: "/etc/localtime" }) }),
    app({ data }),
    safe,
  ),
];

const SERVICES: readonly Change[] = [
  row("a service is renamed, and nobody says so", app({ data }), app({ data }, { name: "other" }), left("app/data")),
  row(
    "a service is renamed with another image at the same address",
    site("git", "gitea/gitea:1.22.0", "git"),
    site("forge", "codeberg.org/forgejo/forgejo:9.0.3", "git"),
    left("git/data"),
  ),
  row(
    "a service is renamed with another image and address",
    site("git", "gitea/gitea:1.22.0", "git"),
    site("forge", "codeberg.org/forgejo/forgejo:9.0.3", "forge"),
    warning(/^may start without its data: git\/data;/),
  ),
  row(
    "a service moves to another host, and somebody says how its data follows",
    app({ data }),
    app({ data }, { host: "app-02", acknowledge: { "relocation:data": "rsync" } }),
    danger(/^DATA MUST BE COPIED: app\/data;/),
  ),
  row(
    "a companion is renamed and moves at once",
    app(worker("jobs")),
    app(worker("worker", "jobs"), { host: "app-02", acknowledge: { "relocation:worker.data": "rsync" } }),
    danger(/^DATA MUST BE COPIED: app\/worker\/data;/),
  ),
  row(
    "a service with a path of the host moves to another host",
    app(media("/mnt/a")),
    app(media("/mnt/a"), { host: "app-02" }),
    warning(/^data moves: app:\/media;/),
  ),
];

const DATABASES: readonly Change[] = [
  row("a database becomes a companion's at one key", withDatabase(), app(postgres()), left("app/db")),
  row(
    "a companion's database becomes one of a server at one key",
    app(postgres()),
    withDatabase(),
    left("app/db/data"),
  ),
  row(
    "a database is dropped, and its service stays",
    withDatabase("db", {}, "main", { data }),
    app({ data }),
    left("app/db"),
  ),
  row(
    "a database moves to another server, and somebody says how its data follows",
    withDatabase(),
    withDatabase("db", { acknowledge: { "relocation:db": "pg_dump" } }, "other"),
    danger(/^DATA MUST BE COPIED: app\/db;/),
  ),
  row(
    "a companion's PostgreSQL becomes Redis at one key",
    app(postgres()),
    app({ db: Companion.redis({ image: "redis:7.4.1", persistence: "volume" }) }),
    danger(/^DATA IS LEFT BEHIND by app\/db\/data; CAN'T BE UNDONE: app-db;/),
  ),
  row(
    "MYSQL_DATABASE of a companion with data",
    app(mysql("mysql:8.4.3")),
    app(mysql("mysql:8.4.3", { MYSQL_DATABASE: "other" })),
    left("app/store/data"),
  ),
  row(
    "POSTGRES_DB of a companion with data",
    app(server("postgres:17.2", "/var/lib/postgresql/data", { POSTGRES_DB: "app", POSTGRES_PASSWORD_FILE: "/x" })),
    app(server("postgres:17.2", "/var/lib/postgresql/data", { POSTGRES_DB: "other", POSTGRES_PASSWORD_FILE: "/x" })),
    left("app/store/data"),
  ),
  row(
    "PGDATA of a companion with data",
    app(server("postgres:17.2", "/var/lib/postgresql/data", { PGDATA: "/var/lib/postgresql/data/a" })),
    app(server("postgres:17.2", "/var/lib/postgresql/data", { PGDATA: "/var/lib/postgresql/data/b" })),
    left("app/store/data"),
  ),
  row(
    "a variable leads to another database outside of the lab",
    app({ data }, { environment: { DATABASE_URL: "postgres://one.example.org/app" } }),
    app({ data }, { environment: { DATABASE_URL: "postgres://two.example.org/app" } }),
    warning(/^may start without its data: app:DATABASE_URL;/),
  ),
  row(
    "a companion without data is renamed, with the variable that leads there",
    app(
      { data, queue: Companion.redis({ image: "redis:7.4.1" }) },
      { environment: { REDIS_URL: "redis://app-queue:6379" } },
    ),
    app(
      { data, jobs: Companion.redis({ image: "redis:7.4.1" }) },
      { environment: { REDIS_URL: "redis://app-jobs:6379" } },
    ),
    safe,
  ),
  row(
    "a companion with data is renamed with formerly, with the variable that leads there",
    app(worker("jobs"), { environment: { DB_HOST: "app-jobs" } }),
    app(worker("worker", "jobs"), { environment: { DB_HOST: "app-worker" } }),
    safe,
  ),
];

const FORMATS: readonly Change[] = [
  row("PostgreSQL of another major version", app(postgres("16.4")), app(postgres()), cannotBeUndone),
  row(
    "PostgreSQL of a version whose image has its volume elsewhere",
    app(postgres()),
    app(postgres("18.0")),
    elsewhere,
  ),
  row("PostgreSQL back to an earlier major version", app(postgres()), app(postgres("16.4")), cannotBeUndone),
  row(
    "PostgreSQL with pgvector, and then without",
    app(postgres("pg17", "pgvector/pgvector")),
    app(postgres()),
    cannotBeUndone,
  ),
  row(
    "PostgreSQL of another builder",
    app(postgres()),
    app(postgres("17.2.0", "docker.io/bitnami/postgresql")),
    cannotBeUndone,
  ),
  row("PostgreSQL of Alpine Linux", app(postgres()), app(postgres("17.2-alpine")), mayNotBeUndone),
  row(
    "the PostgreSQL that the lab runs of another major version",
    lab((home) => void declare(home, { db: PostgresDatabase.on(home.postgres("main")) }), running("17.2")),
    lab((home) => void declare(home, { db: PostgresDatabase.on(home.postgres("main")) }), running("18.0")),
    danger(/^DATA IS LEFT BEHIND by postgres-main\/data; CAN'T BE UNDONE: postgres-main;/),
  ),
  row("MySQL of another series", app(mysql("mysql:8.0.40")), app(mysql("mysql:8.4.3")), cannotBeUndone),
  row("MySQL becomes MariaDB", app(mysql("mysql:8.0.40")), app(mysql("mariadb:11.4.4")), cannotBeUndone),
  row(
    "MongoDB of another series",
    app(server("mongo:7.0.15", "/data/db")),
    app(server("mongo:8.0.3", "/data/db")),
    cannotBeUndone,
  ),
  row("Redis becomes Valkey", app(redis("redis:7.4.1")), app(redis("valkey/valkey:8.0.1")), cannotBeUndone),
  row(
    "a Redis that Valkey reads becomes Valkey",
    app(redis("redis:7.2.6")),
    app(redis("valkey/valkey:8.0.1")),
    mayNotBeUndone,
  ),
  row(
    "a declared format: a step forward",
    app({ data }, { dataFormat: DataFormat.stepByStep() }),
    app({ data }, { dataFormat: DataFormat.stepByStep(), image: "example/app:2.0.0" }),
    cannotBeUndone,
  ),
  row(
    "a declared format: a step back",
    app({ data }, { dataFormat: DataFormat.migrated() }),
    app({ data }, { dataFormat: DataFormat.migrated(), image: "example/app:1.2.2" }),
    cannotBeUndone,
  ),
  row(
    "an application back to an older version",
    app({ data }),
    app({ data }, { image: "example/app:1.1.0" }),
    mayNotBeUndone,
  ),
  row(
    "an application whose database is on a server back to an older version",
    withDatabase(),
    withDatabase("db", { image: "example/app:1.1.0" }),
    mayNotBeUndone,
  ),
  row(
    "an application to the next major version",
    app({ data }),
    app({ data }, { image: "example/app:2.0.0" }),
    mayNotBeUndone,
  ),
  row(
    "an application to a tag that has no version",
    app({ data }),
    app({ data }, { image: Image.latest("example/app", { reason: "a test" }) }),
    mayNotBeUndone,
  ),
  row(
    "another program on the same data",
    app({ data }),
    app({ data }, { image: "example/other:1.2.3" }),
    mayNotBeUndone,
  ),
];

const FORMATS_SAFE: readonly Change[] = [
  row("a patch of an application", app({ data }), app({ data }, { image: "example/app:1.2.4" }), safe),
  row("a patch of an application, and back", app({}), app({}, { image: "example/app:1.2.2" }), safe),
  row("a minor version of PostgreSQL", app(postgres()), app(postgres("17.4")), safe),
  row("PostgreSQL gets pgvector", app(postgres()), app(postgres("pg17", "pgvector/pgvector")), safe),
  row(
    "the same image from another registry",
    app({ data }),
    app({ data }, { image: "registry.example.org/example/app:1.2.3" }),
    safe,
  ),
  row("a Redis that keeps nothing", app(redis("redis:7.4.1", "none")), app(redis("valkey/valkey:8.0.1", "none")), safe),
  row(
    "versions that don't matter to the data",
    app({ data }, { dataFormat: DataFormat.stable({ reason: "files of other people" }) }),
    app({ data }, { dataFormat: DataFormat.stable({ reason: "files of other people" }), image: "example/app:1.0.0" }),
    safe,
  ),
];

function running(tag: string): Parameters<typeof lab>[1] {
  return { postgres: { main: { on: host("app-01", 11), image: `docker.io/library/postgres:${tag}` } } };
}

/** What becomes of data: whether containers find it where it was, and whether their programs can read it. */
export const rows: readonly Change[] = [
  ...AT_PATHS,
  ...AT_PATHS_SAFE,
  ...SERVICES,
  ...DATABASES,
  ...FORMATS,
  ...FORMATS_SAFE,
];
