import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { Daemon } from "./daemon";
import { waitFor } from "./ports";

/** An SSH agent with one new key. */
export class Agent {
  /** Starts one with its files in a folder, the key as `user`. */
  public static async start(folder: string): Promise<Agent> {
    fs.mkdirSync(folder, { recursive: true });
    const [key, socket] = [path.join(folder, "user"), path.join(folder, "agent")];
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
    // It is installed with a group of its own, so that the kernel would not end it with its parent; it ends with the
    // command that it is started for.
    const words = ["ssh-agent", "-a", socket, "setpriv", "--pdeathsig", "TERM", "sleep", "infinity"];
    const daemon = new Daemon(words, path.join(folder, "agent.log"));
    await waitFor("ssh-agent listens", () => fs.existsSync(socket));
    execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    return new Agent(daemon, socket, fs.readFileSync(`${key}.pub`, "utf8").trim());
  }

  private constructor(
    private readonly daemon: Daemon,
    /** `SSH_AUTH_SOCK` of its clients. */
    public readonly socket: string,
    /** The public key: its type and its base64. */
    public readonly publicKey: string,
  ) {}

  /** Ends it. */
  public async stop(): Promise<void> {
    await this.daemon.stop();
  }
}
