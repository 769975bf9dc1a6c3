import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import {
  Backup,
  Generations,
  HomelabService,
  Ledger,
  PostgresDatabase,
  Probe,
  Volume,
  type LedgerEntry,
} from "../../constructs";
import { Homelab } from "../../stacks";
import { offlinePlan, type PlanReport } from "../../testing";
import "../../testing/jest";
import { missing, suite } from "../support/programs";
import { inventory, synthesize } from "../support/synthesis";
import { renamed } from "../support/renamed";

interface Names {
  readonly formerly?: string;
  readonly part?: string;
  readonly partFormerly?: string;
}
/** Services by their names, each with a volume, and a database with a role of its own. */
type Commit = Readonly<Record<string, Names>>;

function declare(app: App, commit: Commit, ledger: Ledger, generations: Generations): void {
  const lab = new Homelab(app, inventory({ ledger, generations }));
  for (const [name, { formerly, part = "data", partFormerly }] of Object.entries(commit)) {
    new HomelabService(lab.host("app-01"), name, {
      image: "example/app:1.0.0",
      user: "1:1",
      health: Probe.none("a test"),
      formerly,
      parts: {
        [part]: renamed(partFormerly, Volume.at("/data")),
        db: PostgresDatabase.on(lab.postgres("main"), { application: "separate" }),
        none: Backup.none("a test"),
      },
    });
  }
}

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-history-"));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Plans the last commit on the state that the first one left; those between were synthesized and never deployed. */
async function planLast(entries: Record<string, LedgerEntry> | undefined, ...commits: readonly Commit[]) {
  const [ledger, generations] = [Ledger.inMemory(entries), Generations.inMemory()];
  const [first = {}, last = {}] = [commits[0], commits.at(-1)];
  for (const commit of entries ? [] : commits.slice(0, -1))
    synthesize((app) => declare(app, commit, ledger, generations));
  const app = new App({ outdir: folder });
  declare(app, last, ledger, generations);
  return offlinePlan(app, { base: (base) => declare(base, first, Ledger.inMemory(), Generations.inMemory()) });
}

/** What Terraform does to what holds data. */
function changed({ resources }: PlanReport): string[] {
  return resources
    .filter(({ address }) => /^(docker_volume|postgresql_(database|role|grant|default_privileges))\./.test(address))
    .map(({ kind, address, previousAddress }) => `${kind} ${previousAddress ?? ""} ${address}`);
}

const forge: Commit = { forge: { formerly: "git" } };

/** A ledger as older versions wrote it after a rename that was not deployed: addresses followed the names. */
const older: Record<string, LedgerEntry> = {
  "forge/data": { kind: "volume", host: "app-01", address: "docker_volume.forge_data", name: "git_data" },
  "forge/db": { kind: "database", server: "main", address: "postgresql_database.forge_db", name: "git" },
  "forge/db.owner": { kind: "role", server: "main", address: "postgresql_role.forge_db_owner", name: "git" },
  "forge/db.app": { kind: "role", server: "main", address: "postgresql_role.forge_db_app", name: "git_app" },
};

suite("a state that missed commits", missing(["terraform"]), () => {
  jest.setTimeout(60_000);

  test.each<[string, readonly Commit[]]>([
    ["'formerly' was removed", [{ git: {} }, forge, { forge: {} }]],
    ["the service was renamed once more", [{ git: {} }, forge, { tool: { formerly: "forge" } }]],
    ["the part was renamed as well", [{ git: {} }, forge, { forge: { part: "files", partFormerly: "data" } }]],
    [
      "two services swapped their names",
      [
        { git: {}, wiki: {} },
        { git: { formerly: "wiki" }, wiki: { formerly: "git" } },
        { git: {}, wiki: {} },
      ],
    ],
  ])("is left as it is where %s", async (_what, commits) => {
    const found = await planLast(undefined, ...commits);

    expect(changed(found)).toEqual([]);
    expect(found.data.filter(({ risk }) => risk === "destroyed")).toEqual([]);
  });

  test("of an older version is moved on to the addresses that its ledger had", async () => {
    const found = await planLast(older, { git: {} }, forge);

    expect(changed(found).filter((change) => !change.startsWith("renamed"))).toEqual([]);
    expect(changed(found)).toContain("renamed docker_volume.git_data docker_volume.forge_data");
    expect(changed(found)).toContain("renamed postgresql_grant.git_db_app_usage postgresql_grant.forge_db_app_usage");
  });

  test("of an older version is forgotten at the address that it has", async () => {
    const remembered = Object.fromEntries(
      Object.entries(older).map(([key, entry]) => [
        key,
        { ...entry, formerAddresses: [entry.address.replace("forge", "git")] },
      ]),
    );

    const found = await planLast(remembered, { git: {} }, {});

    expect(changed(found).filter((change) => /(docker_volume|postgresql_(database|role))\./.test(change))).toEqual([
      "released  docker_volume.git_data",
      "released  postgresql_database.git_db",
      "released postgresql_role.git_db_app postgresql_role.forge_db_app",
      "released postgresql_role.git_db_owner postgresql_role.forge_db_owner",
    ]);
  });
});
