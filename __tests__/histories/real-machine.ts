import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { StorageLayout } from "../../constructs";
import { mapResources, type StackDocument, type TerraformDocument } from "../../offline/providers";
import { Engine } from "../support/engine";
import { Namespaces } from "../support/namespaces";
import { Postgres } from "../support/postgres";
import { terraformEnvironment } from "../support/programs";
import { REAL_ENVIRONMENT } from "../support/providers-under-test";
import { Sshd } from "../support/sshd";
import { host, type StackJson } from "../support/synthesis";
import { HOSTS, SERVERS, type HostName, type ServerName } from "./code";
import type { Deployed } from "./steps";
import type { Inventory } from "./synthesis";
import type { Thing } from "./terraform-model";
import type { Machine } from "./with-terraform";

const ADMIN = "the administrator's own password";
/** Containers, and what only they need: one that uses a volume saves it by luck. */
const LEFT_OUT = ["docker_container", "docker_image", "docker_network"];

interface RealHost {
  readonly engine: Engine;
  readonly sshd: Sshd;
  /** The folder of the engine's volumes. */
  readonly volumes: string;
  readonly folders: string;
}

/** Two engines and three database servers, reached by the real providers. What is found in each thing says which it is. */
export class RealMachine implements Machine {
  public static missing(): string | undefined {
    return Engine.missing() ?? Namespaces.missing() ?? Postgres.missing() ?? Sshd.missing();
  }

  public static async start(folder: string): Promise<RealMachine> {
    fs.chmodSync(folder, 0o755); // the database's user has to get in
    const namespaces = new Namespaces("middle");
    const machine = new RealMachine(folder, namespaces);
    for (const [index, name] of HOSTS.entries()) {
      const inFolder = (what: string): string => path.join(folder, `${name}-${what}`);
      namespaces.join(`box${index}`, [[`10.215.${index}.1/24`, `10.215.${index}.2/24`]]);
      const engine = await Engine.startIn(namespaces.name(`box${index}`), inFolder("engine"));
      const sshd = await Sshd.start(inFolder("sshd"), { DOCKER_HOST: `unix://${engine.socket}` });
      machine.hosts.set(name, {
        engine,
        sshd,
        volumes: path.join(inFolder("engine"), "data/volumes"),
        folders: inFolder("data"),
      });
    }
    for (const name of SERVERS)
      machine.servers.set(name, await Postgres.start(path.join(folder, `postgres-${name}`), [], ADMIN));
    return machine;
  }

  private readonly hosts = new Map<HostName, RealHost>();
  private readonly servers = new Map<ServerName, Postgres>();
  /** What was marked with its number when it was first there. */
  private readonly seen = new Set<string>();

  private constructor(
    private readonly folder: string,
    private readonly namespaces: Namespaces,
  ) {}

  /** Types of resources that are not deployed. */
  public readonly omitted: readonly string[] = LEFT_OUT;
  public readonly joinsServers = false;

  /** The inventory of a lab that is deployed here. */
  public get inventory(): Inventory {
    return {
      host: (name, layout) => {
        const { sshd, folders } = find(this.hosts, name);
        return host(name, 1, {
          lanAddress: "127.0.0.1",
          ssh: { user: "root", port: sshd.port, hostKey: sshd.hostKey },
          storage:
            layout === "volumes"
              ? StorageLayout.dockerVolumes({ files: `${folders}/files` })
              : StorageLayout.serviceFolders(`${folders}/services`),
        });
      },
      server: (name) => ({ host: "127.0.0.1", port: find(this.servers, name).port, sslMode: "disable" }),
      ownPort: find(this.servers, "own").port,
    };
  }

  public async prepare({ name, document }: StackDocument): Promise<void> {
    const { status, said } = await this.terraform(this.write(name, document), ["init", "-reconfigure"]);
    if (status !== 0) throw new Error(said);
  }

  public async apply({ name, document }: StackDocument, words: readonly string[]) {
    const folder = this.write(name, document);
    const { status, said } = await this.terraform(folder, ["apply", "-auto-approve", ...words]);
    if (status !== 0) return { said: `${name}: ${said.slice(said.indexOf("Error:"))}` };
    return { state: fs.readFileSync(path.join(folder, "terraform.tfstate"), "utf8") };
  }

  public async inspect(deployed: readonly Deployed[]): Promise<string[]> {
    const wrong: string[] = [];
    for (const { things, destroyedByHand } of deployed) {
      for (const thing of things) {
        const key = `${thing.place}: ${thing.type} ${thing.name}, number ${thing.serial}`;
        const found = await this.find(thing, !this.seen.has(key));
        if (found !== String(thing.serial))
          wrong.push(`${key} ${found === undefined ? "is not there" : `has ${JSON.stringify(found)}`}`);
        this.seen.add(key);
      }
      // In the order of their dependencies: what is in a database goes with it.
      for (const type of ["postgresql_extension", "postgresql_database", "postgresql_role", "docker_volume"])
        for (const thing of destroyedByHand) if (thing.type === type) await this.destroy(thing);
    }
    return wrong;
  }

  public async close(): Promise<void> {
    for (const server of this.servers.values()) await server.stop();
    for (const { engine, sshd } of this.hosts.values()) {
      sshd.stop();
      await engine.remove();
    }
    this.namespaces.remove();
  }
  private write(name: string, document: TerraformDocument): string {
    const folder = path.join(this.folder, "stacks", name);
    fs.mkdirSync(folder, { recursive: true });
    const { backend: _backend, ...terraform } = document.terraform ?? {};
    const { resource = {}, ...rest } = mapResources(document, withoutContainers);
    const kept = Object.entries(resource).filter(([type]) => !LEFT_OUT.includes(type));
    const copy = { ...rest, terraform, ...(kept.length > 0 && { resource: Object.fromEntries(kept) }) };
    fs.writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify(copy, null, 2));
    return folder;
  }

  /** The own agent of the host that a stack reaches opens its door, and every secret is the same. */
  private terraform(folder: string, words: readonly string[]): Promise<{ status: number | null; said: string }> {
    const file = path.join(folder, "cdk.tf.json");
    const { variable = {}, provider } = JSON.parse(fs.readFileSync(file, "utf8")) as TerraformDocument & StackJson;
    const engine = String(provider.docker?.[0].host);
    const secrets = Object.entries(variable).filter(([, { default: value }]) => value === undefined);
    const env = terraformEnvironment({
      ...REAL_ENVIRONMENT,
      ...[...this.hosts.values()].find(({ sshd }) => engine.endsWith(`:${sshd.port}`))?.sshd.environment,
      ...Object.fromEntries(secrets.map(([name]) => [`TF_VAR_${name}`, ADMIN])),
    });
    return new Promise((resolve, reject) => {
      const child = spawn("terraform", [...words, "-input=false", "-no-color"], { cwd: folder, env });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => (said += text));
      child.on("error", reject);
      child.on("close", (status) => resolve({ status, said }));
    });
  }

  /** The number that is found in a thing, which a new one gets; undefined when it is not there. */
  private async find({ place, type, name, serial }: Thing, isNew: boolean): Promise<string | undefined> {
    const text = String(serial);
    const server = this.servers.get(serverAt(place));
    if (server) {
      const [database = "", extension = ""] = name.split(".");
      const { length } = await server.query(`SELECT FROM pg_database WHERE datname = '${database}'`);
      if (type === "postgresql_database")
        return length === 0 ? undefined : findInDatabase(server, name, isNew ? text : undefined);
      const found =
        type === "postgresql_role"
          ? await server.query(`SELECT FROM pg_roles WHERE rolname = '${name}'`)
          : await server.query(`SELECT FROM pg_extension WHERE extname = '${extension}'`, { database });
      return found.length === 0 ? undefined : text;
    }
    const { engine, volumes } = find(this.hosts, place as HostName);
    if (type === "null_resource") return findInFolder(name, isNew ? text : undefined);
    return (await exists(engine, name))
      ? findInFolder(path.join(volumes, name, "_data"), isNew ? text : undefined)
      : undefined;
  }

  /** What `homelab retire` says that its person should do. */
  private async destroy({ place, type, name }: Thing): Promise<void> {
    const server = this.servers.get(serverAt(place));
    if (type === "docker_volume") {
      const { engine } = find(this.hosts, place as HostName);
      if (await exists(engine, name)) await engine.docker.getVolume(name).remove();
    }
    if (type === "postgresql_database") await server?.query(`DROP DATABASE IF EXISTS "${name}"`);
    if (type === "postgresql_role") await dropRole(server, name);
    const [database = "", extension = ""] = name.split(".");
    if (
      type === "postgresql_extension" &&
      (await server?.query(`SELECT FROM pg_database WHERE datname = '${database}'`))?.length
    )
      await server?.query(`DROP EXTENSION IF EXISTS "${extension}" CASCADE`, { database });
  }
}

function withoutContainers({
  depends_on: needed,
  ...body
}: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Array.isArray(needed)
    ? needed.filter((address) => !LEFT_OUT.some((type) => String(address).startsWith(`${type}.`)))
    : [];
  return { ...body, ...(kept.length > 0 && { depends_on: kept }) };
}

async function exists(engine: Engine, volume: string): Promise<boolean> {
  return engine.docker
    .getVolume(volume)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

/** The row of a table that is made when the database is first seen. */
async function findInDatabase(server: Postgres, database: string, text: string | undefined): Promise<string> {
  if (text !== undefined)
    await server.query(
      `CREATE TABLE IF NOT EXISTS mark (text text); INSERT INTO mark SELECT '${text}' WHERE NOT EXISTS (SELECT FROM mark)`,
      { database },
    );
  const [row] = await server.query("SELECT text FROM mark", { database }).catch(() => []);
  return typeof row?.text === "string" ? row.text : "";
}

function findInFolder(folder: string, text: string | undefined): string | undefined {
  if (!fs.existsSync(folder)) return undefined;
  const file = path.join(folder, "mark");
  if (text !== undefined && !fs.existsSync(file)) fs.writeFileSync(file, text);
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
}

async function dropRole(server: Postgres | undefined, role: string): Promise<void> {
  if (!server || (await server.query(`SELECT FROM pg_roles WHERE rolname = '${role}'`)).length === 0) return;
  for (const { datname } of await server.query(
    "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate",
  )) {
    const database = String(datname);
    await server.query(`REASSIGN OWNED BY "${role}" TO postgres; DROP OWNED BY "${role}"`, { database });
  }
  await server.query(`DROP ROLE "${role}"`);
}

/** The server of that name; each history has an own one, which are all the same here. */
function serverAt(place: string): ServerName {
  return place.replace(/^.*-own$/, "own") as ServerName;
}

function find<K, T>(members: ReadonlyMap<K, T>, name: K): T {
  const member = members.get(name);
  if (member === undefined) throw new Error(`there is no ${String(name)}`);
  return member;
}
