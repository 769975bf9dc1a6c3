import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";

/** A process, told apart from a later one with the same number. */
export interface ProcessName {
  /** The machine, or the container, that it runs on. */
  readonly host: string;
  /** Its number. */
  readonly pid: number;
  /** When it started, as the system says it. */
  readonly started: string;
}

/** This process. */
export function thisProcess(): ProcessName {
  return { host: os.hostname(), pid: process.pid, started: startOf(process.pid) ?? "" };
}

/** Whether a process still runs. One of another machine is taken to: nobody can ask from here. */
export function isLiving({ host, pid, started }: ProcessName): boolean {
  return host !== os.hostname() || startOf(pid) === started;
}

/** When a process started, or undefined where there is none of that number. */
function startOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      // The name of the program comes before, in parentheses, and may have any (proc_pid_stat(5), field 22).
      const fields = fs.readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
      return fields[0] === "Z" ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  const { status, stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
