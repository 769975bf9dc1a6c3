import type { Command } from "commander";
import type { BackupAgentFacts, BackupMessage, BackupRecord, BackupSnapshot, DrillRecord } from "../contract/backups";
import type { Manifest } from "../contract/manifest";
import { plainJson, plainly, plainLines } from "../contract/plain";
import { storeOf } from "../deploy/secret-stores";
import { agentsOf, coverageOf, RECOVERY_POINT_HOURS, type Coverage } from "../plan/coverage";
import { UserError } from "../process/user-error";
import { askEach, hostsWith } from "./backup-hosts";
import { age, bytes, keptFor } from "./backup-words";
import { colors } from "./colors";
import { currentLab } from "./lab";
import { table } from "./table";

/** `homelab backup`: what is copied, whether it was, and the runs of the hosts' agents by hand. */
export function addBackup(program: Command): void {
  const backup = program.command("backup").description("back up what services keep, and see that it is");
  addCoverage(program, backup);
  addRun(program, backup);
  addList(program, backup);
  addRest(program, backup);
}

function addCoverage(program: Command, backup: Command): void {
  backup
    .command("coverage")
    .description("list what services keep: where, how often it is copied and where to, how long copies are kept")
    .argument("[service]", "one service")
    .option("--ask", "ask the hosts when it last went well, and how large it is")
    .option("--check", "exit with 1 when something is not covered, or with --ask when a copy is late or failed")
    .option("--json", "print as JSON")
    .action(async (service: string | undefined, options: { ask?: boolean; check?: boolean; json?: boolean }) => {
      const manifest = await currentLab(program);
      if (service !== undefined) refuseUnknown(manifest, service);
      const all = coverageOf(manifest).filter((one) => service === undefined || one.service === service);
      const messages = options.ask ? await statusOf(manifest, all) : [];
      const rows = all.map((one) => ({ ...one, ...(options.ask && lastOf(one, messages)) }));
      console.log(options.json ? plainJson(rows) : listed(plainly(rows), options.ask === true));
      if (!options.check) return;
      const wrong = rows.filter((row) => row.state === "uncovered" || (options.ask && isLate(row)));
      if (wrong.length > 0)
        throw new UserError(
          `${wrong.length} of ${rows.length} are not backed up as declared: ${wrong.map(({ service, part }) => `${service}/${part}`).join(", ")}`,
        );
    });
}

/** What an agent knows of something that is copied. */
interface Last {
  readonly lastSuccess?: string | null;
  readonly result?: string;
  readonly size?: number;
  readonly lastDrill?: string;
}

function lastOf({ service, host, state }: Coverage, messages: readonly BackupMessage[]): Last {
  if (state !== "covered") return {};
  const own = messages.filter((one) => one.service === service && one.host === host);
  const run = own.find((one): one is BackupRecord => one.kind === "backup");
  const drill = own.find((one): one is DrillRecord => one.kind === "drill" && one.result === "ok");
  return {
    lastSuccess: run?.lastSuccess ?? null,
    result: run?.message ?? "no run yet",
    size: Math.max(0, ...(run?.repositories.map((one) => one.bytes) ?? [])),
    ...(drill && { lastDrill: drill.ended }),
  };
}

/** A copy is late when the next one is overdue by half a day: a host that was off makes up for it when it starts. */
function isLate({ state, lastSuccess }: Coverage & Last): boolean {
  if (state !== "covered") return false;
  const hours = lastSuccess ? (Date.now() - Date.parse(lastSuccess)) / 3_600_000 : Infinity;
  return hours > RECOVERY_POINT_HOURS * 1.5;
}

async function statusOf(manifest: Manifest, all: readonly Coverage[]): Promise<readonly BackupMessage[]> {
  const covered = all.flatMap(({ state, host }) => (state === "covered" && host !== undefined ? [host] : []));
  const answers = await askEach(manifest, [...new Set(covered)], ["status"]);
  return answers.flatMap(({ messages }) => messages);
}

function listed(rows: readonly (Coverage & Last)[], isAsked: boolean): string {
  if (rows.length === 0) return "no service keeps data";
  const heading = [
    "SERVICE",
    "PART",
    "WHAT",
    "ON",
    "WHEN",
    "KEPT",
    "TO",
    ...(isAsked ? ["LAST", "SIZE", "DRILL"] : []),
  ];
  const lines = rows.map((row) => {
    const { service, part, kind, name, host = "", state, reason = "", at, keep, repositories, offsite } = row;
    const first = [service, part, `${kind} ${name}`, host];
    if (state === "excused") return [...first, "-", "-", colors.dim(`not backed up: ${reason}`)];
    if (state === "uncovered") return [...first, "-", "-", colors.red(`NOT BACKED UP: ${reason}`)];
    const to = `${repositories.join(", ")}${offsite ? "" : colors.yellow(" (this host only)")}`;
    const asked = [
      row.lastSuccess ? age(row.lastSuccess) : colors.red(row.result ?? ""),
      bytes(row.size ?? 0),
      row.lastDrill === undefined ? colors.yellow("never") : age(row.lastDrill),
    ];
    return [...first, `daily ${at ?? ""}`, keep ? keptFor(keep) : "", to, ...(isAsked ? asked : [])];
  });
  const counts = (state: Coverage["state"]): number => rows.filter((row) => row.state === state).length;
  const sum = `${counts("covered")} covered, ${counts("excused")} left out for a reason, ${counts("uncovered")} not covered; at most ${RECOVERY_POINT_HOURS} hours are lost`;
  return `${table([heading.map((name) => colors.bold(name)), ...lines])}\n\n${sum}`;
}

function addRun(program: Command, backup: Command): void {
  backup
    .command("run")
    .description("do now what the schedule does: back up a service, or all of them, and say how it went")
    .argument("[service...]", "services", [])
    .action(async (services: string[]) => {
      const manifest = await currentLab(program);
      for (const service of services) refuseUncovered(manifest, service);
      const agents = (manifest.backupAgents ?? []).map(({ host, services: all }) => ({
        host,
        services: all.filter((one) => services.length === 0 || services.includes(one)),
      }));
      if (agents.length === 0) throw new UserError("the lab has no backup agent: declare backupAgent() for its hosts");
      const failed: string[] = [];
      for (const { host, services: own } of agents) {
        for (const service of own) {
          const answer = await askEach(manifest, [host], ["run", service], progress).catch((error: unknown) => {
            console.log(plainLines(`${colors.red("failed")}  ${service} on ${host}: ${(error as Error).message}`));
            return undefined;
          });
          const isOk = answer?.every((one) => one.isOk) === true;
          for (const message of answer?.flatMap(({ messages }) => messages) ?? []) tellRun(message);
          if (!isOk) failed.push(`${service} on ${host}`);
        }
      }
      if (failed.length > 0) throw new UserError(`not backed up: ${failed.join(", ")}`);
    });
}

function tellRun(message: BackupMessage): void {
  if (message.kind !== "backup") return;
  const { service, host, seconds, result, message: sentence, repositories } = plainly(message);
  const state = result === "ok" ? colors.green("ok") : colors.red("failed");
  const sizes = repositories.map(({ name, files, bytes: size, added, result: one, message: why }) =>
    one === "ok" ? `${name}: ${files} files, ${bytes(size)}, ${bytes(added)} new` : `${name}: ${colors.red(why)}`,
  );
  console.log(`${state}  ${service} on ${host} in ${seconds} s: ${sentence}`);
  for (const line of sizes) console.log(`    ${line}`);
}

function addList(program: Command, backup: Command): void {
  backup
    .command("list")
    .description("list the copies of a service")
    .argument("<service>", "a service")
    .option("--json", "print as JSON")
    .action(async (service: string, options: { json?: boolean }) => {
      const manifest = await currentLab(program);
      refuseUncovered(manifest, service);
      const snapshots = await snapshotsOf(manifest, service);
      if (options.json) {
        console.log(plainJson(snapshots));
        return;
      }
      const rows = plainly(snapshots).map(({ id, time, repository, host, files, bytes: size }) => [
        id.slice(0, 12),
        time,
        age(time),
        repository,
        host,
        String(files),
        bytes(size),
      ]);
      const heading = ["SNAPSHOT", "TIME", "AGE", "REPOSITORY", "HOST", "FILES", "SIZE"];
      console.log(
        rows.length === 0 ? "there is no copy yet" : table([heading.map((one) => colors.bold(one)), ...rows]),
      );
    });
}

/** The copies of a service on all of its hosts, the newest first. */
async function snapshotsOf(manifest: Manifest, service: string): Promise<readonly BackupSnapshot[]> {
  const answers = await askEach(manifest, hostsWith(manifest, service), ["list", service]);
  const failed = answers.find(({ isOk }) => !isOk);
  if (failed) throw new UserError(`not all copies of ${JSON.stringify(service)} could be listed: see above`);
  return answers
    .flatMap(({ messages }) => messages)
    .filter((one): one is BackupSnapshot => one.kind === "snapshot")
    .sort((a, b) => (a.time > b.time ? -1 : 1));
}

function addRest(program: Command, backup: Command): void {
  const onEach = async (service: string, words: readonly string[], done: string): Promise<void> => {
    const manifest = await currentLab(program);
    refuseUncovered(manifest, service);
    const answers = await askEach(manifest, hostsWith(manifest, service), words, progress);
    if (answers.some(({ isOk }) => !isOk)) throw new UserError(`${service}: not done on every host, see above`);
    console.log(done);
  };
  backup
    .command("check")
    .description("check the repositories of a service; --data reads all of what they hold")
    .argument("<service>", "a service")
    .option("--data", "read all data, which takes as long as a restore")
    .action((service: string, { data }: { data?: boolean }) =>
      onEach(service, ["check", service, ...(data ? ["--data"] : [])], `${service}: the repositories are sound`),
    );
  backup
    .command("unlock")
    .description("remove the lock that a killed run left; refused while a run is alive")
    .argument("<service>", "a service")
    .action((service: string) => onEach(service, ["unlock", service], `${service}: unlocked`));
  backup
    .command("drills")
    .description("list when each service was last restored in rehearsal, and how that went")
    .option("--json", "print as JSON")
    .action(async (options: { json?: boolean }) => {
      const manifest = await currentLab(program);
      const agents = manifest.backupAgents ?? [];
      const answers = await askEach(
        manifest,
        agents.map(({ host }) => host),
        ["status"],
      );
      const records = answers
        .flatMap(({ messages }) => messages)
        .filter((one): one is DrillRecord => one.kind === "drill");
      console.log(options.json ? plainJson(records) : drilled(agents, plainly(records)));
    });
  backup
    .command("export-keys")
    .description("print the keys of the repositories, to be kept where no host and no disk of the lab is")
    .action(async () => {
      const manifest = await currentLab(program);
      const names = manifest.secrets.map(({ name }) => name).filter((name) => name.startsWith("homelab.backup."));
      const stored = await storeOf(manifest).read();
      const missing = names.filter((name) => !stored.has(name));
      if (missing.length > 0)
        throw new UserError(`no value yet: ${missing.join(", ")}: make them with "homelab secrets generate"`);
      if (names.length === 0) throw new UserError("the lab has no backup agent, so there are no keys");
      process.stderr.write(
        "Whoever has these reads every copy; without them no copy can be read. Print them, and keep them elsewhere.\n",
      );
      for (const { host, repositories } of manifest.backupAgents ?? [])
        for (const { name, location } of repositories) console.log(`# ${host}: ${name}, ${location}`);
      for (const name of names) console.log(`${name}\t${stored.get(name)?.value ?? ""}`);
    });
}

/** Each service that an agent copies, also one that was never restored. */
function drilled(agents: readonly BackupAgentFacts[], records: readonly DrillRecord[]): string {
  const rows = agents.flatMap(({ host, services }) =>
    services.map((service) => {
      const record = records.find((one) => one.service === service && one.host === host);
      if (!record) return [service, host, colors.yellow("never")];
      const { ended, result, message, seconds, snapshotTime, repository } = record;
      const told = result === "ok" ? colors.green(message) : colors.red(message);
      return [service, host, age(ended), `${seconds} s`, `${snapshotTime} in ${repository}`, told];
    }),
  );
  const heading = ["SERVICE", "HOST", "LAST", "TOOK", "COPY", "RESULT"].map((one) => colors.bold(one));
  return rows.length === 0 ? "the lab has no backup agent" : table([heading, ...rows]);
}

/** Refuses a service that the lab does not have. */
function refuseUnknown(manifest: Manifest, service: string): void {
  if (!manifest.services.some(({ name }) => name === service))
    throw new UserError(`the lab has no service ${JSON.stringify(service)}`);
}

/** Refuses a service of which no agent backs anything up. */
export function refuseUncovered(manifest: Manifest, service: string): void {
  refuseUnknown(manifest, service);
  if (agentsOf(manifest, service).length === 0)
    throw new UserError(`nothing of ${JSON.stringify(service)} is backed up: see "homelab backup coverage ${service}"`);
}

/** What an agent says on its way, to whoever waits. */
export function progress(text: string): void {
  process.stderr.write(plainLines(text));
}
