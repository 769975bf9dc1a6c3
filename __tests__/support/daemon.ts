import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";

/** A program that runs in the background, and that the kernel ends when the tests end, whatever way they do. */
export class Daemon {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;

  /** Starts a program; what it says goes into a file. */
  public constructor(
    command: readonly string[],
    log: string,
    options: { readonly uid?: number; readonly gid?: number } = {},
  ) {
    const file = fs.openSync(log, "a");
    // A handler of signals in a test would not do: jest keeps the real process from its tests.
    const words = ["--pdeathsig", "TERM", ...command];
    this.child = spawn("setpriv", words, { stdio: ["ignore", file, file], ...options });
    fs.closeSync(file);
    this.ended = new Promise((resolve) => this.child.once("close", () => resolve()));
  }

  /** Its process. */
  public get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether it still runs. */
  public get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Tells it something. */
  public signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it and waits. */
  public async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.isRunning) this.child.kill(signal);
    await this.ended;
  }
}
