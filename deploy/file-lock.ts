import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { quote } from "../constructs/text";
import { isLiving, thisProcess, type ProcessName } from "../offline/living";

/** How long a process waits for another one, and from when on it says so. */
const PATIENCE = 60_000;
const SILENCE = 2_000;

/** Who has a lock. */
interface Holder extends ProcessName {
  /** The name of its machine, for people. */
  readonly host: string;
}

/**
 * Does some work while no other process does any on the same file. The lock is a file beside it that names its process;
 * that of a process which died is taken away.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = path.join(path.dirname(file), `.${path.basename(file)}.lock`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const began = Date.now();
  let told = false;
  while (!take(lock)) {
    breakIfDead(lock);
    const waited = Date.now() - began;
    const holder = waited > SILENCE ? read(lock) : undefined;
    if (holder && !told)
      process.stderr.write(`homelab: ${file} is being changed by ${words(holder)}, waiting for it\n`);
    told ||= holder !== undefined;
    if (holder && waited > PATIENCE) {
      throw new Error(
        `${file} is being changed by ${words(holder)}, for a minute now: wait for it, or remove ${quote(lock)} if it is gone`,
      );
    }
    await sleep(20 + Math.random() * 60);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

/** Makes the lock, with its content at once: nobody reads half of one. */
function take(lock: string): boolean {
  const own = `${lock}.${process.pid}`;
  fs.writeFileSync(own, JSON.stringify({ ...thisProcess(), host: os.hostname() }));
  try {
    fs.linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

/**
 * Takes the lock of a dead process away. One process at a time may, and looks again: otherwise two could find the same
 * dead one, and the slower would take away the lock that the faster has made by then.
 */
function breakIfDead(lock: string): void {
  if (!isDead(lock)) return;
  const right = `${lock}.break`;
  try {
    fs.mkdirSync(right);
  } catch {
    // Held for an instant only: whoever made it long ago died there.
    const since = fs.statSync(right, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > 10_000) fs.rmdirSync(right);
    return;
  }
  try {
    if (isDead(lock)) fs.rmSync(lock, { force: true });
  } finally {
    fs.rmdirSync(right);
  }
}

function isDead(lock: string): boolean {
  const holder = read(lock);
  return holder !== undefined && !isLiving(holder);
}

function read(lock: string): Holder | undefined {
  try {
    return JSON.parse(fs.readFileSync(lock, "utf8")) as Holder; // written by take()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${quote(lock)} is no lock of this program: remove it`, { cause: error });
  }
}

function words({ pid, host }: Holder): string {
  return `process ${pid} on ${host}`;
}
