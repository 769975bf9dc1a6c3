import {
  Companion,
  formerly,
  HomelabService,
  PostgresDatabase,
  Probe,
  Volume,
  type IServicePart,
} from "../../../constructs";
import type { Homelab } from "../../../stacks";
import { errorOf } from "../../support/synthesis";

const basic = { image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") } as const;

/** What somebody may give who has no compiler. */
const untyped: Record<string, never> = { formerly: "media" as never };

const declare =
  (part: (lab: Homelab) => IServicePart<unknown>) =>
  (lab: Homelab): void => {
    new HomelabService(lab.host("app-01"), "app", { ...basic, parts: { files: part(lab) } });
  };

test.each<[string, (lab: Homelab) => IServicePart<unknown>]>([
  ["a volume", () => Volume.at("/data", untyped)],
  ["a database", (lab) => PostgresDatabase.on(lab.postgres("main"), untyped)],
  ["a companion", () => Companion.container({ ...basic, ...untyped, port: 1 })],
  ["a companion's Redis", () => Companion.redis({ ...untyped, image: "redis:7.4.1" })],
  ["a companion's PostgreSQL", () => Companion.postgres({ ...untyped, image: "postgres:17.2" })],
])("fails for the former key among the options of %s", (_name, part) => {
  expect(errorOf(declare(part))).toBe(
    `service "app", part "files": 'formerly' is no option of a part, got "media": wrap the part instead, for example formerly("media", Volume.at("/data"))`,
  );
});

test("fails for a part that has two former keys", () => {
  expect(() => formerly("old", formerly("older", Volume.at("/data")))).toThrow(
    `formerly("old", …) is of a part that was "older" already: give the latest key alone, the ledger has those before`,
  );
});

test("fails for a former key and its part in the other order", () => {
  const swapped = formerly as unknown as (part: unknown, key: unknown) => unknown;

  expect(() => swapped(Volume.at("/data"), "media")).toThrow(
    'formerly() takes a key and the part that had it, for example formerly("media", Volume.at("/data")), got {} and "media"',
  );
  expect(() => formerly("media", undefined as never)).toThrow("formerly() takes a key and the part that had it");
});

test("fails for a former key that no part can have", () => {
  expect(errorOf(declare(() => formerly("Me dia", Volume.at("/data"))))).toContain(
    `service "app", part "files": 'formerly' must be`,
  );
});
