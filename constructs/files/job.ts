import { calendarOfCron } from "../values/calendar";
import type { Duration } from "../values/duration";
import { FactList } from "../lab/facts";
import { HostScript } from "../host/host-script";
import type { JobFacts } from "../../contract/service-facts";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { shellWord } from "../../contract/text";

/** What runs periodically. */
export const JOBS = new FactList<JobFacts>("jobs");

/** Options for `Job.every()` and `Job.cron()`. */
export interface JobOptions {
  /** The program and its arguments, run inside the service's container. */
  readonly command: readonly [string, ...string[]];
  /**
   * The container's user that runs it, `1000` or `1000:1000`.
   *
   * @default - the container's own
   */
  readonly user?: string;
}

/** What a job hands out. */
export interface JobHandle {
  /** The systemd timer on the host, for `systemctl list-timers` and `journalctl -u`. */
  readonly timer: string;
}

/** What runs periodically inside a service's container, started by a systemd timer of its host. */
export class Job {
  /** Runs a command after each such time, counted from the end of the last run, and once soon after the host's start. */
  public static every(interval: Duration, options: JobOptions): IServicePart<JobHandle> {
    const seconds = interval.toSeconds();
    return job(options, `every ${interval.toString()}`, () => [
      `OnBootSec=${Math.min(seconds, 300)}s`,
      `OnUnitInactiveSec=${seconds}s`,
    ]);
  }

  /** Runs a command by a cron line of five fields, in the host's time zone; a run that was missed is made up for. */
  public static cron(schedule: string, options: JobOptions): IServicePart<JobHandle> {
    return job(options, schedule, ({ subject, workload }) => [
      `OnCalendar=${calendarOfCron(schedule, subject)} ${workload.host.timeZone}`,
      "Persistent=true",
    ]);
  }

  private constructor() {}
}

function job(
  options: JobOptions,
  schedule: string,
  timing: (part: PartScope) => readonly string[],
): IServicePart<JobHandle> {
  return {
    bind: (part: PartScope) => {
      const { workload, key } = part;
      const { command, user } = options;
      const unit = `homelab-${workload.containerName}-${part.slug}`;
      const words = [
        "/usr/bin/docker",
        "exec",
        ...(user === undefined ? [] : ["--user", user]),
        workload.containerName,
        ...command,
      ];
      const service = unitFile([
        "[Unit]",
        `Description=${key} of ${workload.containerName}`,
        "Requires=docker.service",
        "After=docker.service",
        "[Service]",
        "Type=oneshot",
        `ExecStart=${words.map(unitWord).join(" ")}`,
      ]);
      const timer = unitFile([
        "[Unit]",
        `Description=${key} of ${workload.containerName}`,
        "[Timer]",
        ...timing(part),
        "[Install]",
        "WantedBy=timers.target",
      ]);
      const folder = "/etc/systemd/system";
      new HostScript(workload, key, {
        host: workload.host,
        triggers: { service, timer },
        script: [
          `walk ${folder} make`,
          `place ${unit}.service 644 ${shellWord(service)}`,
          `place ${unit}.timer 644 ${shellWord(timer)}`,
          "systemctl daemon-reload",
          `systemctl enable --now ${unit}.timer`,
          `systemctl restart ${unit}.timer`,
        ].join("\n"),
        whenRemoved: {
          what: `${unit}.timer`,
          script: [
            `systemctl disable --now ${unit}.timer || true`,
            `rm -f ${folder}/${unit}.service ${folder}/${unit}.timer`,
            "systemctl daemon-reload",
          ].join("\n"),
        },
      });
      part.say(JOBS, { schedule, command });
      return { timer: `${unit}.timer` };
    },
  };
}

function unitFile(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

/** One word of a systemd command line (systemd.service(5), “Command lines”): quoted, with `%` and `$` doubled. */
function unitWord(word: string): string {
  if (/^[A-Za-z0-9_./:=@,+-]+$/.test(word)) return word;
  const escaped = word
    .replace(/[\\"]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replaceAll("\r", "\\r")
    .replaceAll("%", "%%")
    .replaceAll("$", "$$$$");
  return `"${escaped}"`;
}
