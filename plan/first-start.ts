import type { ComparedContainers } from "./container-heirs";
import { isSameThing, type SynthesizedContainer } from "./mounted";
import { dataOf } from "./data-at-paths";
import { formatOf } from "./image-families";
import { inWords } from "./in-words";
import { thingIn } from "./left-behind";
import type { DataReport } from "./model";

/** Variables that an image of a database reads when it makes its data, and never again. */
const AT_FIRST_START = new Set([
  "DOCKER_INFLUXDB_INIT_BUCKET",
  "DOCKER_INFLUXDB_INIT_ORG",
  "DOCKER_INFLUXDB_INIT_USERNAME",
  "MARIADB_DATABASE",
  "MARIADB_USER",
  "MONGO_INITDB_DATABASE",
  "MONGO_INITDB_ROOT_USERNAME",
  "MYSQL_DATABASE",
  "MYSQL_USER",
  "POSTGRESQL_DATABASE",
  "POSTGRESQL_USERNAME",
  "POSTGRES_DB",
  "POSTGRES_USER",
]);

/** Variables that say in which folder a database keeps its data. */
const FOLDERS = new Set(["MEILI_DB_PATH", "PGDATA"]);

/** Variables of databases that are changed, though the data that is there was made with others. */
export function firstStarts({ was, containers }: ComparedContainers): DataReport[] {
  return [...containers].flatMap(([before, after]) => {
    const format = formatOf(before.image);
    if (!format || format.name !== formatOf(after.image)?.name) return [];
    const kept = dataOf(before).find(({ found }) => after.mounts.some((mount) => isSameThing(found, mount.found)));
    if (!kept) return [];
    return changed(before, after).map((name) => ({
      ...thingIn(was, before, kept),
      risk: "starts-empty",
      service: after.service?.name,
      container: after.name,
      message: FOLDERS.has(name)
        ? `${name} has ${after.name} look for its data in another folder than where ${inWords(kept.found)} has it: leave it as it is, or move the data first`
        : `${name} of ${after.name} becomes another one, which counts only when the data is made: in ${inWords(kept.found)} nothing has that name, so leave it as it is, or rename it in the database first`,
    }));
  });
}

function changed(before: SynthesizedContainer, after: SynthesizedContainer): string[] {
  return [...AT_FIRST_START, ...FOLDERS].filter((name) => valueOf(before, name) !== valueOf(after, name));
}

/** The image of PostgreSQL names the database as the user, and the user as itself, unless told otherwise. */
function valueOf({ environment }: SynthesizedContainer, name: string): string | undefined {
  const value = environment.get(name);
  if (value !== undefined || !name.startsWith("POSTGRES_")) return value;
  const isServer = [...environment.keys()].some((known) => known.startsWith("POSTGRES_"));
  return isServer ? (environment.get("POSTGRES_USER") ?? "postgres") : undefined;
}
