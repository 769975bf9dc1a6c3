import { Backup, Companion, HomelabService, PostgresDatabase, Probe, Volume, type Parts } from "../../constructs";
import { reportData } from "../../plan/data";
import { comparedHistory, type Declare } from "../support/compared-labs";
import { renamed } from "../support/renamed";

const service =
  (
    name: string,
    formerly?: string,
    parts: Parts = { data: Volume.at("/data") },
    image = "example/app:1.0.0",
  ): Declare =>
  (lab) => {
    new HomelabService(lab.host("app-01"), name, {
      image,
      formerly,
      health: Probe.none("a test"),
      parts: { ...parts, none: Backup.none("a test") },
    });
  };

const told = (...steps: readonly Declare[]): string[] =>
  reportData(comparedHistory(...steps), []).map(({ risk, holder }) => `${risk} ${holder}`);

test.each<[string, readonly Declare[]]>([
  ["tidied away", [service("git"), service("forge", "git"), service("forge")]],
  ["renamed once more", [service("git"), service("forge", "git"), service("code", "forge")]],
  ["renamed there and back", [service("git"), service("forge", "git"), service("git", "forge")]],
])("finds data again after a rename that was %s", (_what, steps) => {
  expect(told(...steps)).toEqual([]);
});

test("finds the data of two services that change names, with other images", () => {
  const both =
    (...all: readonly Declare[]): Declare =>
    (lab) =>
      all.forEach((declare) => {
        declare(lab);
      });
  const other = (name: string, formerly?: string) => service(name, formerly, undefined, "example/other:1.0.0");

  expect(
    told(
      both(service("aa"), other("bb")),
      both(service("bb", "aa"), other("aa", "bb")),
      both(service("bb"), other("aa")),
    ),
  ).toEqual([]);
});

test("finds a companion's data after its rename was tidied away together with its service's", () => {
  const queue = (key: string, former?: string): Parts => ({
    [key]: renamed(former, Companion.redis({ image: "docker.io/library/redis:7.4.1", persistence: "volume" })),
  });

  expect(
    told(
      service("app", undefined, queue("queue")),
      service("site", "app", queue("jobs", "queue")),
      service("site", undefined, queue("jobs")),
    ),
  ).toEqual([]);
});

test("finds a database after its rename was tidied away, and after it was let go of and came back", () => {
  const database =
    (key: string, former?: string): Declare =>
    (lab) => {
      service("app", undefined, { [key]: renamed(former, PostgresDatabase.on(lab.postgres("main"))) })(lab);
    };

  expect(told(database("db"), database("store", "db"), database("store"))).toEqual([]);
  expect(told(database("db"), service("app", undefined, {}), database("db"))).toEqual([]);
});
