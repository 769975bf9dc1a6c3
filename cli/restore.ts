import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import type { BackupSnapshot, DrillRecord, RestoreRecord } from "../contract/backups";
import type { Manifest } from "../contract/manifest";
import { plain, plainly, plainLines } from "../contract/plain";
import { alternatives } from "../contract/text";
import { coverageOf, type Coverage } from "../plan/coverage";
import { UserError } from "../process/user-error";
import { askEach, hostsWith, progress, refuseUncovered } from "./backup-hosts";
import { age, bytes } from "./backup-words";
import { colors } from "./colors";
import { currentLab } from "./lab";
import { table } from "./table";

interface RestoreOptions {
  readonly snapshot?: string;
  readonly at?: string;
  readonly repository?: string;
  readonly part?: readonly string[];
  readonly into?: string;
  readonly path?: string;
  readonly undo?: string;
  readonly discard?: string;
}

/** `homelab restore` and `homelab drill`: the way back, and its rehearsal. */
export function addRestore(program: Command): void {
  program
    .command("restore")
    .description("put the data of a service back from a copy; what is there now is set aside, and the way back is told")
    .argument("<service>", "a service")
    .option("--snapshot <id>", "this copy; the newest where neither this nor --at is given")
    .option("--at <time>", 'the newest copy that was made by then, for example "2026-11-20 03:00"')
    .option("--repository <name>", "from this repository")
    .option("--part <key...>", "these parts only, for example db or media")
    .option("--into <folder>", "write one part into a folder of its host, and leave the service alone")
    .option("--path <path>", "with --into: this file or folder of the part only")
    .option("--undo <stamp>", "put back what a restore set aside")
    .option("--discard <stamp>", "remove what a restore set aside")
    .action(async (service: string, options: RestoreOptions) => {
      const manifest = await currentLab(program);
      refuseUncovered(manifest, service);
      refuseContradictions(options);
      if (options.undo !== undefined) await afterwards(manifest, service, "undo", options.undo);
      else if (options.discard !== undefined) await afterwards(manifest, service, "discard", options.discard);
      else await restore(manifest, service, options);
    });
  program
    .command("drill")
    .description("rehearse a restore: the newest copy into scratch space, compared with what was recorded, and removed")
    .argument("<service>", "a service")
    .action(async (service: string) => {
      const manifest = await currentLab(program);
      refuseUncovered(manifest, service);
      const answers = await askEach(manifest, hostsWith(manifest, service), ["drill", service], progress);
      const records = answers
        .flatMap(({ messages }) => messages)
        .filter((one): one is DrillRecord => one.kind === "drill");
      for (const record of plainly(records)) {
        const state = record.result === "ok" ? colors.green("ok") : colors.red("failed");
        const what = `${record.files} files, ${bytes(record.bytes)} of ${record.snapshotTime}`;
        console.log(`${state}  ${service} on ${record.host} in ${record.seconds} s: ${record.message} (${what})`);
      }
      if (answers.some(({ isOk }) => !isOk)) throw new UserError(`the drill of ${service} failed`);
    });
}

function refuseContradictions({ snapshot, at, undo, discard, into, path, part = [] }: RestoreOptions): void {
  if (snapshot !== undefined && at !== undefined)
    throw new UserError("--snapshot and --at both say which copy: give one of them");
  if (undo !== undefined && discard !== undefined)
    throw new UserError("--undo puts back what --discard removes: give one of them");
  if (path !== undefined && into === undefined)
    throw new UserError("--path goes with --into, which says where it goes");
  if (into !== undefined && part.length !== 1)
    throw new UserError("--into takes one part, name it with --part, for example --part media");
  if (into !== undefined && !into.startsWith("/"))
    throw new UserError(`--into must be an absolute path on the host, got ${JSON.stringify(into)}`);
}

/** What is restored on one host. */
interface HostRestore {
  readonly host: string;
  readonly parts: readonly Coverage[];
  readonly snapshot: BackupSnapshot;
}

async function restore(manifest: Manifest, service: string, options: RestoreOptions): Promise<void> {
  const restores = await choose(manifest, service, options);
  if (options.into !== undefined) {
    await extract(manifest, service, restores, options.into, options.path);
    return;
  }
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  await show(manifest, service, restores);
  await askForName(service);
  const done: string[] = [];
  for (const { host, parts, snapshot } of restores) {
    const words = ["restore", service, "--repository", snapshot.repository, "--snapshot", snapshot.id];
    const named = parts.flatMap(({ part }) => ["--part", part]);
    const [answer] = await askEach(manifest, [host], [...words, ...named, "--stamp", stamp], progress);
    for (const message of answer?.messages ?? []) if (message.kind === "restore") tell(message);
    if (answer?.isOk !== true) {
      const back =
        done.length > 0 ? `; on ${done.join(", ")} it is done: homelab restore ${service} --undo ${stamp}` : "";
      throw new UserError(`not restored on ${host}, see above for what is there now${back}`);
    }
    done.push(host);
  }
  console.log(`Back to what was:        homelab restore ${service} --undo ${stamp}`);
  console.log(`When all is as it should: homelab restore ${service} --discard ${stamp}`);
}

/** The copy on each host that has parts of the service. */
async function choose(manifest: Manifest, service: string, options: RestoreOptions): Promise<HostRestore[]> {
  const covered = coverageOf(manifest).filter((one) => one.service === service && one.state === "covered");
  const { part: wanted = covered.map(({ part }) => part) } = options;
  const unknown = wanted.find((name) => !covered.some(({ part }) => part === name));
  if (unknown !== undefined)
    throw new UserError(
      `${service} has no part ${JSON.stringify(unknown)} that is backed up: ${alternatives(covered.map(({ part }) => part))}`,
    );
  const parts = covered.filter(({ part }) => wanted.includes(part));
  const hosts = hostsWith(manifest, service).filter((host) => parts.some((one) => one.host === host));
  const answers = await askEach(manifest, hosts, ["list", service]);
  return hosts.map((host, index) => {
    const messages = answers[index]?.messages ?? [];
    const all = messages.filter((one): one is BackupSnapshot => one.kind === "snapshot");
    return { host, parts: parts.filter((one) => one.host === host), snapshot: pick(all, service, host, options) };
  });
}

/** The copy that is meant. */
export function pick(
  all: readonly BackupSnapshot[],
  service: string,
  host: string,
  { snapshot, at, repository }: RestoreOptions,
): BackupSnapshot {
  const until = at === undefined ? Infinity : Date.parse(at);
  if (Number.isNaN(until))
    throw new UserError(`--at must be a time, for example "2026-11-20 03:00", got ${JSON.stringify(at)}`);
  const [found, second] = all
    .filter((one) => repository === undefined || one.repository === repository)
    .filter((one) => (snapshot === undefined ? Date.parse(one.time) <= until : one.id.startsWith(snapshot)))
    .sort((a, b) => (a.time > b.time ? -1 : 1));
  if (!found) {
    const times = all.map(({ time }) => time).sort();
    const there = times.length === 0 ? "it has none" : `it has ${times.length}, from ${times[0]} to ${times.at(-1)}`;
    throw new UserError(`no such copy of ${service} on ${host}: ${there}; see "homelab backup list ${service}"`);
  }
  if (snapshot !== undefined && second && second.id !== found.id)
    throw new UserError(`${JSON.stringify(snapshot)} begins the names of several copies: write more of it`);
  return found;
}

async function show(manifest: Manifest, service: string, restores: readonly HostRestore[]): Promise<void> {
  const hosts = restores.map(({ host }) => host);
  const answers = await askEach(manifest, hosts, ["status"]);
  const before = answers
    .flatMap(({ messages }) => messages)
    .filter((one): one is RestoreRecord => one.kind === "restore" && one.service === service);
  const rows = plainly(restores).flatMap(({ host, parts, snapshot }) =>
    parts.map(({ part, kind, name }) => [
      host,
      part,
      `${kind} ${name}`,
      `${snapshot.time} (${age(snapshot.time)})`,
      snapshot.repository,
      bytes(snapshot.bytes),
    ]),
  );
  const heading = ["HOST", "PART", "REPLACES", "BY THE COPY OF", "FROM", "COPY"];
  console.log(table([heading.map((one) => colors.bold(one)), ...rows]));
  const dependents = manifest.services.filter(({ needs }) => needs.some((need) => need.service === service));
  const missed = dependents.map(({ name }) => name).join(", ");
  console.log(
    plain(`${service} is stopped meanwhile${missed === "" ? "" : `; what needs it and will miss it: ${missed}`}.`),
  );
  console.log("What is there now is set aside, not removed.");
  for (const { host, seconds } of before) console.log(plain(`The last restore on ${host} took ${seconds} s.`));
}

/** Nobody restores by a slip: the name has to be typed. */
async function askForName(service: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new UserError("a restore replaces data and asks for the service's name: run it on a terminal");
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = (await asking.question(plain(`Type ${service} to restore it: `))).trim();
    if (typed !== service) throw new UserError(`${JSON.stringify(typed)} is not ${service}: nothing was changed`);
  } finally {
    asking.close();
  }
}

async function extract(
  manifest: Manifest,
  service: string,
  restores: readonly HostRestore[],
  into: string,
  path: string | undefined,
): Promise<void> {
  for (const { host, parts, snapshot } of restores) {
    const from = ["extract", service, "--repository", snapshot.repository, "--snapshot", snapshot.id];
    const what = [...parts.flatMap(({ part }) => ["--part", part]), ...(path === undefined ? [] : ["--path", path])];
    const [answer] = await askEach(manifest, [host], [...from, ...what, "--into", into], progress);
    if (answer?.isOk !== true) throw new UserError(`not written on ${host}: see above`);
    console.log(plain(`${parts.map(({ part }) => part).join(", ")} of ${snapshot.time} is in ${into} on ${host}`));
  }
}

async function afterwards(manifest: Manifest, service: string, verb: "undo" | "discard", stamp: string): Promise<void> {
  if (!/^[0-9]{8}T[0-9]{6}Z$/.test(stamp))
    throw new UserError(
      `--${verb} takes what the restore printed, for example 20261125T030000Z, got ${JSON.stringify(stamp)}`,
    );
  const answers = await askEach(manifest, hostsWith(manifest, service), [verb, service, "--stamp", stamp], progress);
  for (const message of answers.flatMap(({ messages }) => messages)) if (message.kind === "restore") tell(message);
  if (answers.some(({ isOk }) => !isOk)) throw new UserError(`not done on every host: see above`);
}

function tell({ host, message, seconds, aside }: RestoreRecord): void {
  console.log(plainLines(`${host}: ${message}, in ${seconds} s`));
  for (const one of aside) console.log(plainLines(`    set aside: ${one}`));
}
