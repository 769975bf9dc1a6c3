import { Backup, Generations, HomelabService, PostgresDatabase, Probe, type Manifest } from "../../constructs";
import { closeTogether, rotationNote, rotationsOf } from "../../plan/rotations";
import { synthesizeLab } from "../support/synthesis";

/** A lab with the password of a database in some generation, and of some value. */
function withPassword(generation: number, fingerprint?: string): Manifest {
  const name = "webservices.app.db_pass";
  return synthesizeLab(
    (lab) => {
      new HomelabService(lab.host("app-01"), "app", {
        image: "example/app:1",
        user: "1000:1000",
        health: Probe.none("test"),
        parts: { db: PostgresDatabase.on(lab.postgres("main")), none: Backup.none("test") },
        environment: ({ db }) => ({ PASSWORD_FILE: db.passwordFile() }),
      });
    },
    {
      generations: Generations.inMemory(
        { [name]: generation },
        fingerprint === undefined ? {} : { [name]: fingerprint },
      ),
    },
  ).manifest;
}

test.each<[string, Manifest, Manifest, number]>([
  ["is as before", withPassword(2, "0".repeat(16)), withPassword(2, "0".repeat(16)), 0],
  ["has the next generation", withPassword(1), withPassword(2, "0".repeat(16)), 1],
  ["has another value of one generation", withPassword(2, "0".repeat(16)), withPassword(2, "1".repeat(16)), 1],
  ["goes back", withPassword(2, "1".repeat(16)), withPassword(1, "0".repeat(16)), 1],
])("a password that %s is deployed to its server and its users accordingly", (_what, base, head, count) => {
  const lab = (manifest: Manifest) => ({ stacks: [], dependencies: {}, manifest });

  expect(rotationsOf({ base: lab(base), head: lab(head) })).toEqual(
    Array(count).fill({ server: "postgres-main", users: ["app-01"], services: ["app"] }),
  );
});

const rotations = [{ server: "postgres-main", users: ["app-01", "app-02"], services: ["docs", "wiki"] }];

test("a server with a new password comes right before the first host that gets it", () => {
  const needs: Record<string, string[]> = { "app-01": ["postgres-main", "postgres-other"], media: ["postgres-other"] };

  expect(
    closeTogether(
      ["postgres-main", "postgres-other", "media", "app-01", "edge"],
      rotations,
      (stack) => needs[stack] ?? [],
    ),
  ).toEqual(["postgres-other", "media", "postgres-main", "app-01", "edge"]);
});

test.each<[string, string[], Record<string, string[]>]>([
  ["another stack needs it first", ["postgres-main", "media", "app-01"], { media: ["postgres-main"] }],
  ["it comes last anyhow", ["app-01", "postgres-main"], {}],
  ["no host is deployed", ["postgres-main", "edge"], {}],
])("its place stays where %s", (_why, order, needs) => {
  expect(closeTogether(order, rotations, (stack) => needs[stack] ?? [])).toEqual(order);
});

test("only the server's deployment says what fails meanwhile", () => {
  expect(rotationNote("postgres-main", rotations)).toBe(
    "; new passwords: open connections of docs, wiki stay, and new ones fail from here until app-01, app-02 is deployed as well, so deploy that right after this",
  );
  expect(rotationNote("app-01", rotations)).toBe("");
});
