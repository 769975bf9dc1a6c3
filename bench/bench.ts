/**
 * How long a synthesis takes, beside two programs that make the same documents, one from plain objects, one with cdktf
 * alone, and beside cdk8s-plus with as many objects. They run in turn; what counts are the ratios of their medians,
 * measured in one run on one machine. Then how long the commands take that people call, on the example lab. Arguments are
 * the numbers of services, all unless said: `npm run bench -- 10 100`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const ROOT = path.join(__dirname, "..");

interface Sample {
  readonly wall: number;
  readonly work: number;
  readonly memory: number;
}

const PROGRAMS = ["floor", "raw", "homelab", "cdk8s"] as const;
type Program = (typeof PROGRAMS)[number];

/** How often each program runs, by the number of services. */
const ROUNDS: Readonly<Record<number, number>> = { 10: 9, 100: 5, 500: 5, 1000: 3 };

/** What people call, in the folder of the repository. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "npm start": ["npm", "start", "--silent"],
  "homelab plan --base none": [process.execPath, path.join(ROOT, "dist/cli/homelab.js"), "plan", "--base", "none"],
};

/** The peer, in a folder of its own: nobody else needs it. */
const PEERS = ["cdk8s@2.70.106", "cdk8s-plus-32@2.5.92", "constructs@10.4.3"];

function installPeers(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-peers-"));
  fs.writeFileSync(path.join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", ...PEERS], { cwd: folder, stdio: "inherit" });
  return folder;
}

function run(program: Program, services: number, peers: string): Sample {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-bench-"));
  try {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join(__dirname, "programs", `${program}.js`), String(services), outdir],
      { encoding: "utf8", env: { ...process.env, BENCH_PEERS: peers } },
    );
    const wall = performance.now() - started;
    if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
    if (program !== "cdk8s") checkResources(program, services, outdir);
    return { ...(JSON.parse(stdout) as Omit<Sample, "wall">), wall };
  } finally {
    fs.rmSync(outdir, { recursive: true, force: true });
  }
}

/** Refuses a program that makes less than the others: what it takes would say nothing. */
function checkResources(program: Program, services: number, outdir: string): void {
  const stacks = path.join(outdir, "stacks");
  const documents = fs
    .readdirSync(stacks)
    .map((name) => fs.readFileSync(path.join(stacks, name, "cdk.tf.json"), "utf8"));
  const counts = documents.flatMap((text) => {
    const { resource } = JSON.parse(text) as { readonly resource: Readonly<Record<string, object>> };
    return Object.values(resource).map((named) => Object.keys(named).length);
  });
  const found = counts.reduce((sum, count) => sum + count, 0);
  if (found < 10 * services) throw new Error(`${program} made ${found} resources, less than ten for each service`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function compare(peers: string, sizes: readonly string[]): void {
  console.log("services  program   wall ms  ÷ floor  in-process ms  ÷ floor  peak MB");
  for (const [size, rounds] of Object.entries(ROUNDS).filter(([size]) => sizes.length === 0 || sizes.includes(size))) {
    const samples: Record<Program, Sample[]> = { floor: [], raw: [], homelab: [], cdk8s: [] };
    for (const program of PROGRAMS) run(program, Number(size), peers); // once to warm the disk's cache
    for (let round = 0; round < rounds; round += 1) {
      for (const program of PROGRAMS) samples[program].push(run(program, Number(size), peers));
    }
    const of = (program: Program, key: keyof Sample): number => median(samples[program].map((sample) => sample[key]));
    for (const program of PROGRAMS) {
      const cells = [
        size.padStart(8),
        program.padEnd(8),
        of(program, "wall").toFixed(0).padStart(8),
        (of(program, "wall") / of("floor", "wall")).toFixed(2).padStart(8),
        of(program, "work").toFixed(0).padStart(14),
        (of(program, "work") / of("floor", "work")).toFixed(2).padStart(8),
        of(program, "memory").toFixed(0).padStart(8),
      ];
      console.log(cells.join("  "));
    }
  }
}

/** The commands on the example lab, three times each in turn. They change nothing that git has. */
function timeCommands(): void {
  const took = new Map(Object.keys(COMMANDS).map((name) => [name, [] as number[]]));
  for (let round = 0; round < 3; round += 1) {
    for (const [name, [program = "", ...words]] of Object.entries(COMMANDS)) {
      const started = performance.now();
      const { status, stderr } = spawnSync(program, words, {
        cwd: ROOT,
        encoding: "utf8",
        maxBuffer: 2 ** 26,
        env: { ...process.env, HOMELAB_DRY_RUN: "true" },
      });
      if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
      took.get(name)?.push(performance.now() - started);
    }
  }
  console.log("\ncommand on the example lab   wall ms");
  for (const [name, times] of took) console.log(`${name.padEnd(27)}  ${median(times).toFixed(0).padStart(7)}`);
}

const peers = installPeers();
try {
  compare(peers, process.argv.slice(2));
  timeCommands();
} finally {
  fs.rmSync(peers, { recursive: true, force: true });
}
