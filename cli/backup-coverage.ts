import type { Command } from "commander";
import type { BackupMessage, BackupRecord, DrillRecord } from "../contract/backups";
import type { Manifest } from "../contract/manifest";
import { plainJson, plainly } from "../contract/plain";
import { coverageOf, RECOVERY_POINT_HOURS, type Coverage } from "../plan/coverage";
import { UserError } from "../process/user-error";
import { askEach, refuseUnknown } from "./backup-hosts";
import { age, bytes, keptFor } from "./backup-words";
import { colors } from "./colors";
import { currentLab } from "./lab";
import { table } from "./table";

/** `homelab backup coverage`: what becomes of everything that services keep. */
export function addCoverage(program: Command, backup: Command): void {
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
  const sums = `${counts("covered")} covered, ${counts("excused")} left out for a reason, ${counts("uncovered")} not covered`;
  // Nobody is told that a copy was made which was not looked for.
  const promise = `What is covered loses ${RECOVERY_POINT_HOURS} hours at most while its runs go well${isAsked ? "" : "; --ask tells whether they did"}.`;
  return `${table([heading.map((name) => colors.bold(name)), ...lines])}\n\n${sums}. ${promise}`;
}
