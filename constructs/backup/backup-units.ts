import { createHash } from "node:crypto";
import { BACKUP_AGENT } from "../../contract/backups";
import { shellWord } from "../../contract/text";
import type { BackupJob } from "./backup-job";

const FOLDER = "/etc/systemd/system";
const SLICE = "homelab-backup.slice";
const RECOVERY = "homelab-recover-backups.service";
/** Within so many seconds after the declared time a backup begins. */
const SPREAD = 20 * 60;
/** So many seconds after the backup begins its drill, which refuses to begin while that runs. */
const DRILL_AFTER = 3 * 3600;
/** The timers of all jobs, as a shell finds them. */
const TIMERS = "./homelab-backup-*.timer ./homelab-drill-*.timer";

/** What systemd has of a job, or of its drill. */
export interface BackupUnits {
  /** The job's service. */
  readonly of: string;
  /** `homelab-backup-paperless`, `homelab-drill-paperless`. */
  readonly name: string;
  /** The file of the service. */
  readonly service: string;
  /** The file of the timer. */
  readonly timer: string;
}

/** The units of a job, and of its drill. A run that was missed is made up for when the host is back. */
export function backupUnits(job: BackupJob, timeZone: string): readonly BackupUnits[] {
  const backup = unitsOf(
    job,
    "Backup",
    "run",
    timeZone,
    job.at.map((at) => `*-*-* ${startOf(at, job)}`),
  );
  const [at = "02:30"] = job.at;
  const days = { week: dayOfWeek(job), month: `*-*-${dayOfMonth(job)}`, never: undefined }[job.drill];
  if (days === undefined) return [backup];
  return [backup, unitsOf(job, "Drill", "drill", timeZone, [`${days} ${startOf(at, job, DRILL_AFTER)}`])];
}

function unitsOf(
  { service }: BackupJob,
  what: "Backup" | "Drill",
  verb: string,
  timeZone: string,
  moments: readonly string[],
): BackupUnits {
  const description = `Description=${what} of ${service}`;
  return {
    of: service,
    name: `homelab-${what.toLowerCase()}-${service}`,
    service: unitFile([
      "[Unit]",
      description,
      "Requires=docker.service",
      "Wants=network-online.target",
      "After=docker.service network-online.target",
      "[Service]",
      "Type=oneshot",
      `ExecStart=${BACKUP_AGENT} ${verb} ${service}`,
      // Whatever ended it, what it held still goes on.
      `ExecStopPost=-${BACKUP_AGENT} recover ${service}`,
      `Slice=${SLICE}`,
      "Nice=10",
      "IOSchedulingClass=idle",
    ]),
    timer: unitFile([
      "[Unit]",
      description,
      "[Timer]",
      ...moments.map((moment) => `OnCalendar=${moment} ${timeZone}`),
      "Persistent=true",
      "[Install]",
      "WantedBy=timers.target",
    ]),
  };
}

/**
 * When a job declared for a time of day begins, `02:41:07`: hosts that share a repository's disk and uplink, and the
 * services of one host, don't begin at once. It follows from their names, so that it is the same each night.
 */
export function startOf(at: string, job: Pick<BackupJob, "host" | "service">, after = 0): string {
  const [hours = 0, minutes = 0] = at.split(":").map(Number);
  const seconds = (hours * 3600 + minutes * 60 + after + (numberOf(job) % SPREAD)) % (24 * 3600);
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60]
    .map((n) => String(Math.floor(n)).padStart(2, "0"))
    .join(":");
}

/** One of the days that each month has, spread over the services: `07`. */
function dayOfMonth(job: BackupJob): string {
  return String((numberOf(job) % 28) + 1).padStart(2, "0");
}

function dayOfWeek(job: BackupJob): string {
  return ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][numberOf(job) % 7] ?? "Mon";
}

/** The same number each time. */
function numberOf({ host, service }: Pick<BackupJob, "host" | "service">): number {
  return createHash("sha256").update(`${host}/${service}`).digest().readUInt32BE();
}

/** The shell text that makes these units the only ones of the agent, and starts their timers. */
export function placingUnits(units: readonly BackupUnits[]): string {
  const timers = units.map(({ name }) => `${name}.timer`);
  return [
    `walk ${FOLDER} make`,
    `place ${SLICE} 644 ${shellWord(SLICE_FILE)}`,
    `place ${RECOVERY} 644 ${shellWord(recovery(units))}`,
    ...units.flatMap(({ name, service, timer }) => [
      `place ${name}.service 644 ${shellWord(service)}`,
      `place ${name}.timer 644 ${shellWord(timer)}`,
    ]),
    `for unit in ${TIMERS}; do`,
    ...(timers.length > 0 ? [`  case \${unit#./} in ${timers.join("|")}) continue ;; esac`] : []),
    ...REMOVING_UNIT.map((line) => `  ${line}`),
    "done",
    "if [ -d /run/systemd/system ]; then",
    "  systemctl daemon-reload",
    `  systemctl enable ${RECOVERY}`,
    // A timer that runs already would keep its former time.
    ...timers.flatMap((timer) => [`  systemctl enable --now ${timer}`, `  systemctl restart ${timer}`]),
    "fi",
  ].join("\n");
}

/** The shell text that removes all units of the agent. */
export function removingUnits(): string {
  return [
    `if walk ${FOLDER} look; then`,
    `  for unit in ${TIMERS}; do`,
    ...REMOVING_UNIT.map((line) => `    ${line}`),
    "  done",
    `  [ ! -d /run/systemd/system ] || systemctl disable ${RECOVERY} || true`,
    `  rm -f -- ./${SLICE} ./${RECOVERY}`,
    "fi",
    "[ ! -d /run/systemd/system ] || systemctl daemon-reload",
  ].join("\n");
}

const REMOVING_UNIT = [
  '[ -e "$unit" ] || continue',
  "unit=${unit#./}",
  '[ ! -d /run/systemd/system ] || systemctl disable --now -- "$unit" || true',
  'rm -f -- "./$unit" "./${unit%.timer}.service"',
];

/** A container that was stopped for a backup stays so when the host goes down meanwhile: it is started with the host. */
function recovery(units: readonly BackupUnits[]): string {
  const services = new Set(units.map(({ of }) => of));
  return unitFile([
    "[Unit]",
    "Description=What backups held still when the host went down",
    "Requires=docker.service",
    "After=docker.service",
    "[Service]",
    "Type=oneshot",
    "ExecStart=/bin/true",
    ...[...services].map((service) => `ExecStart=-${BACKUP_AGENT} recover ${service}`),
    "[Install]",
    "WantedBy=multi-user.target",
  ]);
}

/** What a backup may take from the services beside it where both want the processor or the disk. */
const SLICE_FILE = unitFile(["[Unit]", "Description=Backups of the lab", "[Slice]", "CPUWeight=20", "IOWeight=20"]);

function unitFile(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
