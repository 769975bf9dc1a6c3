/**
 * What a history costs: a lab whose ledger remembers 50 renames against the same lab with a ledger that remembers none.
 * Both take turns; what counts is the ratio of their medians, measured in one run on one machine.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { Backup, Generations, HomelabService, Ledger, PostgresDatabase, Probe, Volume } from "../constructs";
import { Homelab } from "../stacks";

const SERVICES = 40;
const RENAMES = 50;
const ROUNDS = 15;
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT";
const out = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-bench-"));

/** How often the names of a lab were changed; one service at a time. */
function nameOf(service: number, renames: number): string {
  const times = Math.ceil((renames - service) / SERVICES);
  return times > 0 ? `service-${service}-${times}` : `service-${service}`;
}

/** Synthesizes the lab after some renames; each service says what it was called before. Returns the milliseconds. */
function synthesize(renames: number, ledger: Ledger, generations: Generations): number {
  const started = performance.now();
  const app = new App({ outdir: out });
  const ssh = { user: "deploy", hostKey: HOST_KEY };
  const lab = new Homelab(app, {
    hosts: [{ name: "box", lanAddress: "192.168.1.1", ssh }],
    postgres: { main: { host: "192.168.1.2" } },
    ledger,
    generations,
  });
  for (let service = 0; service < SERVICES; service += 1) {
    const [name, before] = [nameOf(service, renames), nameOf(service, renames - 1)];
    new HomelabService(lab.host("box"), name, {
      image: "example/app:1",
      user: "1000:1000",
      health: Probe.none("a benchmark"),
      ...(before !== name && { formerly: before }),
      parts: {
        data: Volume.at("/data"),
        db: PostgresDatabase.on(lab.postgres("main")),
        none: Backup.none("a benchmark"),
      },
      environment: ({ db }) => ({ FILE: db.passwordFile() }),
    });
  }
  app.synth();
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const [long, none] = [RENAMES, 0].map((first) => {
  const [ledger, generations] = [Ledger.inMemory(), Generations.inMemory()];
  for (let renames = RENAMES - first; renames <= RENAMES; renames += 1) synthesize(renames, ledger, generations);
  return { ledger, generations, times: [] as number[] };
});
if (!long || !none) throw new Error("nothing was measured");
for (let round = 0; round < ROUNDS; round += 1)
  for (const { ledger, generations, times } of [long, none]) times.push(synthesize(RENAMES, ledger, generations));
fs.rmSync(out, { recursive: true });

const remembered = [...long.ledger.entries.values()].flatMap(({ formerKeys = [] }) => formerKeys).length;
const [with50, without] = [median(long.times), median(none.times)];
console.log(`${SERVICES} services, ${RENAMES} renames of services, ${remembered} former keys in the ledger`);
console.log(`without a history  ${without.toFixed(0)} ms`);
console.log(`with it            ${with50.toFixed(0)} ms, ${((with50 / without - 1) * 100).toFixed(1)} %`);
