import {
  Generations,
  HomelabService,
  Ledger,
  Backup,
  PostgresDatabase,
  Probe,
  SecretFile,
  Volume,
  type LedgerEntry,
  type Parts,
} from "../../../constructs";
import type { Homelab } from "../../../stacks";
import { addresses, errorOf, synthesizeLab } from "../../support/synthesis";

const wiki: Record<string, LedgerEntry> = {
  "wiki/db": { kind: "database", server: "main", address: "postgresql_database.wiki_db", name: "wiki" },
  "wiki/db.owner": { kind: "role", server: "main", address: "postgresql_role.wiki_db_owner", name: "wiki" },
  "wiki/media": { kind: "volume", host: "app-01", address: "docker_volume.wiki_media", name: "wiki_media" },
};
const retired = (entries: Record<string, LedgerEntry>): Record<string, LedgerEntry> =>
  Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, { ...entry, retired: true }]));

test("what was retired is left to Terraform, while what was only removed is kept from it", () => {
  const kept = synthesizeLab(() => undefined, { ledger: Ledger.inMemory(wiki) });
  const left = synthesizeLab(() => undefined, { ledger: Ledger.inMemory(retired(wiki)) });

  expect(kept.stacks["app-01"]?.removed).toHaveLength(1);
  expect(addresses(kept.stacks["postgres-main"])).toContain("postgresql_role.wiki_db_owner");
  expect(left.stacks["app-01"]?.removed).toBeUndefined();
  expect(left.stacks["postgres-main"]?.removed).toBeUndefined();
  expect(addresses(left.stacks["postgres-main"])).toEqual([]);
  expect(left.manifest.ledger).toEqual({});
  expect(Object.keys(left.manifest.retired ?? {})).toEqual(Object.keys(wiki));
});

test.each<[string, string, Parts]>([
  ["the key", "wiki", { media: Volume.at("/data", { name: "other" }) }],
  ["the name", "docs", { media: Volume.at("/data", { name: "wiki_media" }) }],
])("fails for a holder that would have %s of a retired one", (_what, name, parts) => {
  const said = errorOf(
    (lab) =>
      new HomelabService(lab.host("app-01"), name, {
        image: "example/app:1.0.0",
        health: Probe.none("test"),
        parts: { ...parts, none: Backup.none("test") },
      }),
    { ledger: Ledger.inMemory(retired(wiki)) },
  );

  expect(said).toContain('"wiki/media" of the ledger was retired with that key or name');
  expect(said).toContain('take its line out with "homelab retire wiki/media"');
});

test("fails for a database with the name of a retired one", () => {
  const said = errorOf(
    (lab) =>
      new HomelabService(lab.host("app-01"), "docs", {
        image: "example/app:1.0.0",
        health: Probe.none("test"),
        parts: { db: PostgresDatabase.on(lab.postgres("main"), { name: "wiki" }), none: Backup.none("test") },
      }),
    { ledger: Ledger.inMemory(retired(wiki)) },
  );

  expect(said).toMatch(/part "db.owner" would be role "wiki", and "wiki\/db.owner" of the ledger was retired/);
});

describe("a secret that was retired", () => {
  const ledger = () =>
    Ledger.inMemory({ "tool/secret:key": { kind: "secret", name: "webservices.git.key", retired: true } });
  const generations = () => Generations.inMemory({ "webservices.git.key": 3 });
  const declare = (name: string) => (lab: Homelab) =>
    new HomelabService(lab.host("app-01"), name, {
      image: "example/app:1.0.0",
      user: "1:1",
      health: Probe.none("test"),
      parts: { key: SecretFile.generated({ length: 32 }) },
    });

  test("gives its value to nobody who would get its name", () => {
    const { manifest } = synthesizeLab(declare("git"), { ledger: ledger(), generations: generations() });

    expect(manifest.services[0]?.secrets.map(({ name }) => name)).toEqual(["webservices.git.key_2"]);
    expect(Object.keys(manifest.ledgerSecrets ?? {})).toEqual(["git/secret:key", "tool/secret:key"]);
  });

  test("is refused to whoever has its key", () => {
    expect(errorOf(declare("tool"), { ledger: ledger(), generations: generations() })).toContain(
      `service "tool": its secret "key" is "tool/secret:key" of the ledger, which was retired: remove its value from the store and take the line out with "homelab retire tool/secret:key" for a new value`,
    );
  });

  test("leaves its name free once its line is gone", () => {
    const { manifest } = synthesizeLab(declare("git"), { ledger: Ledger.inMemory(), generations: generations() });

    expect(manifest.services[0]?.secrets.map(({ name }) => name)).toEqual(["webservices.git.key"]);
  });
});
