import { retireCommands } from "../../cli/retire-commands";
import type { LedgerEntry } from "../../constructs";

const ledger = new Map<string, LedgerEntry>([
  ["app/db", { kind: "database", server: "main", address: "postgresql_database.app_db", name: "app" }],
  ["app/db.app", { kind: "role", server: "main", address: "postgresql_role.app_db_app", name: "app_app" }],
  [
    "app/db.extension.citext",
    {
      kind: "extension",
      server: "main",
      address: "postgresql_extension.app_db_extension_citext",
      name: "app.citext",
    },
  ],
  ["app/db.owner", { kind: "role", server: "main", address: "postgresql_role.app_db_owner", name: "app" }],
]);
const commandsFor = (...keys: string[]): string[] =>
  retireCommands(keys, ledger, () => "admin").map(({ database, command }) =>
    database === undefined ? command : `${database}: ${command}`,
  );

test("a database is dropped before its roles, and takes its extensions along", () => {
  expect(commandsFor(...ledger.keys())).toEqual(['DROP DATABASE "app";', 'DROP ROLE "app_app";', 'DROP ROLE "app";']);
});

test("a role whose database stays gives up what it owns and was granted there", () => {
  expect(commandsFor("app/db.app")).toEqual([
    'app: REASSIGN OWNED BY "app_app" TO "admin"; DROP OWNED BY "app_app";',
    'DROP ROLE "app_app";',
  ]);
});

test("an extension is dropped from the database that stays", () => {
  expect(commandsFor("app/db.extension.citext")).toEqual(['app: DROP EXTENSION "citext";']);
});

test("a copy that was left behind on another server is destroyed there", () => {
  const moved = new Map<string, LedgerEntry>([
    [
      "app/data",
      {
        ...{ kind: "volume", host: "new", address: "docker_volume.app_data", name: "app_data" },
        previous: [{ host: "old", address: "docker_volume.app_data", name: "app data" }],
      },
    ],
  ]);

  expect(retireCommands(["app/data"], moved, () => "admin")).toEqual([
    { place: { host: "new" }, command: "docker volume rm app_data" },
    { place: { host: "old" }, command: "docker volume rm 'app data'" },
  ]);
});

test("what another stack had before is destroyed once", () => {
  const place = { host: "app-01", address: "docker_volume.postgres_main_data", name: "postgres_main_data" };
  const moved = new Map<string, LedgerEntry>([
    ["db/data", { kind: "volume", ...place, previous: [{ ...place, stack: "postgres-main" }] }],
  ]);

  expect(retireCommands(["db/data"], moved, () => "admin")).toEqual([
    { place: { host: "app-01" }, command: "docker volume rm postgres_main_data" },
  ]);
});
