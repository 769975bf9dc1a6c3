import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import {
  Backup,
  Generations,
  HomelabService,
  Ledger,
  PostgresDatabase,
  Probe,
  StorageLayout,
  Volume,
  type HostProps,
  type LedgerEntry,
} from "../../constructs";
import { shellWord } from "../../contract/text";
import { Homelab, type HomelabConfig } from "../../stacks";
import { copyProgram } from "../support/diary-image";
import { Engine, engineFolder, removeMounted } from "../support/engine";
import { Postgres } from "../support/postgres";
import { missing, suite, terraformEnvironment } from "../support/programs";
import { StockHost } from "../support/stock-host";
import { host, inventory } from "../support/synthesis";

const PASSWORD = "the administrator's own password";
/** A path that a shell must not take apart. */
const ROOT = "/home/it's lab $HOME";

const reason = missing(["docker", "psql"], { root: true }) ?? StockHost.missing() ?? Engine.missing();
suite("a ledger that was lost, without any state", reason ?? Postgres.missing(), () => {
  let folder: string;
  let engine: Engine;
  let database: Postgres;
  /** One with an engine for volumes, and one for folders, whose Docker is not installed. */
  let machines: { readonly app: StockHost; readonly media: StockHost };
  let before: Ledger;
  const inFolder = (name: string): string => path.join(folder, name);
  const ledgerFile = (): string => inFolder("ledger.json");

  beforeAll(async () => {
    jest.replaceProperty(process, "env", { ...process.env, CI: "" }); // its ledger grows, as on a person's machine
    folder = engineFolder();
    fs.chmodSync(folder, 0o755); // the database's user has to get in
    for (const name of ["app", "media"]) fs.mkdirSync(inFolder(name));
    engine = await Engine.start(inFolder("app/engine"));
    machines = { app: await StockHost.start(inFolder("app")), media: await StockHost.start(inFolder("media")) };
    database = await Postgres.start(inFolder("postgres"), [], PASSWORD);
    // Both accept one key.
    fs.appendFileSync(inFolder("media/sshd/user.pub"), fs.readFileSync(inFolder("app/sshd/user.pub")));
    machines.media.as("root", 'for one in $(which -a docker); do mount --bind /dev/null "$(readlink -f $one)"; done');
    machines.app.as(
      "root",
      `docker context create lab --docker host=unix://${engine.socket} && docker context use lab`,
    );
    jest.spyOn(process.stderr, "write").mockReturnValue(true); // news of syntheses
    synthesize(["wiki", "old"]);
    synthesize(["wiki"]);
    before = Ledger.fromFile(ledgerFile());
    for (const entry of before.entries.values()) if (isOnHost(entry)) makeOnHost(entry);
    await makeDatabase("wiki");
    await makeDatabase("old");
    await placeWhatIsOfOthers();
  });
  beforeEach(() => {
    fs.rmSync(ledgerFile(), { force: true });
    synthesize(["wiki"]);
    fs.rmSync(ledgerFile()); // which has no more than the code declares
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    for (const machine of Object.values(machines)) machine.stop();
    await database.stop();
    await engine.remove();
    removeMounted(folder);
  });

  /** Synthesizes the lab; each of its services has a volume, a folder and a database. */
  function synthesize(services: readonly string[], postgres: HomelabConfig["postgres"] = existing()): void {
    const app = new App({ outdir: inFolder("out") });
    const lab = new Homelab(
      app,
      inventory({
        hosts: hosts(),
        postgres,
        ledger: Ledger.fromFile(ledgerFile()),
        generations: Generations.inMemory(),
        monitoring: undefined,
      }),
    );
    const basic = { image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") } as const;
    for (const name of services) {
      const db = PostgresDatabase.on(lab.postgres("main"), {
        ...{ application: "separate", readOnlyRole: true, extensions: ["citext"] },
      });
      const none = Backup.none("test");
      new HomelabService(lab.host("app-01"), name, { ...basic, parts: { media: Volume.at("/data"), db, none } });
      new HomelabService(lab.host("media-01"), `${name}-photos`, {
        ...{ ...basic, parts: { album: Volume.at("/data"), none } },
      });
    }
    app.synth();
  }

  const hosts = (): HostProps[] => {
    const at = (name: string, { sshd: { port, hostKey } }: StockHost, more: Partial<HostProps> = {}): HostProps =>
      host(name, 1, { lanAddress: "127.0.0.1", ssh: { user: "deploy", port, hostKey }, ...more });
    return [
      at("app-01", machines.app),
      at("media-01", machines.media, { storage: StorageLayout.serviceFolders(ROOT) }),
    ];
  };

  const existing = (): HomelabConfig["postgres"] => ({
    main: { host: "127.0.0.1", port: database.port, sslMode: "disable" },
  });

  const isOnHost = ({ kind }: LedgerEntry): boolean => kind === "volume" || kind === "folder";

  function makeOnHost({ kind, name }: LedgerEntry): void {
    if (kind === "volume") machines.app.as("deploy", `sudo -n docker volume create '${name}'`);
    else machines.media.as("deploy", `sudo -n mkdir -p ${shellWord(name)}`);
  }

  /** A database as the stack of the server makes it. */
  async function makeDatabase(name: string): Promise<void> {
    const roles = [name, `${name}_app`, `${name}_readonly`];
    for (const role of roles) await database.query(`CREATE ROLE "${role}"`);
    await database.query(`CREATE DATABASE "${name}" OWNER "${name}" TEMPLATE template0`);
    for (const role of roles) await database.query(`GRANT CONNECT ON DATABASE "${name}" TO "${role}"`);
    await database.query("CREATE EXTENSION citext", { database: name });
  }

  async function placeWhatIsOfOthers(): Promise<void> {
    const { docker } = engine;
    await docker.createVolume({ Name: "shop_db", Labels: { "com.docker.compose.project": "shop" } });
    await docker.createVolume({ Name: "f".repeat(64) });
    await docker.createVolume({ Name: "tool.data-1" });
    copyProgram(inFolder("image"), Postgres.psql, "/usr/bin/psql");
    copyProgram(inFolder("image"), "/bin/sleep", "/usr/bin/sleep");
    await engine.importImage(inFolder("image"), "tool:1");
    await docker.createContainer({
      ...{ name: "tool", Image: "tool:1", Cmd: ["sleep"], HostConfig: { Binds: ["tool.data-1:/data"] } },
    });
    await database.query("CREATE ROLE bob LOGIN");
    await database.query("CREATE DATABASE bobs OWNER bob");
  }

  interface Ended {
    readonly status: number | null;
    readonly said: string;
    readonly complaint: string;
  }

  /** What `homelab ledger --recover` says, and how it ends. */
  const recover = (...words: string[]): Promise<Ended> => recoverWith({}, ...words);
  const recoverWith = (environment: NodeJS.ProcessEnv, ...words: string[]): Promise<Ended> =>
    homelab(environment, "ledger", "--recover", ...words);

  function homelab(environment: NodeJS.ProcessEnv, ...words: string[]): Promise<Ended> {
    const command = ["--import", "tsx", path.join(__dirname, "../../cli/homelab.ts"), "--out", inFolder("out")];
    const child = spawn(process.execPath, [...command, ...words], {
      cwd: path.join(__dirname, "../.."),
      env: {
        ...terraformEnvironment({ TF_VAR_homelab_postgres_main_admin_pass: PASSWORD }),
        ...machines.app.sshd.environment,
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [said, complaint] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (said += text.toString()));
    child.stderr.on("data", (text: Buffer) => (complaint += text.toString()));
    return new Promise((resolve) => child.on("close", (status) => resolve({ status, said, complaint })));
  }

  test("is as it was, with what nothing declares any more, and says what nobody can know", async () => {
    const { status, said, complaint } = await recover("--write");

    expect(status).toBe(0);
    expect(fs.readFileSync(ledgerFile(), "utf8")).toBe(before.toString());
    expect(said).toMatch(/wiki\/media +volume +app-01 +wiki_media +in use +host app-01/);
    expect(said).toMatch(/old\/db\.app +role +main +old_app +released +database server main/);
    expect(said).toContain("Keys that something had before a rename are in none of these places");
    expect(complaint).toBe(
      'homelab: not looked at: host "media-01": volumes are unknown: docker is not installed there\n',
    );
    expect((await recover("--write")).said).toContain("lacks nothing of what was found");
  });

  test("has nothing that is somebody else's, and says whose", async () => {
    const { said } = await recover("--write");

    expect(fs.readFileSync(ledgerFile(), "utf8")).not.toMatch(/shop|tool|bob|ffff/);
    const [database, role, composed, mounted] = said.split("\n").filter((line) => line.startsWith("Not taken"));
    expect(database).toContain(
      'database "bobs" on main, since role "bob" owns it; if it is the lab\'s, add the line ,"',
    );
    expect(role).toContain('role "bob" on main, since');
    expect(composed).toContain('volume "shop_db" on app-01, since it has the label com.docker.compose.project=shop;');
    expect(mounted).toContain(
      'volume "tool.data-1" on app-01, since container "tool" has it, which is not the lab\'s;',
    );
  });

  test("has things with any name, by addresses that Terraform reads", async () => {
    const folders = ["фото/альбом", "2024/it's $(id)", "a/.album.new", "b/.homelab", "c/two\nlines"];
    for (const name of folders) machines.media.as("deploy", `sudo -n mkdir -p ${shellWord(`${ROOT}/${name}`)}`);
    machines.app.as("deploy", "sudo -n docker volume create 2024.notes");
    const databases = ['it\'s; "odd" a=b\\', "two\nlines", "имя"];
    for (const name of databases) {
      const identifier = `"${name.replaceAll('"', '""')}"`;
      await database.query(`CREATE ROLE ${identifier}`);
      await database.query(`CREATE DATABASE ${identifier} OWNER ${identifier}`);
      await database.query("CREATE EXTENSION citext", { database: name });
    }

    const { said, complaint } = await recover("--write");

    const entries = [...Ledger.fromFile(ledgerFile()).entries].filter(([key]) => !before.entries.has(key));
    expect(entries.map(([, { kind, name }]) => `${kind} ${name.replace(`${ROOT}/`, "")}`).sort()).toEqual(
      [
        ...["folder 2024/it's $(id)", "folder фото/альбом", "volume 2024.notes"],
        ...databases.flatMap((name) => [`database ${name}`, `extension ${name}.citext`, `role ${name}`]),
      ].sort(),
    );
    for (const [, { address }] of entries) expect(address).toMatch(/^[a-z_]+\.[a-z_][a-z0-9_-]*$/);
    expect(said).toContain(`Not taken: folder ${JSON.stringify(`${ROOT}/c/two\nlines`)} on media-01`);
    expect(complaint.split("\n")).toHaveLength(2);
    synthesize(["wiki"]);
  });

  test("has what is on a server that the lab runs itself, asked in its container", async () => {
    const [on] = hosts();
    synthesize(["wiki"], on && { main: { on, image: "tool:1", port: database.port } });
    fs.rmSync(ledgerFile());
    await makeDatabase("two-folk");
    const container = await engine.docker.createContainer({
      ...{ name: "postgres-main", Image: "tool:1", Cmd: ["sleep", "600"] },
      Env: [`PGPORT=${database.port}`, `PGPASSWORD=${PASSWORD}`],
      HostConfig: { Binds: [`${inFolder("postgres")}:/var/run/postgresql`], NetworkMode: "none" },
    });
    await container.start();

    const { complaint } = await recoverWith({ TF_VAR_homelab_postgres_main_admin_pass: "" }, "--write");

    expect(complaint.split("\n")).toHaveLength(2);
    const found = Ledger.fromFile(ledgerFile()).entries;
    for (const [key, entry] of before.entries) if (entry.server) expect([key, found.get(key)]).toEqual([key, entry]);
    expect([...found.values()].filter(({ kind }) => kind === "extension").map(({ name }) => name)).toContain(
      "two-folk.citext",
    );
  });

  test("does not begin anew what can't be asked", async () => {
    const { said, complaint } = await recoverWith({ TF_VAR_homelab_postgres_main_admin_pass: "wrong" }, "--write");

    expect(complaint).toMatch(
      /not looked at: database server "main": psql says: .*password authentication failed for user "postgres"\n/,
    );
    expect(said).toContain('Not found: wiki/db, which the code declares as database "wiki" on main: it is new, or');
    expect(Ledger.fromFile(ledgerFile()).entries.has("wiki/media")).toBe(true);
    expect(fs.readFileSync(ledgerFile(), "utf8")).not.toContain('"server"');
  });

  test("is left by what was retired when hosts and servers have it no more", async () => {
    await recover("--write");
    synthesize(["wiki"]);
    const told = await homelab({}, "retire", "old", "old-photos");
    synthesize(["wiki"]);

    const early = await homelab({}, "retire", "old", "old-photos");

    expect(early.status).toBe(1);
    const left = [...early.complaint.matchAll(/"([^"]+)" is still there/g)].map(([, key]) => key);
    expect(left.sort()).toEqual([...before.entries.keys()].filter((key) => key.startsWith("old")).sort());
    for (const [, where = "", command = ""] of told.said.matchAll(/^ {2}on (host \S+|database server [^:]+): (.*)$/gm))
      await carryOut(where, command);
    expect((await homelab({}, "retire", "old", "old-photos")).said).toContain("Taken out of ");
    expect([...Ledger.fromFile(ledgerFile()).retired.keys()]).toEqual([]);
  });

  /** Does what `homelab retire` says that its person should do. */
  async function carryOut(where: string, command: string): Promise<void> {
    if (where === "host app-01") machines.app.as("deploy", `sudo -n ${command}`);
    else if (where === "host media-01") machines.media.as("deploy", `sudo -n ${command}`);
    else await database.query(command, { database: /, in its database (.*)$/.exec(where)?.[1] });
  }

  test("is not found where whoever deploys may not become root, and nobody is asked for a password", async () => {
    const file = inFolder("out/homelab.json");
    const manifest = JSON.parse(fs.readFileSync(file, "utf8"));
    for (const one of manifest.hosts) one.ssh.user = "plain";
    fs.writeFileSync(file, JSON.stringify(manifest));

    const { complaint } = await recover();

    expect(complaint.split("\n").slice(0, 2)).toEqual(
      ["app-01", "media-01"].map((name) =>
        expect.stringMatching(new RegExp(`^homelab: not looked at: host "${name}": .*sudo: a password is required$`)),
      ),
    );
  });

  test("stays away when nobody answers", async () => {
    const nobody = { SSH_AUTH_SOCK: inFolder("none"), TF_VAR_homelab_postgres_main_admin_pass: "wrong" };

    const { status, complaint } = await recoverWith(nobody, "--write");

    expect(status).toBe(0);
    expect(complaint.trim().split("\n")).toEqual([
      expect.stringMatching(/^homelab: not looked at: host "app-01": .*Permission denied/),
      expect.stringMatching(/^homelab: not looked at: host "media-01": .*Permission denied/),
      expect.stringMatching(/^homelab: not looked at: database server "main": .*password authentication failed/),
    ]);
    expect(fs.existsSync(ledgerFile())).toBe(false);
  });
});
