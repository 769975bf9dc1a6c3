/**
 * How long Terraform takes offline: containers with a volume each, beside as many of Terraform's own `terraform_data`
 * resources, which need no provider. What counts are the ratios, measured in one run on one machine.
 */
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { config } from "../homelab.config";
import { exampleLab } from "../main";
import { Generations, Ledger } from "../constructs";
import { readStacks, requiredProviders, type StackDocument } from "../offline/providers";
import { StateStore } from "../offline/state-store";
import { OfflineTerraform } from "../offline/terraform";
import { compareReport } from "./plan-report";

const ROUNDS = 3;
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
  await compareReport(100, { out, rounds: ROUNDS, median });
  for (const count of [100, 500]) await compare(`${count} containers`, [containers(count)]);
}

main()
  .finally(() => fs.rmSync(out, { recursive: true, force: true }))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
