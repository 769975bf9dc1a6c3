import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { Generations, Ledger, StorageLayout, type HostProps, type Manifest } from "../../constructs";
import { Ingress } from "../../constructs";
import type { WrittenLab } from "../../plan/containers";
import { Homelab, type HomelabConfig, type HomelabOptions } from "../../stacks";

/** A stack as Terraform's JSON, without cdktf's own comments. */
export interface StackJson {
  readonly resource: Record<string, Record<string, any>>;
  readonly [block: string]: any;
}

/** What a synthesis wrote. */
export interface Synthesis {
  readonly stacks: Record<string, StackJson>;
  readonly manifest: Manifest;
  readonly dependencies: Record<string, string[]>;
}

/** Runs a real `app.synth()` into a temporary folder and reads what it wrote. */
export function synthesize(build: (app: App) => void): Synthesis {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-"));
  try {
    const app = new App({ outdir });
    build(app);
    app.synth();
    const folder = path.join(outdir, "stacks");
    const stacks = fs.readdirSync(folder).map((name) => [name, readStack(path.join(folder, name, "cdk.tf.json"))]);
    const { stacks: known } = read(path.join(outdir, "manifest.json"));
    return {
      stacks: Object.fromEntries(stacks),
      manifest: fs.existsSync(path.join(outdir, "homelab.json")) ? read(path.join(outdir, "homelab.json")) : undefined,
      dependencies: Object.fromEntries(
        Object.entries<any>(known).map(([name, { dependencies }]) => [name, dependencies]),
      ),
    };
  } finally {
    fs.rmSync(outdir, { recursive: true, force: true });
  }
}

/** A synthesized lab as the reports take it. */
export function written({ manifest, stacks }: Synthesis): WrittenLab {
  return {
    manifest,
    stacks: Object.entries(stacks).map(([name, document]) => ({ name, folder: name, document })),
  };
}

function read(file: string): any {
  return JSON.parse(fs.readFileSync(file, "utf8"));
}

function readStack(file: string): StackJson {
  return { resource: {}, ...withoutComments(read(file)) };
}

function withoutComments(value: any): any {
  if (Array.isArray(value)) return value.map(withoutComments);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (key === "//" ? [] : [[key, withoutComments(inner)]])),
  );
}

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT";

/** A host for tests. */
export function host(name: string, number: number, overrides: Partial<HostProps> = {}): HostProps {
  return {
    name,
    lanAddress: `192.168.1.${number}`,
    publicAddress: `203.0.113.${number}`,
    ssh: { user: "deploy", hostKey: HOST_KEY },
    storage: StorageLayout.dockerVolumes(),
    backedUpBy: "the tests",
    ...overrides,
  };
}

/** An inventory for tests: two hosts, a zone, a database server, both kinds of monitoring, nothing on disk. */
export function inventory(overrides: Partial<HomelabConfig> = {}): HomelabConfig {
  return {
    hosts: [host("app-01", 11), host("app-02", 12)],
    zones: { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.direct() } },
    postgres: { main: { host: "db.example.org", backedUpBy: "the tests" } },
    monitoring: {
      uptimeKuma: { url: "https://kuma.example.com", username: "terraform" },
      healthchecks: { apiUrl: "https://hc.example.com/api/v1", pingUrl: "https://hc.example.com/ping" },
    },
    ledger: Ledger.inMemory(),
    generations: Generations.inMemory(),
    ...overrides,
  };
}

/** Synthesizes a lab with the test inventory. */
export function synthesizeLab(
  declare: (lab: Homelab, app: App) => void,
  overrides: Partial<HomelabConfig> = {},
  options: HomelabOptions = {},
): Synthesis {
  return synthesize((app) => declare(new Homelab(app, inventory(overrides), options), app));
}

/** The error of a lab that must not synthesize; fails when it does. */
export function errorOf(declare: (lab: Homelab, app: App) => void, overrides: Partial<HomelabConfig> = {}): string {
  try {
    synthesizeLab(declare, overrides);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the lab was synthesized, and should not have been");
}

/** All addresses of a stack, sorted. */
export function addresses(stack: StackJson | undefined): string[] {
  return Object.entries(stack?.resource ?? {})
    .flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`))
    .sort();
}

/** The labels of a container as a map. */
export function labels(container: any): Record<string, string> {
  return Object.fromEntries(container.labels.map(({ label, value }: any) => [label, value]));
}

/** The script that a provisioner sends to a host, as it is synthesized: with expressions of Terraform, and `$${`. */
export function sentScript(provisioner: any): string {
  const { environment } = provisioner["local-exec"];
  return environment.HOMELAB_SCRIPT.split(" ")
    .map((name: string) => environment[name])
    .join("");
}

/** The first script of a resource. */
export function scriptOf(resource: any): string {
  return sentScript(resource.provisioner[0]);
}

/** The words that a placement finds: of each file its name, owner, mode, the number of its pieces, and these. */
export function placedWords(resource: any): string[] {
  const [, words = ""] = /\nset --(.*)\n/.exec(scriptOf(resource)) ?? [];
  return [...words.matchAll(/ (?:'(\$\{.*?\]\)\)\}|)'|(\S+))(?= |$)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? "",
  );
}

/** What a placement writes, by name, as it is synthesized: plain pieces as text, others as expressions. */
export function placement(resource: any): Record<string, { owner: string; mode: string; content: string }> {
  const words = placedWords(resource);
  const files: [string, { owner: string; mode: string; content: string }][] = [];
  while (words.length > 0) {
    const [name = "", owner = "", mode = "", count = ""] = words.splice(0, 4);
    const content = words.splice(0, Number(count)).map((piece) => (piece.startsWith("${") ? piece : fromBase64(piece)));
    files.push([name, { owner, mode, content: content.join("") }]);
  }
  return Object.fromEntries(files);
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}

/** The files that a stack places on its host and that hold no secret, with those that it copies into containers. */
export function placedFiles(stack: StackJson | undefined): Record<string, string> {
  const scripts = Object.values<any>(stack?.resource.null_resource ?? {}).flatMap((resource) =>
    Object.entries(placement(resource)).flatMap(([name, { content }]): [string, string][] =>
      content.includes("${base64encode(") ? [] : [[`${resource.triggers.path}/${name}`, content]],
    ),
  );
  const uploads = Object.values<any>(stack?.resource.docker_container ?? {}).flatMap(({ name, upload = [] }) =>
    upload.map(({ file, content }: any): [string, string] => [`${name}:${file}`, content]),
  );
  return Object.fromEntries([...scripts, ...uploads].sort(([a], [b]) => (a < b ? -1 : 1)));
}
