import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { Agent } from "./agent";
import { Daemon } from "./daemon";
import { freePort, waitFor } from "./ports";
import { missing } from "./programs";

/** A real sshd on 127.0.0.1, and an agent with the key that it accepts for root. */
export class Sshd {
  /** What is not there for it. */
  public static missing(): string | undefined {
    const programs = missing(["ssh-agent", "ssh-add", "ssh-keygen", "setpriv", "unshare", "mount"], { root: true });
    // Debian keeps sshd out of the path of ordinary users.
    return programs ?? (fs.existsSync("/usr/sbin/sshd") ? undefined : "/usr/sbin/sshd not installed");
  }

  /**
   * Starts one with its files in a folder; `environment` is what its sessions find set, `place` where it runs: an
   * address, and words before its command that lead into a namespace.
   */
  public static async start(
    folder: string,
    environment: Readonly<Record<string, string>> = {},
    place: { readonly address: string; readonly prefix: readonly string[] } = { address: "127.0.0.1", prefix: [] },
  ): Promise<Sshd> {
    fs.mkdirSync(folder, { recursive: true });
    const sshd = new Sshd(folder, await freePort(), environment, place);
    makeHostKeys(folder);
    sshd.agent = await Agent.start(folder);
    fs.mkdirSync("/run/sshd", { recursive: true });
    await sshd.listen();
    return sshd;
  }

  private daemon: Daemon | undefined;
  private agent: Agent | undefined;

  private constructor(
    private readonly folder: string,
    /** The port that it listens on. */
    public readonly port: number,
    private readonly sessions: Readonly<Record<string, string>>,
    private readonly place: { readonly address: string; readonly prefix: readonly string[] },
  ) {}

  /** What a client needs to reach it. */
  public get environment(): Record<string, string> {
    return { SSH_AUTH_SOCK: path.join(this.folder, "agent") };
  }

  /** Its public key, as an inventory pins it. */
  public get hostKey(): string {
    return this.hostKeyOf("ed25519");
  }

  /** Its public key of a type: it has one of each, like every stock installation. */
  public hostKeyOf(type: KeyType): string {
    return fs.readFileSync(path.join(this.folder, `${HOST_KEYS[type]}.pub`), "utf8").trim();
  }

  /** Becomes another machine: a new host key. */
  public async reinstall(): Promise<void> {
    await this.daemon?.stop();
    makeHostKeys(this.folder);
    await this.listen();
  }

  /** Ends it and the agent. */
  public stop(): void {
    void this.daemon?.stop();
    void this.agent?.stop();
  }

  private async listen(): Promise<void> {
    const inFolder = (name: string): string => path.join(this.folder, name);
    fs.rmSync(inFolder("sshd.pid"), { force: true });
    fs.writeFileSync(
      inFolder("sshd_config"),
      [
        `ListenAddress ${this.place.address}:${this.port}`,
        ...Object.values(HOST_KEYS).map((name) => `HostKey ${inFolder(name)}`),
        `AuthorizedKeysFile ${inFolder("user.pub")}`,
        `PidFile ${inFolder("sshd.pid")}`,
        "StrictModes no",
        "UsePAM no",
        // As "homelab bootstrap" sets them: the engine's provider opens a connection for each resource at once.
        "MaxStartups 100:30:200",
        "MaxSessions 100",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        ...Object.entries(this.sessions).map(([name, value]) => `SetEnv ${name}=${value}`),
      ].join("\n"),
    );
    this.daemon = new Daemon(
      [...OWN_RECORDS, ...this.place.prefix, "/usr/sbin/sshd", "-D", "-e", "-f", inFolder("sshd_config")],
      inFolder("sshd.log"),
    );
    await waitFor("sshd listens", () => fs.existsSync(inFolder("sshd.pid")));
  }
}

/** The keys of a stock installation, by their files. */
const HOST_KEYS = { rsa: "host_rsa", ecdsa: "host_ecdsa", ed25519: "host" } as const;

/** A type of host key. */
export type KeyType = keyof typeof HOST_KEYS;

/** What is placed in its sessions is on record in a file system of its own, and never on the machine of the tests. */
const OWN_RECORDS = [
  ...["unshare", "--mount", "sh", "-c"],
  'mkdir -p /var/lib/homelab && mount -t tmpfs -o mode=755 tmpfs /var/lib/homelab && exec "$@"',
  "-",
];

function makeHostKeys(folder: string): void {
  for (const [type, name] of Object.entries(HOST_KEYS)) makeKey(path.join(folder, name), type);
}

function makeKey(file: string, type: string): void {
  for (const known of [file, `${file}.pub`]) fs.rmSync(known, { force: true });
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "", "-f", file]);
}
