import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { App } from "cdktf";
import { checkValue } from "../../cli/secret-values";
import { Backup, Generations, HomelabService, Ledger, PostgresDatabase, Probe } from "../../constructs";
import { recordingsFolder } from "../../offline/providers";
import { startServer, type OfflineServer } from "../../offline/server";
import { Homelab } from "../../stacks";
import { Deployment } from "../support/deployment";
import { postgresqlEffects } from "../support/emulation/postgresql";
import { engineFolder } from "../support/engine";
import { Postgres } from "../support/postgres";
import { missing, suite } from "../support/programs";
import { EMULATED, IS_REAL, providersUnderTest, REAL_ENVIRONMENT } from "../support/providers-under-test";
import { host } from "../support/synthesis";

const ADMIN = `the "administrator's" p@ss:word/?#[%41]$$ 100% é`;

/** Passwords that arrive as they are. */
const CARRIED = [
  `quotes ' '' " and \`ticks\``,
  "$HOME ${x} $$ $(id) $1",
  "100% %s %41 %{x}",
  "; DROP ROLE postgres; --",
  "日本語 é ñ 🦆",
  " spaces around ",
  "a@b:c/d?e#f[g]&h=i+j",
  "{{ . }} #{x} |<>!~^*(),.",
  "nullable",
];

/** Passwords that would arrive as others, with what would open the database instead; undefined where nothing does. */
const REFUSED: readonly (readonly [password: string, arrives: string | undefined])[] = [
  ["back\\slash", "back\\\\slash"],
  ["\\", "\\\\"],
  ["null", undefined],
  ["NULL", undefined],
  // The digest of "secret" and the role's name: SCRAM, which the server asks for, can't be done with it.
  ["md5", undefined],
];

/** What is refused though it arrives, since programs differ in what they make of it. */
const DIFFERING = ["two\nlines", "carriage\rreturn", "no\u00a0break", "ﬁ ligature", "soft\u00adhyphen", "\u0007bell"];

suite(
  `passwords on a real server, ${IS_REAL ? "with the real provider" : "the provider emulated"}`,
  missing(["terraform", "psql"]) ?? Postgres.missing(),
  () => {
    jest.setTimeout(180_000);
    let folder: string;
    let database: Postgres;
    let server: OfflineServer;
    const all = [...CARRIED, ...REFUSED.map(([password]) => password)];
    const role = (password: string): string => `p${all.indexOf(password)}`;
    const secret = (password: string): string => `webservices.${role(password)}.db_pass`;
    /** The value that is deployed for one of them. */
    const valueOf = (password: string): string =>
      password === "md5" ? `md5${md5(`secret${role(password)}`)}` : password;

    /** Deploys a database for each, with a password and what stands for it in a plan. */
    async function deploy(
      deployment: Deployment,
      fingerprint: string,
      value: (password: string) => string,
    ): Promise<void> {
      const generations = Object.fromEntries(all.map((password) => [secret(password), 2]));
      const fingerprints = Object.fromEntries(all.map((password) => [secret(password), fingerprint]));
      deployment.synthesize((app: App) => {
        const home = new Homelab(app, {
          hosts: [host("box", 1)],
          zones: {},
          postgres: { main: { host: "127.0.0.1", port: database.port, sslMode: "disable" } },
          ledger: Ledger.inMemory(),
          generations: Generations.inMemory(generations, fingerprints),
        });
        for (const password of all)
          new HomelabService(home.host("box"), role(password), {
            image: "localhost/app:1",
            health: Probe.none("only its database is deployed"),
            parts: { db: PostgresDatabase.on(home.postgres("main")), none: Backup.none("a test") },
          });
      });
      const variables = Object.fromEntries(
        all.map((password) => [`TF_VAR_webservices_${role(password)}_db_pass`, value(password)]),
      );
      const { status, said } = await deployment.apply("postgres-main", variables);
      if (status !== 0) throw new Error(said);
    }

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
    });
    afterAll(async () => {
      await server.close();
      await database.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    /** Whether a password opens the database of a role: asked by two clients, of which one is PostgreSQL's own. */
    async function opens(user: string, password: string): Promise<boolean> {
      const said = await database.query("SELECT 1", { user, password, database: user }).then(
        () => true,
        () => false,
      );
      const words = ["-h", "127.0.0.1", "-p", String(database.port), "-U", user, "-d", user, "-w", "-c", "SELECT 1"];
      const env = { ...process.env, PGPASSWORD: password };
      const { status } = spawnSync("psql", words, { env, stdio: "ignore" });
      expect([password, status === 0]).toEqual([password, said]);
      return said;
    }

    test("arrive as they are, or are refused; another value of one generation takes the place of the first", async () => {
      const deployment = new Deployment(path.join(folder, "deployment"), {
        ...REAL_ENVIRONMENT,
        TF_REATTACH_PROVIDERS: server.reattach,
        TF_VAR_homelab_postgres_main_admin_pass: ADMIN,
      });

      await deploy(deployment, "0".repeat(16), valueOf);

      for (const password of CARRIED)
        expect([password, await opens(role(password), password)]).toEqual([password, true]);
      for (const [password, arrives] of REFUSED) {
        expect([password, await opens(role(password), valueOf(password))]).toEqual([password, false]);
        if (arrives !== undefined) expect([password, await opens(role(password), arrives)]).toEqual([password, true]);
      }

      await deploy(deployment, "1".repeat(16), (password) => `other ${role(password)}`);
      for (const password of all)
        expect([password, await opens(role(password), `other ${role(password)}`)]).toEqual([password, true]);
    });

    test("are accepted by homelab exactly where they arrive, and never shown", () => {
      const refusal = (value: string): string | undefined => {
        try {
          checkValue({ name: "webservices.app.db_pass", as: "postgresql-password" }, value);
          return undefined;
        } catch (error) {
          return (error as Error).message;
        }
      };

      for (const password of [...CARRIED, ADMIN]) expect([password, refusal(password)]).toEqual([password, undefined]);
      for (const password of [...REFUSED.map(([one]) => valueOf(one)), ...DIFFERING]) {
        expect([password, refusal(password)]).toEqual([
          password,
          expect.stringMatching(/^secret "webservices\.app\.db_pass": a password of PostgreSQL must [^\n]*$/),
        ]);
        if (!/^null$/i.test(password) && password.length > 1) expect(refusal(password)).not.toContain(password);
      }
      expect(refusal("a\0b")).toMatch(/^secret "webservices\.app\.db_pass": Terraform would change its value/);
    });
  },
);

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
