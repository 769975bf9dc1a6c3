import { execFileSync, spawnSync } from "node:child_process";

/** Hosts of a network on this machine, each a network namespace, joined to the first by a cable. */
export class Namespaces {
  /** What is not there for it. */
  public static missing(): string | undefined {
    const name = `hlprobe${process.pid}`;
    const { status } = spawnSync("ip", ["netns", "add", name], { stdio: "ignore" });
    spawnSync("ip", ["netns", "del", name], { stdio: "ignore" });
    return status === 0 ? undefined : "no right to make a network namespace here";
  }

  private readonly names: string[] = [];

  /** Makes the host that all others are joined to. */
  public constructor(private readonly centre: string) {
    this.add(centre);
  }

  /** The name of a host's namespace. */
  public name(host: string): string {
    return `hl${process.pid}-${host}`;
  }

  /**
   * Makes a host with a cable to the first one, or to another; addresses are of that one's end and of the new one's,
   * with lengths.
   */
  public join(host: string, addresses: readonly (readonly [string, string])[], to: string = this.centre): void {
    this.add(host);
    const [near, far] = [`${host}0`, "eth0"];
    ip("link", "add", near, "netns", this.name(to), "type", "veth", "peer", far, "netns", this.name(host));
    for (const [own, other] of addresses) {
      for (const [name, device, address] of [
        [to, near, own],
        [host, far, other],
      ] as const)
        ip("-n", this.name(name), "addr", "add", address, "dev", device, ...(address.includes(":") ? ["nodad"] : []));
    }
    ip("-n", this.name(to), "link", "set", near, "up");
    ip("-n", this.name(host), "link", "set", far, "up");
    // By the first address of each kind.
    const ways = [false, true].flatMap((isV6) => addresses.find(([own]) => own.includes(":") === isV6)?.[0] ?? []);
    for (const own of ways)
      ip(
        "-n",
        this.name(host),
        ...(own.includes(":") ? ["-6"] : []),
        "route",
        "add",
        "default",
        "via",
        own.replace(/\/.*/, ""),
      );
  }

  /** Words that run a command on a host. */
  public on(host: string): string[] {
    return ["nsenter", `--net=/run/netns/${this.name(host)}`];
  }

  /** Runs a shell script on a host. */
  public run(host: string, script: string): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync("env", [...this.on(host), "bash", "-c", script], { encoding: "utf8" });
    return { status, said: stdout + stderr };
  }

  /** Removes all of them. */
  public remove(): void {
    for (const name of this.names) spawnSync("ip", ["netns", "del", name], { stdio: "ignore" });
  }

  private add(host: string): void {
    const name = this.name(host);
    ip("netns", "add", name);
    this.names.push(name);
    ip("-n", name, "link", "set", "lo", "up");
  }
}

function ip(...words: string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
}
