import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { missing } from "./programs";
import { Sshd } from "./sshd";

/** The accounts of the host: who deploys, by sudo without a password, one who may not, and somebody else. */
const USERS = { deploy: 5001, plain: 5002, mallory: 5003 } as const;

/** Somebody who may log in on the host. */
export type User = keyof typeof USERS | "root";

/**
 * A host as it is without `homelab bootstrap`: sshd, sudo, and people with accounts. It is this machine, with other
 * accounts, and with folders for all that are of the host alone.
 */
export class StockHost {
  /** What is not there for it. */
  public static missing(): string | undefined {
    return missing(["sudo", "unshare", "mount"], { root: true }) ?? Sshd.missing();
  }

  /** Starts one with its files in a folder, which is all of the machine's `/tmp` that it has. */
  public static async start(folder: string): Promise<StockHost> {
    const etc = path.join(folder, "etc");
    fs.mkdirSync(etc);
    const line = (write: (name: string, id: number) => string): string =>
      Object.entries(USERS)
        .map(([name, id]) => `${write(name, id)}\n`)
        .join("");
    const own: Record<string, string> = {
      passwd: line((name, id) => `${name}:x:${id}:${id}::/home/${name}:/bin/sh`),
      group: line((name, id) => `${name}:x:${id}:`),
      shadow: line((name) => `${name}:*:19000:0:99999:7:::`),
      sudoers: "deploy ALL=(ALL:ALL) NOPASSWD: ALL\n",
    };
    for (const [name, text] of Object.entries(own)) {
      const before = fs.readFileSync(`/etc/${name}`, "utf8");
      fs.writeFileSync(path.join(etc, name), before + text);
      fs.chmodSync(path.join(etc, name), fs.statSync(`/etc/${name}`).mode);
    }
    fs.chmodSync(folder, 0o711); // sshd reads the keys that it accepts as the user who comes
    const script = [
      "mount -t tmpfs -o mode=755 tmpfs /home",
      ...Object.entries(USERS).map(([name, id]) => `install -d -m 700 -o ${id} -g ${id} /home/${name}`),
      `mkdir /home/lab && mount --bind "${folder}" /home/lab`,
      "mount -t tmpfs -o mode=700 tmpfs /root",
      ...["/tmp", "/var/tmp", "/dev/shm"].map((name) => `mount -t tmpfs -o mode=1777 tmpfs ${name}`),
      `mkdir -p "${folder}" && mount --bind /home/lab "${folder}"`,
      ...Object.keys(own).map((name) => `mount --bind "${etc}/${name}" /etc/${name}`),
      'exec "$@"',
    ].join(" && ");
    const prefix = ["unshare", "--mount", "sh", "-c", script, "-"];
    return new StockHost(await Sshd.start(path.join(folder, "sshd"), {}, { address: "127.0.0.1", prefix }));
  }

  private constructor(
    /** Where it answers. */
    public readonly sshd: Sshd,
  ) {}

  /** Runs a script as somebody who is logged in. */
  public as(user: User, script: string): string {
    const options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"];
    const words = [...options, "-p", `${this.sshd.port}`, "-l", user, "127.0.0.1", "exec sh -s"];
    const { status, stdout, stderr } = spawnSync("ssh", words, {
      input: script,
      env: { ...process.env, ...this.sshd.environment },
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`the script of ${user} ended with ${status}: ${stdout}${stderr}`);
    return stdout.trim();
  }

  /** The files of the host that contain one of some texts, wherever somebody may write, in order. */
  public whereIs(...texts: readonly string[]): string[] {
    const patterns = texts.map((text) => `-e '${text}'`).join(" ");
    const found = this.as(
      "root",
      `find /tmp /var/tmp /dev/shm /home /root /var/lib/homelab -xdev -type f -exec grep -lFa ${patterns} {} + 2>/dev/null || true\n`,
    );
    return found.split("\n").filter((one) => one !== "" && !one.startsWith("/home/lab"));
  }

  /** Ends it. */
  public stop(): void {
    this.sshd.stop();
  }
}
