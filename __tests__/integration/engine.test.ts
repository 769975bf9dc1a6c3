import * as fs from "node:fs";
import * as path from "node:path";
import type { App } from "cdktf";
import {
  Access,
  Backup,
  Check,
  ConfigFile,
  Content,
  Duration,
  HomelabService,
  HostPath,
  Ingress,
  Ledger,
  Generations,
  Port,
  PostgresDatabase,
  Probe,
  Reload,
  Route,
  StorageLayout,
  Volume,
} from "../../constructs";
import { recordingsFolder } from "../../offline/providers";
import { startServer, type OfflineServer } from "../../offline/server";
import { Homelab, PROVIDER_PINS } from "../../stacks";
import { Deployment } from "../support/deployment";
import { makeDiaryRoot } from "../support/diary-image";
import { dockerEffects } from "../support/emulation/docker";
import { nullEffects } from "../support/emulation/null";
import { postgresqlEffects } from "../support/emulation/postgresql";
import { Engine, engineFolder } from "../support/engine";
import { freePort, waitFor } from "../support/ports";
import { Postgres } from "../support/postgres";
import { missing, suite } from "../support/programs";
import { EMULATED, IS_REAL, providersUnderTest, REAL_ENVIRONMENT } from "../support/providers-under-test";
import { expectRecordedStates } from "../support/recorded-states";
import { Sshd } from "../support/sshd";
import { host } from "../support/synthesis";
import { renamed } from "../support/renamed";

const ADMIN = "the administrator's own password";
const PASSWORD = "correct horse / battery ${staple}";
/** How the diary tells whether it would take a motto. */
const REFUSES_TYPOS = `process.exit(/typo/.test(require("node:fs").readFileSync("/etc/motto/motto")) ? 1 : 0)`;
const IMAGE = "localhost/diary:1";

const cannot = missing(["terraform", "ldd", "tar"]) ?? Engine.missing() ?? Postgres.missing() ?? Sshd.missing();

/** What a test declares of the diary, where it differs. */
interface Diary {
  readonly label?: string;
  readonly films?: "old" | "new";
  readonly retries?: number;
  readonly notes?: string;
  readonly settings?: string;
  readonly motto?: string;
}

// The tests are the life of one lab: each goes on from where the one before it ended.
suite(
  `a lab on a real engine and database, ${IS_REAL ? "with the real providers" : "providers emulated"}`,
  cannot,
  () => {
    jest.setTimeout(120_000);
    let folder: string;
    let engine: Engine;
    let database: Postgres;
    let sshd: Sshd;
    let server: OfflineServer;
    const started: (() => Promise<void> | void)[] = [];
    let port: number;
    let deployment: Deployment;
    let ledger: Ledger;
    let generations: Generations;
    const inFolder = (name: string): string => path.join(folder, name);

    beforeAll(async () => {
      process.stdout.write(`${providersUnderTest()}\n`);
      folder = engineFolder();
      fs.chmodSync(folder, 0o755); // the database's user has to get in
      engine = await Engine.start(inFolder("engine"));
      started.push(() => engine.remove());
      database = await Postgres.start(inFolder("postgres"), [engine.address], ADMIN);
      started.push(() => database.stop());
      sshd = await Sshd.start(inFolder("sshd"), { DOCKER_HOST: `unix://${engine.socket}` });
      started.push(() => sshd.stop());
      port = await freePort();
      for (const which of ["old", "new"]) {
        fs.mkdirSync(inFolder(`films-${which}`));
        fs.writeFileSync(inFolder(`films-${which}/film`), `the ${which} film`);
      }
      makeDiaryRoot(inFolder("image"));
      await engine.importImage(inFolder("image"), IMAGE);
      server = await startServer({
        recordings: recordingsFolder(),
        providers: { "cloudflare/cloudflare": PROVIDER_PINS.cloudflare ?? "", ...EMULATED },
        apply: true,
        effects: { ...dockerEffects(() => engine.docker), ...nullEffects(), ...postgresqlEffects() },
      });
      started.push(() => server.close());
      ledger = Ledger.inMemory();
      generations = Generations.inMemory();
      deployment = new Deployment(inFolder("deployment"), environment());
    }, 120_000);

    afterAll(async () => {
      for (const stop of started.reverse()) await stop();
      fs.rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    const environment = (): Record<string, string> => ({
      ...sshd.environment,
      ...REAL_ENVIRONMENT,
      TF_REATTACH_PROVIDERS: server.reattach,
      CLOUDFLARE_API_TOKEN: "x".repeat(40),
      TF_VAR_homelab_postgres_main_admin_pass: ADMIN,
      TF_VAR_webservices_diary_db_pass: PASSWORD,
    });

    const lab =
      (...declared: ((home: Homelab) => void)[]) =>
      (app: App): void => {
        const home = new Homelab(app, {
          hosts: [
            host("box", 1, {
              lanAddress: "127.0.0.1",
              ssh: { user: "root", port: sshd.port, hostKey: sshd.hostKey },
              storage: StorageLayout.dockerVolumes({ files: inFolder("files") }),
            }),
          ],
          zones: { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.direct() } },
          postgres: { main: { host: engine.address, port: database.port, sslMode: "disable" } },
          ledger,
          generations,
        });
        for (const declare of declared) declare(home);
      };

    const diary =
      ({
        label = "diary",
        films = "old",
        retries = 5,
        notes = "notes",
        settings = "a: ${b}\n",
        motto = "first",
      }: Diary = {}) =>
      (home: Homelab): void => {
        new HomelabService(home.host("box"), "diary", {
          image: IMAGE,
          port: 8080,
          user: "1000:1000",
          command: ["/usr/bin/node", "/app/server.js"],
          health: Probe.command(["/usr/bin/node", "/app/health.js"], { interval: Duration.seconds(1), retries }),
          parts: {
            web: Route.in(home.zone("example.com"), { label, access: Access.twoFactor("group:family") }),
            db: PostgresDatabase.on(home.postgres("main")),
            [notes]: renamed(notes === "notes" ? undefined : "notes", Volume.at("/data")),
            films: HostPath.at("/films", { from: inFolder(`films-${films}`) }),
            motto: ConfigFile.at("/etc/motto/motto", Content.text(motto), {
              onChange: Reload.signal("HUP"),
              check: Check.command(["/usr/bin/node", "-e", REFUSES_TYPOS]),
            }),
            settings: ConfigFile.at("/etc/diary/settings.conf", Content.text(settings)),
            lan: Port.publish(8080, { as: port }),
            none: Backup.none("a test"),
          },
          environment: (handles) => {
            // The key of the volume is computed, which the compiler can't follow.
            const { db } = handles as unknown as {
              db: { host: string; port: number; name: string; user: string; passwordFile(): string };
            };
            return {
              DIARY_DB_HOST: db.host,
              DIARY_DB_PORT: db.port,
              DIARY_DB_NAME: db.name,
              DIARY_DB_USER: db.user,
              DIARY_DB_PASSWORD_FILE: db.passwordFile(),
            };
          },
        });
      };

    const neighbour = (home: Homelab): void => {
      new HomelabService(home.host("box"), "neighbour", {
        image: IMAGE,
        user: "1000:1000",
        command: ["/usr/bin/node", "-e", "setInterval(() => undefined, 1000)"],
        health: Probe.none("it serves nothing"),
      });
    };

    async function ask(request: string, body?: string): Promise<any> {
      const [method, target] = request.split(" ");
      const response = await fetch(`http://127.0.0.1:${port}${target ?? ""}`, { method, body });
      return response.json();
    }

    const container = async (name: string): Promise<any> => engine.docker.getContainer(name).inspect();

    /** Deploys, and fails with what Terraform said. */
    async function deploy(...stacks: string[]): Promise<void> {
      for (const stack of stacks) {
        const { status, said } = await deployment.apply(stack);
        if (status !== 0) throw new Error(said);
      }
    }

    test("is deployed in the order of its stacks; the service is healthy and reached", async () => {
      deployment.synthesize(lab(diary(), neighbour));
      await deploy("postgres-main", "box", "edge");

      expect((await container("diary")).State.Health.Status).toBe("healthy");
      await ask("POST /rows", "a line");
      await ask("POST /notes", "a note");
      expect(await ask("GET /rows")).toEqual(["a line"]);
      expect(await ask("GET /notes")).toBe("a note\n");
      expect(await ask("GET /settings")).toBe("a: ${b}\n");
    });

    test("has nothing to do the second time", async () => {
      for (const stack of ["postgres-main", "box", "edge"])
        expect(await deployment.plan(stack)).toMatchObject({ status: 0, said: expect.stringContaining("No changes.") });
    });

    test("gives the service a role that uses its database, no other one, and makes neither databases nor roles", async () => {
      await database.query("CREATE DATABASE others");
      await database.query("REVOKE CONNECT ON DATABASE others FROM PUBLIC");
      const as = (name: string) => ({ user: "diary", password: PASSWORD, database: name });

      expect(await database.query("SELECT text FROM rows", as("diary"))).toEqual([{ text: "a line" }]);
      await expect(database.query("SELECT 1", as("others"))).rejects.toThrow(/permission denied for database/);
      await expect(database.query("CREATE DATABASE more", as("diary"))).rejects.toThrow(
        /permission denied to create database/,
      );
      await expect(database.query("CREATE ROLE more", as("diary"))).rejects.toThrow(/permission denied to create role/);
      await database.query("CREATE ROLE stranger LOGIN PASSWORD 'stranger'");
      await expect(
        database.query("SELECT 1", { user: "stranger", password: "stranger", database: "diary" }),
      ).rejects.toThrow(/permission denied for database/);
    });

    test("keeps the secret in a file of the container's user, and in no state, plan or log", async () => {
      const { mode, uid, environment: inside } = await ask("GET /secret");

      expect([mode, uid]).toEqual(["400", 1000]);
      const planned = await deployment.shownPlans();
      const inspected = JSON.stringify(await container("diary"));
      for (const text of [inside, inspected, deployment.log, deployment.files(), planned]) {
        for (const secret of [PASSWORD, ADMIN])
          for (const form of [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString("base64")])
            expect(text.includes(form)).toBe(false);
      }
    });

    test("replaces only the container whose label changed", async () => {
      const [before, neighbours] = [await container("diary"), await container("neighbour")];

      deployment.synthesize(lab(diary({ label: "journal" }), neighbour));
      await deploy("box");

      const after = await container("diary");
      expect(after.Id).not.toBe(before.Id);
      expect(after.Config.Labels["traefik.http.routers.diary_web.rule"]).toBe("Host(`journal.example.com`)");
      expect((await container("neighbour")).Id).toBe(neighbours.Id);
    });

    test("brings another mount source and another health check into the running container", async () => {
      expect(await ask("GET /film")).toBe("the old film");

      deployment.synthesize(lab(diary({ films: "new", retries: 7 }), neighbour));
      await deploy("box");

      expect(await ask("GET /film")).toBe("the new film");
      expect((await container("diary")).Config.Healthcheck.Retries).toBe(7);
    });

    test("would not do so without the fingerprint, which is what makes the provider replace the container", async () => {
      const bare = new Deployment(inFolder("deployment"), environment(), (document) => {
        for (const body of Object.values<any>(document.resource?.docker_container ?? {}))
          body.labels = body.labels.filter(({ label }: any) => label !== "homelab.fingerprint");
        return document;
      });
      bare.synthesize(lab(diary({ films: "new", retries: 7 }), neighbour));
      expect((await bare.apply("box")).status).toBe(0);
      bare.synthesize(lab(diary({ films: "old", retries: 9 }), neighbour));
      const { status, said } = await bare.apply("box");

      expect([status, said.includes("updated in-place") || said.includes("1 changed")]).toEqual([0, true]);
      expect(await ask("GET /film")).toBe("the new film");
      expect((await container("diary")).Config.Healthcheck.Retries).toBe(7);

      deployment.synthesize(lab(diary(), neighbour));
      await deploy("box");
      expect(await ask("GET /film")).toBe("the old film");
    });

    test("copies another configuration file into the container", async () => {
      deployment.synthesize(lab(diary({ settings: "a: 2\n" }), neighbour));
      await deploy("box");

      expect(await ask("GET /settings")).toBe("a: 2\n");
      deployment.synthesize(lab(diary(), neighbour));
      await deploy("box");
    });

    test("lets a running service read a changed file, and is still started again when it fails", async () => {
      const before = await container("diary");

      deployment.synthesize(lab(diary({ motto: "second" }), neighbour));
      await deploy("box");

      const { Id, State } = await container("diary");
      expect(Id).toBe(before.Id);
      expect(await ask("GET /motto")).toBe("second");
      process.kill(State.Pid, "SIGKILL");
      await waitFor("it was started again", async () => (await container("diary")).RestartCount === 1);
      await waitFor("it is healthy", async () => (await container("diary")).State.Health.Status === "healthy");
      deployment.synthesize(lab(diary(), neighbour));
      await deploy("box");
    });

    test("leaves a running service its old file when its own image refuses the new one", async () => {
      deployment.synthesize(lab(diary({ motto: "a typo" }), neighbour));
      const { status, said } = await deployment.apply("box");

      expect([status, said.includes("were refused; the old ones stay")]).toEqual([1, true]);
      expect(await ask("GET /motto")).toBe("first");
      deployment.synthesize(lab(diary(), neighbour));
      await deploy("box");
    });

    test("keeps the data of a part that is renamed", async () => {
      deployment.synthesize(lab(diary({ notes: "jottings" }), neighbour));
      const planned = await deployment.plan("box");
      await deploy("box");

      expect(planned.said).not.toMatch(/# docker_volume/);
      expect(await ask("GET /notes")).toBe("a note\n");
      expect(await deployment.plan("box")).toMatchObject({ status: 0 });
    });

    test("leaves volume and database when the service is removed, whose role may no longer log in", async () => {
      deployment.synthesize(lab(neighbour));
      await deploy("edge", "box", "postgres-main");

      await expect(container("diary")).rejects.toThrow(/no such container/i);
      const { Mountpoint } = await engine.docker.getVolume("diary_notes").inspect();
      expect(fs.readFileSync(path.join(Mountpoint, "notes"), "utf8")).toBe("a note\n");
      expect(await database.query("SELECT text FROM rows", { database: "diary" })).toEqual([{ text: "a line" }]);
      await expect(
        database.query("SELECT 1", { user: "diary", password: PASSWORD, database: "diary" }),
      ).rejects.toThrow(/not permitted to log in/);
    });

    test("finds them when the service is brought back", async () => {
      deployment.synthesize(lab(diary({ notes: "jottings" }), neighbour));
      const adopt = { TF_VAR_homelab_adopt: JSON.stringify(["postgresql_database.diary_db"]) };
      expect(await deployment.apply("postgres-main", adopt)).toMatchObject({ status: 0 });
      await deploy("box", "edge");

      expect(await ask("GET /rows")).toEqual(["a line"]);
      expect(await ask("GET /notes")).toBe("a note\n");
      for (const stack of ["postgres-main", "box", "edge"])
        expect(await deployment.plan(stack)).toMatchObject({ status: 0 });
    });

    test("leaves the other stacks plannable while the engine is dead", async () => {
      await engine.halt();

      expect((await deployment.plan("box")).status).toBe(1);
      for (const stack of ["postgres-main", "edge"]) expect(await deployment.plan(stack)).toMatchObject({ status: 0 });

      await engine.run();
      expect(await deployment.plan("box")).toMatchObject({ status: 0 });
    });

    test("starts again after the engine did, since every container has a restart policy", async () => {
      expect((await container("diary")).State.Running).toBe(true);
    });

    test("is whole after one deployment when the host was installed anew", async () => {
      const before = sshd.hostKey;
      await sshd.reinstall();
      for (const { Id } of await engine.docker.listContainers({ all: true }))
        await engine.docker.getContainer(Id).remove({ force: true });
      for (const { Id, Name } of await engine.docker.listNetworks())
        if (!["bridge", "host", "none"].includes(Name)) await engine.docker.getNetwork(Id).remove();
      await engine.docker.getVolume("diary_notes").remove();
      fs.rmSync(inFolder("files"), { recursive: true });

      expect(sshd.hostKey).not.toBe(before);
      deployment.synthesize(lab(diary({ notes: "jottings" }), neighbour));
      await deploy("box");

      expect(await ask("GET /rows")).toEqual(["a line"]);
      expect((await ask("GET /secret")).mode).toBe("400");
      expect(await deployment.plan("box")).toMatchObject({ status: 0 });
    });

    test("leaves in the states what the real providers leave there", () => {
      const resources = new Map([...deployment.resources("postgres-main"), ...deployment.resources("box")]);

      expectRecordedStates("engine", resources, folder);
    });
  },
);
