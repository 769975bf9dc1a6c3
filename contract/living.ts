import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";

/** A process, told apart from a later one with the same number. */
export interface ProcessName {
  /** What numbers it: a machine, or a container, as a digest. */
  readonly machine: string;
  /** Its number. */
  readonly pid: number;
  /** When it started, in letters and digits. */
  readonly started: string;
}

/** This process. */
export function thisProcess(): ProcessName {
  return { machine: machine(), pid: process.pid, started: startOf(process.pid) ?? "0" };
}

/** Whether a process still runs. One of another machine is taken to: nobody can ask from here. */
export function isLiving({ machine: where, pid, started }: ProcessName): boolean {
  return where !== machine() || startOf(pid) === started;
}

/** Containers may share a folder, and even a name, with each other and with their host: Linux tells their numbers apart. */
function machine(): string {
  const space = process.platform === "linux" ? fs.readlinkSync("/proc/self/ns/pid") : "";
  return digest(`${os.hostname()} ${space}`);
}

/** When a process started, or undefined where there is none of that number. */
function startOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      // The name of the program comes before, in parentheses, and may have any (proc_pid_stat(5), field 22).
      const fields = fs.readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
      return fields[0] === "Z" ? undefined : Number(fields[19]).toString(36);
    } catch {
      return undefined;
    }
  }
  const { status, stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 ? digest(stdout.trim()) : undefined;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 6);
}
