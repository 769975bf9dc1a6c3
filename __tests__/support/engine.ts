import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import Docker from "dockerode";
import { Daemon } from "./daemon";
import { waitFor } from "./ports";
import { missing } from "./programs";

/** A real Docker engine with a data root, a socket and a bridge of its own. */
export class Engine {
  /** What is not there for it. */
  public static missing(): string | undefined {
    const programs = missing(["dockerd", "ip", "iptables", "setpriv"], { root: true });
    if (programs !== undefined) return programs;
    const probe = `${BRIDGE}${process.pid}`;
    const { status } = spawnSync("ip", ["link", "add", probe, "type", "bridge"], { stdio: "ignore" });
    spawnSync("ip", ["link", "del", probe], { stdio: "ignore" });
    return status === 0 ? undefined : "no right to make a network bridge here, which an engine needs";
  }

  /** Starts one with its files in a folder. */
  public static async start(folder: string): Promise<Engine> {
    fs.mkdirSync(folder, { recursive: true });
    const number = process.pid % 200;
    const bridge = `${BRIDGE}${process.pid}`;
    const engine = new Engine(folder, bridge, `10.213.${number}.1`);
    ip("link", "add", bridge, "type", "bridge");
    ip("addr", "add", `${engine.address}/24`, "dev", bridge);
    ip("link", "set", bridge, "up");
    await engine.run();
    return engine;
  }

  /** Starts one as the engine of another host: in a network namespace of its own, with the usual bridge. */
  public static async startIn(namespace: string, folder: string): Promise<Engine> {
    fs.mkdirSync(folder, { recursive: true });
    const engine = new Engine(folder, undefined, "172.30.0.1", ["nsenter", `--net=/run/netns/${namespace}`]);
    await engine.run();
    return engine;
  }

  /** Its API. */
  public readonly docker: Docker;
  private daemon: Daemon | undefined;

  private constructor(
    private readonly folder: string,
    private readonly bridge: string | undefined,
    /** The address under which containers find the machine. */
    public readonly address: string,
    private readonly prefix: readonly string[] = [],
  ) {
    this.docker = new Docker({ socketPath: this.socket });
  }

  /** The socket of its API. */
  public get socket(): string {
    return path.join(this.folder, "docker.sock");
  }

  /** Runs the daemon, also after it was stopped. */
  public async run(): Promise<void> {
    const inFolder = (name: string): string => path.join(this.folder, name);
    this.daemon = new Daemon(
      [
        ...this.prefix,
        "dockerd",
        ...["--data-root", inFolder("data"), "--exec-root", inFolder("exec"), "--pidfile", inFolder("docker.pid")],
        ...["--host", `unix://${this.socket}`],
        ...(this.bridge === undefined ? [] : ["--bridge", this.bridge]),
        // Networks that no other one of this machine has.
        ...[
          "--default-address-pool",
          `base=${this.address.replace(/\.1$/, ".0").replace("10.213", "10.214")}/24,size=28`,
        ],
      ],
      inFolder("dockerd.log"),
    );
    await waitFor("the engine answers", () =>
      this.docker.ping().then(
        () => true,
        () => false,
      ),
    );
  }

  /** Stops the daemon; containers stop with it. */
  public async halt(): Promise<void> {
    await this.daemon?.stop();
  }

  /** Ends everything that was started, and removes it. */
  public async remove(): Promise<void> {
    const containers = await this.docker.listContainers({ all: true }).catch(() => []);
    for (const { Id } of containers)
      await this.docker
        .getContainer(Id)
        .remove({ force: true })
        .catch(() => undefined);
    await this.halt();
    removeMounted(this.folder);
    this.removeBridge();
  }

  /** Makes an image of a folder. */
  public async importImage(rootFolder: string, name: string): Promise<void> {
    const archive = `${rootFolder}.tar`;
    execFileSync("tar", ["-C", rootFolder, "-cf", archive, "."]);
    await this.importArchive(archive, name);
  }

  /** Makes an image of an archive of its root. */
  public async importArchive(archive: string, name: string): Promise<void> {
    const [repo = name, tag = "latest"] = name.split(":");
    const stream = await this.docker.importImage(archive, { repo, tag });
    await new Promise((resolve, reject) => stream.resume().on("end", resolve).on("error", reject));
  }

  private removeBridge(): void {
    if (this.bridge !== undefined) spawnSync("ip", ["link", "del", this.bridge], { stdio: "ignore" });
  }
}

const BRIDGE = "hltest";

/** A folder for everything of one run; one that was killed leaves its own, which the next run takes away. */
export function engineFolder(): string {
  removeAbandoned();
  return fs.mkdtempSync(path.join(os.tmpdir(), `${FOLDER}${process.pid}-`));
}

const FOLDER = "cdktf-homelab-engine-";

/** What runs that were killed left behind: most of their processes ended with them. */
function removeAbandoned(): void {
  const isGone = (name: string, prefix: string): boolean => {
    const pid = new RegExp(`^${prefix}(\\d+)`).exec(name)?.[1];
    return pid !== undefined && !fs.existsSync(`/proc/${pid}`);
  };
  for (const name of fs.readdirSync("/sys/class/net").filter((one) => isGone(one, BRIDGE)))
    spawnSync("ip", ["link", "del", name]);
  for (const name of fs.readdirSync(os.tmpdir()).filter((one) => isGone(one, FOLDER)))
    removeMounted(path.join(os.tmpdir(), name));
}

/** Removes a folder in which file systems are mounted, with the processes that still run from it. */
export function removeMounted(folder: string): void {
  for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const file = `/proc/${pid}/cmdline`;
    if (fs.existsSync(file) && commandLine(file).includes(`${folder}/`)) spawnSync("kill", ["-KILL", pid]);
  }
  for (const line of fs.readFileSync("/proc/mounts", "utf8").split("\n")) {
    const target = line.split(" ")[1] ?? "";
    if (target.startsWith(`${folder}/`)) spawnSync("umount", ["-l", target]);
  }
  fs.rmSync(folder, { recursive: true, force: true });
}

function commandLine(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return ""; // it has just ended
  }
}

function ip(...words: string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
}
