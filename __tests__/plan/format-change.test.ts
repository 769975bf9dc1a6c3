import { judge } from "../../plan/format-change";
import { compareVersions, nameOfImage, repositoryOf, tagOf, versionIn } from "../../plan/image-reference";

/** What a change of images means: `danger`, `warning` or nothing. */
function weight(was: string, is: string, declared?: "migrates" | "any"): string {
  const verdict = judge({ image: was, declared }, { image: is, declared }, { name: "app", what: "volume app_data" });
  return verdict ? (verdict.severity ?? "danger") : "nothing";
}

test.each([
  ["docker.io/library/postgres:17.2-alpine", "docker.io/library/postgres", "17.2-alpine"],
  ["registry.example.org:5000/app", "registry.example.org:5000/app", undefined],
  ["registry.example.org:5000/a/app:1.0@sha256:00", "registry.example.org:5000/a/app", "1.0"],
  ["app@sha256:00", "app", undefined],
])("takes %s apart", (image, repository, tag) => {
  expect([repositoryOf(image), tagOf(image)]).toEqual([repository, tag]);
  expect(nameOfImage(image)).toBe(repository.split("/").at(-1));
});

test.each<[string, readonly number[] | undefined]>([
  ["17", [17]],
  ["2.14.7", [2, 14, 7]],
  ["v2.11.0", [2, 11, 0]],
  ["17.2-alpine3.20", [17, 2]],
  ["version-1.2.3", [1, 2, 3]],
  ["2024.12.5", [2024, 12, 5]],
  ["RELEASE.2024-11-07T00-52-20Z", [2024, 11, 7]],
  ["latest", undefined],
  ["stable-alpine", undefined],
  ["sha-1a2b3c4", undefined],
  ["1a2b3c4", undefined],
])("finds the version in %s", (tag, version) => {
  expect(versionIn(tag)).toEqual(version);
});

test("compares versions number by number, and what one of them lacks is the same", () => {
  expect(compareVersions([1, 9], [1, 10])).toBeGreaterThan(0);
  expect(compareVersions([2, 0], [1, 10])).toBeLessThan(0);
  expect(compareVersions([17], [17, 2])).toBe(0);
  expect(compareVersions([17, 2], [17])).toBe(0);
});

test.each([
  // Known formats, forward and back.
  ["postgres:16.4", "postgres:17.2", "danger"],
  ["postgres:17.2", "postgres:16.4", "danger"],
  ["postgres:17.2", "postgres:17.4", "nothing"],
  ["postgres:17.4", "postgres:17.2", "nothing"],
  ["postgres:9.6", "postgres:10.1", "danger"],
  ["pgvector/pgvector:0.7.0-pg16", "pgvector/pgvector:0.8.0-pg17", "danger"],
  ["pgvector/pgvector:0.7.0-pg17", "pgvector/pgvector:0.8.0-pg17", "nothing"],
  ["timescale/timescaledb:2.17.2-pg16", "timescale/timescaledb:2.18.0-pg16", "nothing"],
  ["postgis/postgis:16-3.4", "postgis/postgis:17-3.5", "danger"],
  ["mariadb:10.6.20", "mariadb:10.11.10", "danger"],
  ["mariadb:11.4.4", "mariadb:11.4.5", "nothing"],
  ["mariadb:11.4.4", "mariadb:11.4.3", "nothing"],
  ["mysql:8.0.40", "mysql:8.0.39", "danger"],
  ["mysql:8.0.39", "mysql:8.0.40", "nothing"],
  ["mongo:6.0.19", "mongo:7.0.15", "danger"],
  ["mongo:7.0.15", "mongo:7.0.16", "nothing"],
  ["redis:7.2.6", "redis:7.4.1", "nothing"],
  ["redis:7.4.1", "redis:7.2.6", "danger"],
  ["redis:7.4.1", "redis:8.0.0", "danger"],
  ["redis:7.4.1", "redis:7.4.0", "nothing"],
  ["elasticsearch:7.17.25", "elasticsearch:8.16.1", "danger"],
  ["elasticsearch:8.16.1", "elasticsearch:8.15.0", "danger"],
  ["getmeili/meilisearch:v1.10.3", "getmeili/meilisearch:v1.11.3", "danger"],
  ["influxdb:1.8.10", "influxdb:2.7.11", "danger"],
  ["nextcloud:29.0.9", "nextcloud:30.0.2", "danger"],
  ["nextcloud:30.0.2", "nextcloud:30.0.1", "danger"],
  ["nextcloud:30.0.1", "nextcloud:30.0.2", "nothing"],
  // Other programs.
  ["redis:7.4.1", "valkey/valkey:8.0.1", "danger"],
  ["redis:7.2.6", "valkey/valkey:8.0.1", "warning"],
  ["redis:6.2.16", "valkey/valkey:8.0.1", "warning"],
  ["valkey/valkey:8.0.1", "redis:7.4.1", "danger"],
  ["mysql:8.0.40", "mariadb:11.4.4", "danger"],
  ["postgres:17.2", "redis:7.4.1", "danger"],
  ["postgres:17.2", "example/app:17.2", "danger"],
  ["postgres:17.2", "bitnami/postgresql:17.2.0", "danger"],
  ["gitea/gitea:1.22.0", "codeberg.org/forgejo/forgejo:9.0.3", "warning"],
  // PostgreSQL with something built in, and its order of text.
  ["postgres:17.2", "pgvector/pgvector:pg17", "nothing"],
  ["pgvector/pgvector:pg17", "postgres:17.2", "danger"],
  ["postgres:17.2-alpine", "postgres:17.2-bookworm", "warning"],
  ["postgres:17.2-alpine", "postgres:17.4-alpine", "nothing"],
  // Nobody knows the program.
  ["example/app:1.2.3", "example/app:1.2.4", "nothing"],
  ["example/app:1.2.3", "example/app:1.3.0", "nothing"],
  ["example/app:1.2.3", "example/app:2.0.0", "warning"],
  ["example/app:1.2.3", "example/app:1.2.2", "warning"],
  ["example/app:1.2.3", "example/app:latest", "warning"],
  ["example/app@sha256:00", "example/app@sha256:01", "warning"],
  ["example/app:latest@sha256:00", "example/app:latest@sha256:01", "warning"],
  ["example/app:1.2.3@sha256:00", "example/app:1.2.3@sha256:01", "nothing"],
  ["docker.io/example/app:1.2.3", "registry.example.org/example/app:1.2.4", "nothing"],
])("from %s to %s: %s", (was, is, expected) => {
  expect(weight(was, is)).toBe(expected);
});

test("takes what a service declares for more than a guess", () => {
  expect(weight("example/app:1.2.3", "example/app:2.0.0", "migrates")).toBe("danger");
  expect(weight("example/app:1.2.3", "example/app:1.2.2", "migrates")).toBe("danger");
  expect(weight("example/app:1.2.3", "example/app:1.2.4", "migrates")).toBe("nothing");
  expect(weight("postgres:17.2", "postgres:16.4", "any")).toBe("nothing");
  const [was, words] = [{ image: "postgres:17.2" }, { name: "app", what: "volume app_data" }];
  expect(judge(was, { image: "postgres:16.4", declared: "any" }, words)).toBeDefined();
});

test("says what to do", () => {
  const message = (was: string, is: string) =>
    judge({ image: was }, { image: is }, { name: "app-db", what: "volume app_db_data" })?.message;

  expect(message("postgres:16.4", "postgres:17.2")).toBe(
    "app-db goes from PostgreSQL 16.4 to 17.2, which does not start on volume app_db_data as 16.4 left it: take a dump with the old version, start the new one on an empty place, and load it there",
  );
  expect(message("postgres:17.2", "postgres:18.0")).toContain("; its image keeps data below /var/lib/postgresql:");
  expect(message("example/app:1.2.3", "example/app:1.2.2")).toContain("programs migrate their data");
});
