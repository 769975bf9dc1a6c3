import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A program that runs in the background, ended by its process id whatever way the tests end. */
export class Daemon {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private readonly onExit = (): void => void this.child.kill("SIGTERM");
  private readonly onSignal = (signal: NodeJS.Signals): void => {
    this.onExit();
    process.kill(process.pid, signal);
  };

  /** Starts a program; what it says goes into a file. */
  public constructor(
    command: readonly string[],
    log: string,
    options: { readonly uid?: number; readonly gid?: number } = {},
  ) {
    const [program = "", ...words] = command;
    const file = fs.openSync(log, "a");
    this.child = spawn(program, words, { stdio: ["ignore", file, file], ...options });
    fs.closeSync(file);
    this.ended = new Promise((resolve) => this.child.once("close", () => resolve()));
    process.once("exit", this.onExit);
    for (const signal of SIGNALS) process.once(signal, this.onSignal);
  }

  /** Whether it still runs. */
  public get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends it and waits. */
  public async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    process.removeListener("exit", this.onExit);
    for (const signal of SIGNALS) process.removeListener(signal, this.onSignal);
    if (this.isRunning) this.child.kill(signal);
    await this.ended;
  }
}
