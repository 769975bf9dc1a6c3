import { spawn, type ChildProcess } from "node:child_process";

/** How a program ended, and what it said. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Programs that were started, each in a group of its own, so that all of it can be ended together. */
export class Children {
  private readonly running = new Set<ChildProcess>();
  private isEnding = false;

  /** Runs a program to its end. A text instead of words is a line for the shell. */
  public run(
    command: readonly [string, ...string[]] | string,
    options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
  ): Promise<Ended> {
    const [program, words] =
      typeof command === "string" ? ["/bin/sh", ["-c", command]] : [command[0], command.slice(1)];
    return new Promise((resolve, reject) => {
      if (this.isEnding) {
        reject(new Error("it was interrupted"));
        return;
      }
      const child = spawn(program, words, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
      this.running.add(child);
      const said = { stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
      child.on("error", (error) => {
        this.running.delete(child);
        reject(new Error(`${JSON.stringify(program)} can't be run: ${error.message}`));
      });
      child.on("close", (code) => {
        this.running.delete(child);
        resolve({ status: code ?? 1, ...said });
      });
    });
  }

  /** Ends what still runs, and waits for it. */
  public async end(): Promise<void> {
    this.isEnding = true;
    await Promise.all(
      [...this.running].map((child) => {
        const ended = new Promise((resolve) => child.once("close", resolve));
        // Its group is its own: what it started itself ends with it.
        if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
        return ended;
      }),
    );
  }
}
