import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isLiving, thisProcess, type ProcessName } from "./living";
import { tell } from "./news";
import { quote } from "./text";
import { besideInWorkFolder, temporaryFor } from "./work-folder";

/** How long a process waits for another one, and from when on it says so. */
const PATIENCE = 60_000;
const SILENCE = 2_000;

/** Who has a lock. */
interface Holder extends ProcessName {
  /** The name of its machine, for people. */
  readonly host: string;
}

/**
 * Does some work while no other process does any on the same file. The lock is a file that names its process; that of a
 * process which died is taken away.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = new FileLock(file);
  while (!lock.take()) await sleep(pause());
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** The same for what can't wait in any other way: a synthesis is one call. */
export function withFileLockSync<T>(file: string, work: () => T): T {
  const lock = new FileLock(file);
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  while (!lock.take()) Atomics.wait(nobody, 0, 0, pause());
  try {
    return work();
  } finally {
    lock.release();
  }
}

function pause(): number {
  return 20 + Math.random() * 60;
}

class FileLock {
  private readonly lock: string;
  private readonly began = Date.now();
  private told = false;

  public constructor(private readonly file: string) {
    this.lock = besideInWorkFolder(file, `${path.basename(file)}.lock`);
  }

  /** Takes the lock, or tells that somebody else has it, for too long in the end. */
  public take(): boolean {
    if (this.make()) return true;
    this.breakIfDead();
    const waited = Date.now() - this.began;
    const holder = waited > SILENCE ? read(this.lock) : undefined;
    if (holder && !this.told) tell(`homelab: ${this.file} is being changed by ${words(holder)}, waiting for it`);
    this.told ||= holder !== undefined;
    if (holder && waited > PATIENCE) {
      throw new Error(
        `${this.file} is being changed by ${words(holder)}, for a minute now: wait for it, or remove ${quote(this.lock)} if it is gone`,
      );
    }
    return false;
  }

  public release(): void {
    fs.rmSync(this.lock, { force: true });
  }

  /** Makes the lock, with its content at once: nobody reads half of one. */
  private make(): boolean {
    const own = temporaryFor(this.lock);
    fs.writeFileSync(own, JSON.stringify({ ...thisProcess(), host: os.hostname() }));
    try {
      fs.linkSync(own, this.lock);
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
  private breakIfDead(): void {
    if (!isDead(this.lock)) return;
    const right = `${this.lock}.break`;
    try {
      fs.mkdirSync(right);
    } catch {
      // Held for an instant only: whoever made it long ago died there.
      const since = fs.statSync(right, { throwIfNoEntry: false })?.mtimeMs;
      if (since !== undefined && Date.now() - since > 10_000) fs.rmSync(right, { recursive: true, force: true });
      return;
    }
    try {
      if (isDead(this.lock)) fs.rmSync(this.lock, { force: true });
    } finally {
      fs.rmSync(right, { recursive: true, force: true });
    }
  }
}

function isDead(lock: string): boolean {
  const holder = read(lock);
  return holder !== undefined && !isLiving(holder);
}

function read(lock: string): Holder | undefined {
  try {
    return JSON.parse(fs.readFileSync(lock, "utf8")) as Holder; // written by make()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${quote(lock)} is no lock of this program: remove it`, { cause: error });
  }
}

function words({ pid, host }: Holder): string {
  return `process ${pid} on ${host}`;
}
