import * as fs from "node:fs";
import * as path from "node:path";
import type { App } from "cdktf";
import { retireCommands } from "../../cli/retire-commands";
import {
  Backup,
  Generations,
  HomelabService,
  Ledger,
  PostgresDatabase,
  Probe,
  type PostgresDatabaseOptions,
} from "../../constructs";
import { recordingsFolder } from "../../offline/providers";
import { startServer, type OfflineServer } from "../../offline/server";
import { Homelab } from "../../stacks";
import { Deployment } from "../support/deployment";
import { postgresqlEffects } from "../support/emulation/postgresql";
import { engineFolder } from "../support/engine";
import { Postgres } from "../support/postgres";
import { missing, suite } from "../support/programs";
import { EMULATED, IS_REAL, providersUnderTest, REAL_ENVIRONMENT } from "../support/providers-under-test";
import { expectRecordedStates } from "../support/recorded-states";
import { host } from "../support/synthesis";

const ADMIN = "the administrator's own password";
const APP = "the application's";
const READER = "the reader's";

// The tests are the life of one database: each goes on from where the one before it ended.
suite(
  `a database on a real server, ${IS_REAL ? "with the real provider" : "the provider emulated"}`,
  missing(["terraform"]) ?? Postgres.missing(),
  () => {
    jest.setTimeout(120_000);
    let folder: string;
    let database: Postgres;
    let server: OfflineServer;
    let deployment: Deployment;
    const ledger = Ledger.inMemory();
    const generations = Generations.inMemory();

    beforeAll(async () => {
      process.stdout.write(`${providersUnderTest()}\n`);
      folder = engineFolder();
      fs.chmodSync(folder, 0o755); // the database's user has to get in
      database = await Postgres.start(path.join(folder, "postgres"), [], ADMIN);
      server = await startServer({
        recordings: recordingsFolder(),
        providers: EMULATED,
        apply: true,
        effects: postgresqlEffects(),
      });
      deployment = new Deployment(path.join(folder, "deployment"), {
        ...REAL_ENVIRONMENT,
        TF_REATTACH_PROVIDERS: server.reattach,
        TF_VAR_homelab_postgres_main_admin_pass: ADMIN,
        TF_VAR_webservices_diary_db_pass: APP,
        TF_VAR_webservices_diary_db_readonly_pass: READER,
      });
    }, 60_000);

    afterAll(async () => {
      await server.close();
      await database.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    /** A lab whose diary has a database; without options it has no diary. */
    const lab =
      (options?: PostgresDatabaseOptions) =>
      (app: App): void => {
        const home = new Homelab(app, {
          hosts: [host("box", 1)],
          zones: {},
          postgres: {
            main: { host: "127.0.0.1", port: database.port, sslMode: "disable", revokePublicConnect: true },
          },
          ledger,
          generations,
        });
        const main = home.postgres("main");
        if (options === undefined) return;
        new HomelabService(home.host("box"), "diary", {
          image: "localhost/diary:1",
          user: "1000:1000",
          health: Probe.none("only its database is deployed"),
          parts: { db: PostgresDatabase.on(main, options), none: Backup.none("a test") },
        });
      };
    const WHOLE: PostgresDatabaseOptions = {
      application: "separate",
      readOnlyRole: true,
      extensions: ["citext"],
    };

    /** Deploys what is declared, and tells what Terraform said it would do, by address. */
    async function deploy(options?: PostgresDatabaseOptions, variables: Record<string, string> = {}): Promise<string> {
      deployment.synthesize(lab(options));
      const { status, said } = await deployment.apply("postgres-main", variables);
      if (status !== 0) throw new Error(said);
      expect(await deployment.plan("postgres-main")).toMatchObject({ status: 0 });
      return said;
    }

    const app = { user: "diary_app", password: APP, database: "diary" };
    const reader = { user: "diary_readonly", password: READER, database: "diary" };
    const asOwner = (statement: string) => database.query(`SET ROLE diary; ${statement}`, { database: "diary" });

    test("is used by an application that owns nothing, and by a reader", async () => {
      await deploy(WHOLE);
      await asOwner("CREATE TABLE lines (id serial PRIMARY KEY, line citext)");

      await database.query("INSERT INTO lines (line) VALUES ('a Line')", app);
      expect(await database.query("SELECT line FROM lines WHERE line = 'a line'", reader)).toEqual([
        { line: "a Line" },
      ]);
      await expect(database.query("DELETE FROM lines", reader)).rejects.toThrow(/permission denied for table/);
      await expect(database.query("CREATE TABLE more ()", app)).rejects.toThrow(/permission denied for schema/);
    });

    test.each([
      ["postgres", app],
      ["postgres", reader],
      ["template1", app],
      ["template1", reader],
    ])("no role of it connects to %s", async (name, role) => {
      await expect(database.query("SELECT 1", { ...role, database: name })).rejects.toThrow(
        /permission denied for database/,
      );
    });

    test("leaves in the state what the real provider leaves there", () => {
      expectRecordedStates("database", deployment.resources("postgres-main"), folder);
    });

    test("keeps a role that is no longer declared, which may not log in from then on", async () => {
      await deploy({ ...WHOLE, readOnlyRole: false });

      await expect(database.query("SELECT 1", reader)).rejects.toThrow(/not permitted to log in/);
      expect(await database.query("SELECT line FROM lines", app)).toEqual([{ line: "a Line" }]);
      await deploy(WHOLE);
      expect(await database.query("SELECT line FROM lines", reader)).toEqual([{ line: "a Line" }]);
    });

    test("keeps an extension that tables need, when it is no longer declared", async () => {
      await deploy({ ...WHOLE, extensions: [] });

      expect(await database.query("SELECT line FROM lines WHERE line = 'A LINE'", app)).toHaveLength(1);
      await deploy(WHOLE);
    });

    test("stays with its data when its service is removed, whose roles may no longer log in", async () => {
      const said = await deploy();

      expect(said).not.toMatch(/# postgresql_(role|database|extension)\.\w+ will be destroyed/);
      for (const role of [app, reader])
        await expect(database.query("SELECT 1", role)).rejects.toThrow(/not permitted to log in/);
      expect(await database.query("SELECT line FROM lines", { database: "diary" })).toEqual([{ line: "a Line" }]);
    });

    test("is used again when the service is brought back", async () => {
      await deploy(WHOLE, { TF_VAR_homelab_adopt: JSON.stringify(["postgresql_database.diary_db"]) });
      await asOwner("CREATE TABLE pages (page text)");

      await database.query("INSERT INTO lines (line) VALUES ('another')", app);
      await database.query("INSERT INTO pages VALUES ('one')", app);
      expect(await database.query("SELECT line FROM lines ORDER BY id", reader)).toEqual([
        { line: "a Line" },
        { line: "another" },
      ]);
      expect(await database.query("SELECT page FROM pages", reader)).toEqual([{ page: "one" }]);
    });

    test("is let go of when it is retired, and then dropped by the commands that are printed for it", async () => {
      await deploy();
      const retired = [...ledger.entries];
      for (const [key] of retired) ledger.delete(key);
      const said = await deploy();

      expect(said).toContain("postgresql_role.diary_db_app will be destroyed");
      expect(await database.query("SELECT rolname FROM pg_roles WHERE rolname LIKE 'diary%' ORDER BY 1")).toEqual([
        { rolname: "diary" },
        { rolname: "diary_app" },
        { rolname: "diary_readonly" },
      ]);
      const keys = retired.map(([key]) => key);
      for (const one of retireCommands(keys, new Map(retired), () => "postgres"))
        await database.query(one.command, { database: one.database });
      expect(await database.query("SELECT FROM pg_roles WHERE rolname LIKE 'diary%'")).toEqual([]);
    });
  },
);
