import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { BackupAgentFacts } from "../../contract/backups";
import type { BackupJob } from "../../constructs/backup/backup-job";
import { borgmaticConfig } from "../../constructs/backup/borgmatic-config";
import { agentProgram } from "../../constructs/backup/agent-program/agent-program";
import { DebianImage } from "./debian-image";
import { Engine, engineFolder } from "./engine";
import { ODD_FILES } from "./odd-files";

const TOOLS = "backup-tools:1";

/** What borgmatic's configuration is made of. */
const JOB: BackupJob = {
  ...{
    service: "app",
    host: "app-01",
    folder: "app",
    at: ["02:30"],
    drill: "never",
    quiesce: "none",
    containers: ["db", "app"],
  },
  keep: { daily: 7, weekly: 4, monthly: 6, yearly: 0 },
  sources: [
    { kind: "volume", part: "files", name: "app_files" },
    { kind: "folder", part: "data", name: "/data" },
    { kind: "postgres", part: "main", container: "db", database: "app", owner: "app", superuser: "boss" },
  ],
  ...{ before: [], after: [] },
};

/** How a program ended, and what it said. */
export interface AgentRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A host with a service `app`: a volume and a folder with odd files, and a database. */
export class BackupHost {
  /** Starts its engine, the service and the server of its database. */
  public static async start(): Promise<BackupHost> {
    const folder = engineFolder();
    const engine = await Engine.start(path.join(folder, "engine"));
    const host = new BackupHost(folder, engine);
    await DebianImage.backupTools.import(engine, TOOLS);
    await DebianImage.postgres15.import(engine, "postgres:15");
    for (const name of ["data", "etc", "keys"]) fs.mkdirSync(host.inFolder(name));
    fs.writeFileSync(host.inFolder("password"), "a password", { mode: 0o644 });
    const password = `${host.inFolder("password")}:/password:ro`;
    host.docker(
      ...["run", "--detach", "--name=db", "--network=none", `--volume=${password}`],
      ...["--env=POSTGRES_PASSWORD_FILE=/password", "--env=POSTGRES_USER=boss", "postgres:15"],
    );
    const waiting = "trap exit TERM; while :; do sleep 1 & wait $!; done";
    host.docker(
      ...["run", "--detach", "--name=app", "--network=none", "--volume=app_files:/odd"],
      ...[`--volume=${host.inFolder("data")}:/data`, TOOLS, "sh", "-c", waiting],
    );
    host.inApp(`${ODD_FILES}; rm "a socket"; chown 1000:1000 /odd; chmod 2751 /odd; echo 1 > /data/note`);
    host.docker("exec", "db", "sh", "-c", "until psql -U boss -d postgres -c '' 2>/dev/null; do sleep 0.2; done");
    host.sql("postgres", "create role app login", "create role reader", "create database app owner app");
    host.sql("app", ...DATABASE);
    return host;
  }

  private constructor(
    private readonly folder: string,
    private readonly engine: Engine,
  ) {}

  /** Where something is on this machine. */
  public inFolder(name: string): string {
    return path.join(this.folder, name);
  }

  /** Declares the agent, with what differs from a quiet night. */
  public declare(
    kind: BackupAgentFacts["engine"],
    { repositories = ["disk"], lines = [] }: { repositories?: string[]; lines?: string[] } = {},
  ): void {
    const places = { etc: this.inFolder("etc"), keys: this.inFolder("keys"), ...this.places(kind) };
    const write = (name: string, content: readonly string[]): void =>
      fs.writeFileSync(this.inFolder(`etc/${name}`), content.map((line) => `${line}\n`).join(""));
    fs.writeFileSync(this.inFolder("etc/agent"), agentProgram(kind, places));
    const far = kind === "restic" ? "sftp://nobody@127.0.0.1:1/copies" : "ssh://nobody@127.0.0.1:1/./copies";
    const location = (name: string): string =>
      name === "far" ? `ssh ${far}` : `local ${this.inFolder(`${kind}/${name}`)}`;
    write("lab.conf", [
      "host app-01",
      `engine ${kind} ${TOOLS}`,
      ...repositories.map((name) => `repository ${name} ${location(name)}`),
      "limits - - -",
    ]);
    const parts = lines.some((line) => line.startsWith("postgres"))
      ? []
      : ["volume files app_files", `folder data ${this.inFolder("data")}`, "postgres main db app app boss"];
    write("app.conf", ["service app", "keep 7 4 6 0", "container db", "container app", ...parts, ...lines]);
    for (const name of repositories) {
      this.key(name, "a passphrase");
      const repository = { name, url: name === "far" ? far : undefined, bandwidth: undefined };
      fs.writeFileSync(this.inFolder(`etc/app.borgmatic.${name}.yaml`), borgmaticConfig(JOB, repository));
    }
  }

  /** Gives a repository a key. */
  public key(repository: string, passphrase: string): void {
    for (const [name, text] of [
      ["pass", passphrase],
      ["ssh_key", ""],
      ["known_hosts", ""],
    ] as const)
      fs.writeFileSync(this.inFolder(`keys/${repository}.${name}`), text, { mode: 0o600 });
  }

  /** Runs the agent. */
  public agent(...words: string[]): AgentRun {
    const { status, stdout, stderr } = spawnSync("sh", [this.inFolder("etc/agent"), ...words], this.options);
    return { status, stdout, stderr };
  }

  /** Starts the agent. */
  public startAgent(...words: string[]): ChildProcess {
    return spawn("sh", [this.inFolder("etc/agent"), ...words], { ...this.options, stdio: "ignore" });
  }

  /** Runs a docker command. */
  public docker(...words: string[]): string {
    const { status, stdout, stderr } = spawnSync("docker", words, this.options);
    if (status !== 0) throw new Error(`docker ${words.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** Runs a script in the service. */
  public inApp(script: string): string {
    return this.docker("exec", "app", "sh", "-c", script);
  }

  /** Says something to the database's server. */
  public sql(database: string, ...statements: string[]): string {
    const commands = statements.flatMap((statement) => ["-c", statement]);
    return this.docker(
      "exec",
      "db",
      "psql",
      "-U",
      "boss",
      "-d",
      database,
      "-qAtX",
      "-v",
      "ON_ERROR_STOP=1",
      ...commands,
    );
  }

  /** What is in the folder of what the agent remembers. */
  public state(kind: BackupAgentFacts["engine"], name: string): string[] {
    const folder = path.join(this.places(kind).state, name);
    return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
  }

  /** Ends everything. */
  public async remove(): Promise<void> {
    await this.engine.remove();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Has the agent know nothing, as on another machine; what it knew comes back by what is returned. */
  public forget(kind: string): () => void {
    const { state } = this.places(kind);
    fs.renameSync(state, `${state}.before`);
    return () => {
      fs.rmSync(state, { recursive: true });
      fs.renameSync(`${state}.before`, state);
    };
  }

  private places(kind: string): { readonly state: string; readonly run: string } {
    return { state: this.inFolder(`state-${kind}`), run: this.inFolder(`run-${kind}`) };
  }

  private get options(): { readonly env: NodeJS.ProcessEnv; readonly encoding: "utf8" } {
    return { env: { ...process.env, DOCKER_HOST: `unix://${this.engine.socket}` }, encoding: "utf8" };
  }
}

/** A database in which more than tables must come back. */
const DATABASE = [
  "set role app",
  "create table ledger (id int generated by default as identity primary key, amount int, note text)",
  "insert into ledger (amount, note) select i, 'entry ' || i from generate_series(1, 500) i",
  "alter table ledger enable row level security",
  "alter table ledger force row level security",
  "grant select (id) on ledger to reader",
  "create sequence never",
  "select lo_from_bytea(4711, decode(repeat('ab', 5000), 'hex'))",
  "reset role",
  "create extension hstore",
  "alter database app set timezone = 'Europe/Berlin'",
  "revoke connect on database app from public",
  "comment on database app is 'the app''s'",
];
