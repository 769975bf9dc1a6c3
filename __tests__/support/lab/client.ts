import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import * as path from "node:path";
import { createInterface } from "node:readline";

/** A request as it goes over the wire. */
export interface WireRequest {
  /** The address that it is sent to. */
  readonly address: string;
  /** The name that the certificate is asked for. */
  readonly name: string;
  readonly method: string;
  /** What stands in the request line, as it is. */
  readonly path: string;
  /** Names and values in their order. */
  readonly headers: readonly string[];
  readonly protocol?: "HTTP/1.1" | "HTTP/2";
  /** What is sent with it. */
  readonly body?: string;
  /** Whether it asks for a websocket. */
  readonly upgrade?: boolean;
  /** The address that it comes from, where the host has several. */
  readonly from?: string;
}

/** What came back; status 0 is no answer. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends requests from one place of the lab's network. */
export class Client {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting = new Map<number, (answer: WireAnswer) => void>();
  private next = 0;

  /** Starts it; `on` is what a command is prefixed with to run in that place. */
  public constructor(on: readonly string[], ca: string) {
    const words = ["setpriv", "--pdeathsig", "TERM", process.execPath, path.join(__dirname, "sending.js"), ca];
    this.child = spawn("env", [...on, ...words], { stdio: ["pipe", "pipe", "pipe"] });
    this.child.stderr.pipe(process.stderr);
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const { id, ...answer } = JSON.parse(line);
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    });
  }

  /** Sends a request and waits for the answer. */
  public async send(request: WireRequest): Promise<WireAnswer> {
    const id = this.next++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  /** Ends it. */
  public stop(): void {
    this.child.kill();
  }
}
