import type { Command } from "commander";
import type { BackupAgentFacts, BackupMessage, BackupSnapshot, DrillRecord } from "../contract/backups";
import type { Manifest } from "../contract/manifest";
import { plainJson, plainly, plainLines } from "../contract/plain";
import { storeOf } from "../deploy/secret-stores";
import { UserError } from "../process/user-error";
import { addCoverage } from "./backup-coverage";
import { askEach, hostsWith, progress, refuseUncovered } from "./backup-hosts";
import { age, bytes } from "./backup-words";
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
