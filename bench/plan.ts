/**
 * How long Terraform takes offline: containers with a volume each, beside as many of Terraform's own `terraform_data`
 * resources, which need no provider. What counts are the ratios, measured in one run on one machine.
 */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { App } from "cdktf";
import { config } from "../homelab.config";
import { exampleLab } from "../main";
import {
  Backup,
  Companion,
  Generations,
  HomelabService,
  Ingress,
  Ledger,
  Probe,
  Route,
  SecretFile,
  Volume,
} from "../constructs";
import { readStacks, requiredProviders, type StackDocument } from "../offline/providers";
import { StateStore } from "../offline/state-store";
import { compareLabs } from "../plan/compare";
import type { SynthesizedLab } from "../plan/labs";
import { reportPlan } from "../plan/report";
import { readLab } from "../plan/synthesize";
import { Homelab } from "../stacks";
import { OfflineTerraform } from "../offline/terraform";

const ROUNDS = 3;
const run = promisify(execFile);
const out = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-bench-"));

/** A stack of so many containers with a volume each. */
function containers(count: number): StackDocument {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const named = (make: (index: number) => object): Record<string, object> =>
    Object.fromEntries(numbers.map((index) => [`r${index}`, make(index)]));
  return {
    name: `containers-${count}`,
    folder: out,
    document: {
      terraform: { required_providers: { docker: { source: "kreuzwerker/docker", version: "4.5.0" } } },
      provider: { docker: [{}] },
      resource: {
        docker_volume: named((index) => ({ name: `volume-${index}` })),
        docker_container: named((index) => ({
          name: `container-${index}`,
          image: "example/app:1",
          env: ["TZ=Etc/UTC"],
          labels: [{ label: "index", value: String(index) }],
          mounts: [{ type: "volume", target: "/data", source: `\${docker_volume.r${index}.name}` }],
        })),
      },
    } as StackDocument["document"],
  };
}

/** As many resources as a stack has, that need no provider, in a state that is kept in the same way. */
function floor({ name, document }: StackDocument): StackDocument {
  const count = Object.values(document.resource ?? {}).reduce((sum, named) => sum + Object.keys(named).length, 0);
  const resources = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`r${index}`, { input: `value ${index}` }]),
  );
  return {
    name: `floor-${name}`,
    folder: out,
    document: { terraform: {}, resource: { terraform_data: resources } } as StackDocument["document"],
  };
}

async function timed(work: () => Promise<{ status: number; stderr: string }>): Promise<number> {
  const started = performance.now();
  const { status, stderr } = await work();
  if (status !== 0) throw new Error(stderr);
  return performance.now() - started;
}

async function measure(terraform: OfflineTerraform, stacks: readonly StackDocument[]): Promise<Record<string, number>> {
  const times: Record<string, number> = { prepare: 0, validate: 0, plan: 0, apply: 0, again: 0 };
  for (const stack of stacks) {
    const started = performance.now();
    const folder = await terraform.prepare(stack);
    times.prepare = (times.prepare ?? 0) + performance.now() - started;
    const run = (...words: string[]) => timed(() => terraform.run(folder, words, stack.document.variable));
    times.validate = (times.validate ?? 0) + (await run("validate"));
    times.plan = (times.plan ?? 0) + (await run("plan", "-input=false", "-out=plan"));
    times.apply = (times.apply ?? 0) + (await run("apply", "-input=false", "plan"));
    times.again = (times.again ?? 0) + (await run("plan", "-input=false", "-detailed-exitcode"));
  }
  return times;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function compare(name: string, stacks: readonly StackDocument[]): Promise<void> {
  const beside = stacks.map(floor);
  const samples: { own: Record<string, number>; floor: Record<string, number>; share: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const states = await StateStore.start();
    const terraform = await OfflineTerraform.start(requiredProviders(stacks), { states });
    try {
      const [server, children] = [process.cpuUsage(), childrenCpu()];
      const own = await measure(terraform, stacks);
      const used = process.cpuUsage(server);
      const share = (used.user + used.system) / 1e6 / (childrenCpu() - children);
      samples.push({ own, share, floor: await measure(terraform, beside) });
    } finally {
      await terraform.close();
      await states.close();
    }
  }
  const of = (kind: "own" | "floor", step: string): number =>
    median(samples.map((sample) => sample[kind][step] ?? Number.NaN));
  for (const step of ["validate", "plan", "apply", "again"]) {
    const [own, bare] = [of("own", step), of("floor", step)];
    console.log(
      [
        name.padEnd(16),
        step.padEnd(9),
        own.toFixed(0).padStart(7),
        bare.toFixed(0).padStart(8),
        (own / bare).toFixed(2).padStart(7),
      ].join(" "),
    );
  }
  console.log(
    `${name.padEnd(16)} the providers' processor time is ${(100 * median(samples.map(({ share }) => share))).toFixed(0)} % of Terraform's`,
  );
}

/** Processor seconds of all children that have ended (proc(5), fields 16 and 17 in ticks of a hundredth of a second). */
function childrenCpu(): number {
  const fields = fs
    .readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** A lab of so many services with eight resources each, on three hosts. */
function services(count: number, tag: string): (app: App) => void {
  return (app) => {
    const hosts = ["app-01", "app-02", "app-03"].map((name, index) => ({
      name,
      lanAddress: `192.168.1.${index + 1}`,
      publicAddress: `203.0.113.${index + 1}`,
      ssh: config.hosts[0]?.ssh ?? { user: "deploy", hostKey: "" },
    }));
    const lab = new Homelab(app, {
      hosts,
      zones: { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.direct() } },
      ledger: Ledger.inMemory(),
      generations: Generations.inMemory(),
    });
    for (let index = 0; index < count; index += 1) {
      new HomelabService(lab.host(hosts[index % hosts.length]?.name ?? ""), `service-${index}`, {
        image: `example/app:${tag}`,
        port: 80,
        user: "1000:1000",
        health: Probe.http("/"),
        parts: {
          web: Route.in(lab.zone("example.com")),
          data: Volume.at("/data"),
          key: SecretFile.generated({ length: 32 }),
          queue: Companion.redis({ image: "docker.io/library/redis:7.4.1" }),
          nightly: Backup.nightly(),
        },
      });
    }
  };
}

function synthesized(name: string, declare: (app: App) => void): SynthesizedLab {
  const app = new App({ outdir: path.join(out, name) });
  declare(app);
  app.synth();
  return readLab(app.outdir);
}

/** The report of a change that restarts every service, beside Terraform alone on as many resources in one stack. */
async function report(count: number): Promise<void> {
  const base = synthesized(`base-${count}`, services(count, "1"));
  const head = synthesized(`head-${count}`, services(count, "2"));
  const resources = head.stacks.flatMap(({ document }) => Object.values(document.resource ?? {}).flatMap(Object.keys));
  const beside = floor({ name: `report-${count}`, folder: out, document: oneStack(resources.length) });
  const samples: { own: number; bare: number; inMemory: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const ends: (() => Promise<void>)[] = [];
    const started = performance.now();
    const { planned, notes } = await compareLabs({ base, head }, { defer: (end) => ends.push(end) });
    const { services: told } = reportPlan({ base, head }, { ref: "base" }, planned, notes);
    const own = performance.now() - started;
    for (const end of ends.reverse()) await end();
    if (told.length !== count) throw new Error(`the report tells ${told.length} of ${count} services`);
    const states = await StateStore.start();
    const inMemory = { ...beside.document, terraform: { backend: states.backend("bare") } };
    samples.push({ own, bare: await bare(beside.document), inMemory: await bare(inMemory) });
    await states.close();
  }
  const of = (one: keyof (typeof samples)[number]): number => median(samples.map((sample) => sample[one]));
  for (const [floorName, word] of [
    ["bare", "its state in a file"],
    ["inMemory", "its state in memory"],
  ] as const) {
    console.log(
      [
        `${count} services`.padEnd(16),
        "report   ",
        of("own").toFixed(0).padStart(7),
        of(floorName).toFixed(0).padStart(8),
        (of("own") / of(floorName)).toFixed(2).padStart(7),
        `  ${resources.length} resources in ${head.stacks.length} stacks, beside as many in one, ${word}`,
      ].join(" "),
    );
  }
}

function oneStack(count: number): StackDocument["document"] {
  const named = Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${index}`, {}]));
  return { resource: { terraform_data: named } };
}

/** Terraform's own init, apply and plan of a stack that no provider is needed for. */
async function bare(document: StackDocument["document"]): Promise<number> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-bench-bare-"));
  const env = { ...process.env, CHECKPOINT_DISABLE: "1" };
  // The store of states is served by this process.
  const terraform = (...words: string[]): Promise<unknown> => run("terraform", words, { cwd: folder, env });
  try {
    const started = performance.now();
    fs.writeFileSync(path.join(folder, "main.tf.json"), JSON.stringify(document));
    await terraform("init", "-input=false");
    await terraform("apply", "-auto-approve", "-input=false");
    await terraform("plan", "-input=false");
    return performance.now() - started;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const app = new App({ outdir: out });
  exampleLab(app, { ...config, ledger: Ledger.inMemory(), generations: Generations.inMemory() });
  app.synth();
  const compiled = path.join(__dirname, "../dist/offline/server.js");
  if (!fs.existsSync(compiled)) execFileSync("npm", ["run", "--silent", "build"], { cwd: path.join(__dirname, "..") });
  const starts = Array.from({ length: 9 }, () => {
    const { stdout } = spawnSync(process.execPath, [path.join(__dirname, "programs/start-server.js")], {
      encoding: "utf8",
    });
    return JSON.parse(stdout) as { ready: number; memory: number };
  });
  console.log(
    `server ready after ${median(starts.map(({ ready }) => ready)).toFixed(0)} ms, with ${median(starts.map(({ memory }) => memory)).toFixed(0)} MB`,
  );
  console.log("what             step           ms  floor ms ÷ floor");
  const lab = readStacks(out);
  await compare("the example lab", lab);
  await report(100);
  for (const count of [100, 500]) await compare(`${count} containers`, [containers(count)]);
}

main()
  .finally(() => fs.rmSync(out, { recursive: true, force: true }))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
