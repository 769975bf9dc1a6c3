import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { App } from "cdktf";
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
import { config } from "../homelab.config";
import { StateStore } from "../offline/state-store";
import { compareLabs } from "../plan/compare";
import type { SynthesizedLab } from "../plan/labs";
import { reportPlan } from "../plan/report";
import { readLab } from "../plan/synthesize";
import { Homelab } from "../stacks";

const run = promisify(execFile);

/** A lab of so many services with eight resources each, on three hosts. */
function services(count: number, tag: string): (app: App) => void {
  return (app) => {
    const hosts = ["app-01", "app-02", "app-03"].map((name, index) => ({
      name,
      lanAddress: `192.168.1.${index + 1}`,
      publicAddress: `203.0.113.${index + 1}`,
      ssh: config.hosts[0]?.ssh ?? { user: "deploy", hostKey: "" },
      backedUpBy: "a benchmark",
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

function synthesized(outdir: string, declare: (app: App) => void): SynthesizedLab {
  const app = new App({ outdir });
  declare(app);
  app.synth();
  return readLab(app.outdir);
}

/** The report of a change that restarts every service, beside Terraform alone on as many resources in one stack. */
export async function compareReport(
  count: number,
  { out, rounds, median }: { out: string; rounds: number; median: (values: readonly number[]) => number },
): Promise<void> {
  const base = synthesized(path.join(out, `base-${count}`), services(count, "1"));
  const head = synthesized(path.join(out, `head-${count}`), services(count, "2"));
  const resources = head.stacks.flatMap(({ document }) => Object.values(document.resource ?? {}).flatMap(Object.keys));
  const beside = dataResources(resources.length);
  const samples: { own: number; bare: number; inMemory: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ends: (() => Promise<void>)[] = [];
    const started = performance.now();
    const { planned, notes } = await compareLabs({ base, head }, { defer: (end) => ends.push(end) });
    const { services: told } = reportPlan({ base, head }, { ref: "base" }, planned, notes);
    const own = performance.now() - started;
    for (const end of ends.reverse()) await end();
    if (told.length !== count) throw new Error(`the report tells ${told.length} of ${count} services`);
    const states = await StateStore.start();
    const inMemory = { ...beside, terraform: { backend: states.backend("bare") } };
    samples.push({ own, bare: await bare(beside), inMemory: await bare(inMemory) });
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

function dataResources(count: number): object {
  const named = Array.from({ length: count }, (_, index) => [`r${index}`, { input: `value ${index}` }] as const);
  return { resource: { terraform_data: Object.fromEntries(named) } };
}

/** Terraform's own init, apply and plan of a stack that no provider is needed for. */
async function bare(document: object): Promise<number> {
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
