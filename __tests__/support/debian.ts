import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import Docker from "dockerode";
import { Agent } from "./agent";
import { Daemon } from "./daemon";
import { missingForDebian, unpackDebian } from "./debian-tree";
import { Namespaces } from "./namespaces";
import { PackageProxy } from "./package-proxy";
import { waitFor } from "./ports";
import { missing } from "./programs";

/** How something ended on the machine, and what it said. */
export interface Ended {
  readonly status: number | null;
  readonly said: string;
}

/**
 * A stock Debian that systemd has booted, in namespaces of its own and joined to this machine by a cable: its own sshd
 * with the three host keys that its package makes, an account of somebody who may do nothing, root with one key.
 */
export class Debian {
  /** What is not there for one. */
  public static missing(): string | undefined {
    const programs = ["systemd-nspawn", "nsenter", "ip", "setpriv", "ssh-agent", "ssh-add", "ssh-keygen"];
    return missing(programs, { root: true }) ?? missingForDebian() ?? Namespaces.missing() ?? missingMachines();
  }

  /**
   * Unpacks and boots one, with its files in a folder. `disk` is the size of a disk at /mnt/data, which can be full or
   * lost without those of the tests.
   */
  public static async boot(folder: string, disk?: string): Promise<Debian> {
    removeAbandoned();
    const number = process.pid % 200;
    const debian = new Debian(
      ...[folder, `10.215.${number}.1`, `10.215.${number}.2`, await Agent.start(path.join(folder, "agent"))],
    );
    try {
      await debian.install();
      if (disk !== undefined) debian.mountData(disk);
      await debian.start();
    } catch (error) {
      await debian.stop();
      throw error;
    }
    return debian;
  }

  /** A user of the machine without any rights. */
  public readonly stranger = "mallory";
  private daemon: Daemon | undefined;
  private packages: PackageProxy | undefined;
  private readonly name = `${NAME}${process.pid}`;

  private constructor(
    private readonly folder: string,
    /** The address of this machine, where deployments come from. */
    public readonly gateway: string,
    /** The address of the Debian. */
    public readonly address: string,
    private readonly agent: Agent,
  ) {}

  /** The tree of its files, as this machine sees it. */
  public get tree(): string {
    return path.join(this.folder, "tree");
  }

  /** The key that root's account accepts. */
  public get userKey(): string {
    return this.agent.publicKey;
  }

  /** What a client needs to get in. */
  public get environment(): Record<string, string> {
    return { SSH_AUTH_SOCK: this.agent.socket };
  }

  /** The engine that systemd runs there. */
  public get docker(): Docker {
    return new Docker({ socketPath: `/proc/${this.leader()}/root/run/docker.sock` });
  }

  /** A public host key, as an inventory pins it. */
  public hostKey(type: "ecdsa" | "ed25519" | "rsa" = "ed25519"): string {
    const [kind = "", key = ""] = this.read(`/etc/ssh/ssh_host_${type}_key.pub`).split(" ");
    return `${kind} ${key}`;
  }

  /** The text of a file. */
  public read(file: string): string {
    return fs.readFileSync(path.join(this.tree, file), "utf8");
  }

  /** Writes a file of root's. */
  public write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(this.tree, file)), { recursive: true });
    fs.writeFileSync(path.join(this.tree, file), text);
  }

  /** Runs a script there as root, or as somebody else, while everything here goes on. */
  public run(script: string, user = "root"): Promise<Ended> {
    const words = ["-t", `${this.leader()}`, "--all", "setpriv", "--reuid", user, "--regid", user, "--init-groups"];
    const child = spawn("nsenter", [...words, "env", "-i", "HOME=/root", `PATH=${PATH}`, "sh", "-c", script]);
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    return new Promise((resolve, reject) =>
      child.on("error", reject).on("close", (status) => resolve({ status, said })),
    );
  }

  /** Runs a script that has to succeed; returns what it said. */
  public async must(script: string, user?: string): Promise<string> {
    const { status, said } = await this.run(script, user);
    if (status !== 0) throw new Error(`${script} ended with ${status}: ${said}`);
    return said;
  }

  /** Boots it anew, as `reboot` does. */
  public async reboot(): Promise<void> {
    await this.run("systemctl reboot");
    // The program that holds its namespaces ends as well, for somebody to start it again.
    await waitFor("it went down", () => this.daemon?.isRunning === false, 120);
    await this.start();
  }

  /** Ends it, with everything that runs in it. */
  public async stop(): Promise<void> {
    await this.daemon?.stop();
    this.packages?.stop();
    await this.agent.stop();
    spawnSync("ip", ["link", "del", this.name], { stdio: "ignore" });
    spawnSync("ip", ["netns", "del", this.name], { stdio: "ignore" });
  }

  private async install(): Promise<void> {
    unpackDebian("bookworm", this.tree);
    ip("netns", "add", this.name);
    ip("link", "add", this.name, "type", "veth", "peer", "host0", "netns", this.name);
    ip("addr", "add", `${this.gateway}/24`, "dev", this.name);
    ip("link", "set", this.name, "up");
    this.packages = await PackageProxy.start(this.gateway);
    this.write("/etc/apt/apt.conf.d/00proxy", `Acquire::http::Proxy "${this.packages.url}";\n`);
    this.write(
      "/etc/network/interfaces",
      `auto lo\niface lo inet loopback\nauto host0\niface host0 inet static\n  address ${this.address}/24\n  gateway ${this.gateway}\n`,
    );
    this.write("/etc/systemd/system/cgroups.service", CGROUPS);
    this.write("/etc/hostname", "debian\n");
    this.write("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 debian\n");
    fs.mkdirSync(path.join(this.tree, "root/.ssh"), { mode: 0o700, recursive: true });
    this.write("/root/.ssh/authorized_keys", `${this.agent.publicKey}\n`);
    // Each machine has keys of its own, whatever was in the archive.
    const script = `systemctl enable cgroups; rm /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; useradd --create-home ${this.stranger}`;
    const { status, stderr } = spawnSync("chroot", [this.tree, "sh", "-ec", script], { encoding: "utf8" });
    if (status !== 0) throw new Error(`the machine could not be prepared: ${stderr}`);
  }

  private mountData(size: string): void {
    const data = path.join(this.tree, "mnt/data");
    fs.mkdirSync(data);
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=755`, "tmpfs", data]);
    if (status !== 0) throw new Error(`a disk for ${data} could not be mounted`);
  }

  private async start(): Promise<void> {
    this.daemon = new Daemon(
      [
        ...["env", "SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes", "systemd-nspawn", "--quiet", "--boot", "--directory"],
        ...[this.tree, "--register=no", "--keep-unit", `--machine=${this.name}`, "--hostname=debian"],
        ...[`--network-namespace-path=/run/netns/${this.name}`, "--resolv-conf=off", "--link-journal=no"],
        ...["--timezone=off", "--console=read-only"],
        // What an engine needs to run containers in it.
        ...["--capability=all", "--system-call-filter=add_key keyctl bpf @mount @privileged"],
      ],
      path.join(this.folder, "console.log"),
    );
    await this.running();
  }

  private async running(): Promise<void> {
    await waitFor(
      "systemd has booted",
      async () => {
        if (this.daemon?.isRunning === false) throw new Error(`it ended: ${this.console()}`);
        if (this.leader() === undefined) return false;
        const { said } = await this.run("systemctl is-system-running");
        return /^(running|degraded)$/m.test(said);
      },
      120,
    );
    await waitFor("its sshd answers", async () => (await this.run("ss -ltn | grep -q :22")).status === 0);
  }

  /** The first process of the machine, which leads into its namespaces. */
  private leader(): number | undefined {
    const pid = this.daemon?.pid;
    const file = `/proc/${pid}/task/${pid}/children`;
    if (pid === undefined || !fs.existsSync(file)) return undefined;
    const [child] = fs.readFileSync(file, "utf8").trim().split(" ");
    // Until it has namespaces of its own it is a process of this machine, where nothing may be run.
    const isApart = ["pid", "mnt", "net"].every((kind) => namespace(child, kind) !== namespace("self", kind));
    return child !== undefined && child !== "" && isApart ? Number(child) : undefined;
  }

  private console(): string {
    return fs.readFileSync(path.join(this.folder, "console.log"), "utf8").slice(-2000);
  }
}

/** Whether a machine can be started here at all: this one's own programs, on a root in memory. */
function missingMachines(): string | undefined {
  const name = `--machine=${NAME}${process.pid}`;
  const words = ["--quiet", "--register=no", "--keep-unit", name, "--volatile=yes", "--directory=/", "/bin/true"];
  const { status } = spawnSync("systemd-nspawn", words, { stdio: "ignore" });
  return status === 0 ? undefined : "systemd-nspawn starts no machine here";
}

/**
 * The first version of cgroups has no delegation: its trees are in the machine, and an engine may not write them. Where
 * there is only the second one, it has nothing to do.
 */
const CGROUPS = `[Unit]
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'while read -r _ at kind _; do [ $kind != cgroup ] || mount -o remount,bind,rw $at; done < /proc/mounts'
[Install]
WantedBy=sysinit.target
`;

const NAME = "hldeb";

/** The networks of runs that were killed; the kernel has ended what ran in them. */
function removeAbandoned(): void {
  const { stdout } = spawnSync("ip", ["netns", "list"], { encoding: "utf8" });
  for (const [name, pid] of stdout.matchAll(new RegExp(`\\b${NAME}(\\d+)`, "g")))
    if (!fs.existsSync(`/proc/${pid}`)) spawnSync("ip", ["netns", "del", name]);
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function namespace(pid: string | undefined, kind: string): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return fs.readlinkSync(`/proc/self/ns/${kind}`); // it is gone, and nowhere
  }
}

function ip(...words: string[]): void {
  const { status, stderr } = spawnSync("ip", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${words.join(" ")}: ${stderr}`);
}
