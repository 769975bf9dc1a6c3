import { Backup, Companion, HomelabService, PostgresDatabase, Probe } from "../../../constructs";
import { postgresVolumeOf } from "../../../constructs/data/postgres-image";
import { host, synthesizeLab } from "../../support/synthesis";

test.each([
  ["docker.io/library/postgres:17.6", "/var/lib/postgresql/data"],
  ["docker.io/library/postgres:9.6.24-alpine", "/var/lib/postgresql/data"],
  ["docker.io/library/postgres:18", "/var/lib/postgresql"],
  ["docker.io/library/postgres:18.1-alpine3.22", "/var/lib/postgresql"],
  ["docker.io/library/postgres:18beta1", "/var/lib/postgresql"],
  [`registry.example.org:5000/postgres:19.0@sha256:${"0".repeat(64)}`, "/var/lib/postgresql"],
  ["docker.io/pgvector/pgvector:0.8.1-pg17", "/var/lib/postgresql/data"],
  ["docker.io/pgvector/pgvector:pg18", "/var/lib/postgresql"],
  ["docker.io/timescale/timescaledb:2.23.0-pg18", "/var/lib/postgresql"],
  ["docker.io/postgis/postgis:18-3.6", "/var/lib/postgresql"],
  [`registry.example.org:5000/postgres@sha256:${"0".repeat(64)}`, "/var/lib/postgresql/data"],
  ["example.org/postgres:stable", "/var/lib/postgresql/data"],
])("the volume of %s is at %s", (image, path) => {
  expect(postgresVolumeOf(image)).toBe(path);
});

test.each([
  ["17.6", "/var/lib/postgresql/data"],
  ["18.1", "/var/lib/postgresql"],
])("a server that runs version %s and a companion keep their data in the volume of the image", (version, path) => {
  const image = `docker.io/library/postgres:${version}`;
  const { stacks } = synthesizeLab(
    (lab) => {
      new HomelabService(lab.host("app-01"), "app", {
        ...{ image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") },
        parts: {
          db: PostgresDatabase.on(lab.postgres("main")),
          own: Companion.postgres({ image }),
          none: Backup.none("test"),
        },
      });
    },
    { postgres: { main: { on: host("app-01", 11), image } } },
  );

  const volumes = ["app-01", "postgres-main"].flatMap((stack) =>
    Object.entries<any>(stacks[stack]?.resource.docker_container ?? {}).flatMap(([name, { mounts = [] }]) =>
      mounts.filter(({ type }: any) => type === "volume").map(({ source, target }: any) => [name, source, target]),
    ),
  );
  expect(volumes).toEqual([
    ["app_own", "app_own_data", path],
    ["postgres_main", "postgres_main_data", path],
  ]);
});
