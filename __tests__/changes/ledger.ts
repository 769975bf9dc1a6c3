import { Backup, HomelabService, Ledger, PostgresDatabase, Probe, Volume } from "../../constructs";
import type { Homelab } from "../../stacks";
import { lab, type Change } from "../support/changes";
import { renamed } from "../support/renamed";

const basic = { image: "example/app:1.0.0", user: "1:1", health: Probe.none("a test") } as const;

/** A service with a volume and a database, by the name that it has and the one that it had. */
function service(home: Homelab, name: string, formerly?: string, volume?: string): void {
  new HomelabService(home.host("app-01"), name, {
    ...basic,
    formerly,
    parts: {
      data: Volume.at("/data", { name: volume }),
      db: PostgresDatabase.on(home.postgres("main")),
      none: Backup.none("a test"),
    },
  });
}

/** A ledger that has the service `git`, before it is called something else. */
const remembered = (): Ledger =>
  Ledger.inMemory({
    "git/data": { kind: "volume", host: "app-01", address: "docker_volume.git_data", name: "git_data" },
    "git/db": { kind: "database", server: "main", address: "postgresql_database.git_db", name: "git" },
    "git/db.owner": { kind: "role", server: "main", address: "postgresql_role.git_db_owner", name: "git" },
  });
const forge: Change["base"] = (app) => lab((home) => service(home, "forge", "git"), { ledger: remembered() })(app);
const pair = lab((home) => {
  service(home, "one");
  service(home, "two");
});

/** What is called something else, and goes on with what it had. */
export const rows: readonly Change[] = [
  {
    name: "a rename is tidied away",
    base: forge,
    head: lab((home) => service(home, "forge")),
    // Blocks that move what is not kept by the ledger, and what the ledger remembers.
    firstLine: /^No data is lost; \d+ small changes told below\.$/,
    exitCode: 2,
    failsOn: [],
  },
  {
    name: "a service is renamed once more",
    base: forge,
    head: lab((home) => service(home, "tool", "forge")),
    firstLine: /^No data is lost; .*forge becomes tool/,
    exitCode: 2,
    failsOn: [],
  },
  {
    name: "a part is renamed after its service",
    base: forge,
    head: lab((home) => {
      new HomelabService(home.host("app-01"), "forge", {
        ...basic,
        parts: {
          files: renamed("data", Volume.at("/data")),
          store: renamed("db", PostgresDatabase.on(home.postgres("main"))),
          none: Backup.none("a test"),
        },
      });
    }),
    // Blocks that move what is not kept by the ledger, and what the ledger remembers.
    firstLine: /^No data is lost; \d+ small changes told below\.$/,
    exitCode: 2,
    failsOn: [],
  },
  {
    name: "two services swap their names",
    base: pair,
    head: lab((home) => {
      service(home, "one", "two");
      service(home, "two", "one");
    }),
    firstLine: /^No data is lost/,
    exitCode: 2,
    failsOn: [],
  },
  {
    name: "a new service takes the name of a renamed one",
    base: forge,
    head: lab((home) => {
      service(home, "forge");
      new HomelabService(home.host("app-01"), "git", {
        ...basic,
        parts: { data: Volume.at("/data", { name: "new-git" }), none: Backup.none("a test") },
      });
    }),
    firstLine: "No data is lost; git is new.",
    exitCode: 2,
    failsOn: [],
  },
];
