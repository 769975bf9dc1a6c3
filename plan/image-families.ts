import { nameOfImage, repositoryOf, tagOf, versionIn } from "./image-reference";

/** What another version of a program means for the data that one of its versions wrote. */
export interface Format {
  /** The program; images of one name read each other's data. */
  readonly name: string;
  /** How many numbers of a version name a series: a newer one does to older data what `up` says. */
  readonly series: number;
  /** How many numbers of a version have to be the same or higher to read the data. */
  readonly backSeries: number;
  /** What a newer series does: it does not start; it changes the data, of the series before it only; it changes it. */
  readonly up: "refuses" | "step-by-step" | "migrates";
  /** What to do for a newer series. */
  readonly how: string;
}

/** All numbers of a version. */
const ALL = 4;

const DUMP = "take a dump with the old version, start the new one on an empty place, and load it there";
const COPY = "stop it and copy the data first";

const POSTGRESQL: Format = {
  ...{ name: "PostgreSQL", series: 1, backSeries: 1, up: "refuses", how: DUMP }, // https://www.postgresql.org/support/versioning/
};
const MARIADB: Format = {
  ...{ name: "MariaDB", series: 2, backSeries: 2, up: "migrates", how: COPY }, // https://mariadb.com/kb/en/upgrading/
};
const MYSQL: Format = {
  ...{ name: "MySQL", series: 2, backSeries: ALL, up: "step-by-step", how: COPY }, // https://dev.mysql.com/doc/refman/8.4/en/downgrading.html
};
const MONGODB: Format = {
  ...{ name: "MongoDB", series: 2, backSeries: 2, up: "step-by-step", how: COPY }, // https://www.mongodb.com/docs/manual/release-notes/8.0-upgrade-standalone/
};
/** The version in the head of an RDB file grows with the second number, and an older server does not load it (`rdb.c`). */
const OF_REDIS = { series: 1, backSeries: 2, up: "migrates", how: COPY } as const;
const REDIS: Format = { name: "Redis", ...OF_REDIS };
const ELASTICSEARCH: Format = {
  ...{ name: "Elasticsearch", series: 1, backSeries: ALL, up: "step-by-step", how: COPY }, // https://www.elastic.co/docs/deploy-manage/upgrade
};
const MEILISEARCH: Format = {
  ...{ name: "Meilisearch", series: 2, backSeries: 2, up: "refuses", how: DUMP }, // https://www.meilisearch.com/docs/learn/update_and_migration/updating
};
const NEXTCLOUD: Format = {
  ...{ name: "Nextcloud", series: 1, backSeries: ALL, up: "step-by-step", how: COPY }, // https://docs.nextcloud.com/server/latest/admin_manual/maintenance/upgrade.html
};

/** Programs whose data formats are known, by the last word of their image. */
const FAMILIES: Readonly<Record<string, Format>> = {
  ...named(POSTGRESQL, "postgres", "postgresql", "pgvector", "postgis", "timescaledb", "timescaledb-ha", "pgvecto-rs"),
  ...named(POSTGRESQL, "vchord-postgres"),
  ...named(MARIADB, "mariadb"),
  ...named(MYSQL, "mysql", "mysql-server", "percona", "percona-server"),
  ...named(MONGODB, "mongo", "mongodb", "mongodb-community-server", "percona-server-mongodb"),
  ...named(REDIS, "redis", "redis-stack", "redis-stack-server"),
  ...named({ ...REDIS, name: "Valkey" }, "valkey"),
  ...named({ ...REDIS, name: "KeyDB" }, "keydb"),
  ...named({ ...REDIS, name: "Dragonfly" }, "dragonfly"),
  ...named(ELASTICSEARCH, "elasticsearch"),
  ...named({ ...ELASTICSEARCH, name: "OpenSearch" }, "opensearch"),
  ...named(MEILISEARCH, "meilisearch"),
  ...named({ name: "InfluxDB", series: 1, backSeries: ALL, up: "refuses", how: DUMP }, "influxdb"),
  ...named(NEXTCLOUD, "nextcloud"),
};

function named(format: Format, ...names: readonly string[]): Record<string, Format> {
  return Object.fromEntries(names.map((name) => [name, format]));
}

/** The format of a program that is declared in the lab: on the way back all of its versions count. */
export function declaredFormat(name: string, up: Format["up"]): Format {
  return { name, series: 1, backSeries: ALL, up, how: up === "refuses" ? DUMP : COPY };
}

/** The data format of an image, if its program is known. */
export function formatOf(image: string): Format | undefined {
  return FAMILIES[nameOfImage(image)];
}

/** Who builds an image, where that decides in which folder it keeps data: `bitnami`; nothing for the program's own. */
export function builderOf(image: string): string {
  return (
    /(?:^|\/)(bitnami|bitnamilegacy|bitnamisecure|linuxserver|sclorg|rhel\d+)\//.exec(repositoryOf(image))?.[1] ?? ""
  );
}

/** The version of the program whose data it is: in `2.17.2-pg16` that of PostgreSQL. */
export function dataVersionOf(image: string, format: Format | undefined): readonly number[] | undefined {
  const tag = tagOf(image);
  const inside = format === POSTGRESQL ? /(?:^|[^a-z])pg(\d+)/.exec(tag ?? "")?.[1] : undefined;
  return inside === undefined ? versionIn(tag) : [Number(inside)];
}

/** Extensions that are built into an image of PostgreSQL, and that its data may rely on. */
export function extensionsOf(image: string): string | undefined {
  const name = nameOfImage(image);
  return formatOf(image) === POSTGRESQL && !["postgres", "postgresql"].includes(name) ? name : undefined;
}

/** Whether a PostgreSQL sorts text by the rules of musl, as images of Alpine Linux do; indexes are built by these. */
export function sortsByMusl(image: string): boolean {
  return /alpine/.test(tagOf(image) ?? "") || nameOfImage(image) === "timescaledb";
}

/** Whether the images between two versions of PostgreSQL moved the folder that they keep their data in. */
export function movesFolder(format: Format, was: readonly number[], is: readonly number[]): boolean {
  return format === POSTGRESQL && (was[0] ?? 0) < 18 && (is[0] ?? 0) >= 18;
}
