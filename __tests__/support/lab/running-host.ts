import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { createInterface, type Interface } from "node:readline";
import { makeSecret } from "../../../deploy/make-secret";
import { AUTHELIA } from "../authelia-program";
import { usersFileOf } from "../authelia-files";
import { Daemon } from "../daemon";
import { waitFor } from "../ports";
import type { StackJson, Synthesis } from "../synthesis";
import { TRAEFIK } from "../traefik-program";
import { CHANGES } from "./changes";
import { containersOf, described, portsOf, type LabContainer } from "./containers";
import type { LabNetwork } from "./network";
import { PASSWORD, SECOND_FACTORS } from "./people";
import { RootFolder } from "./root-folder";

const CONFIGURATION = "/config/configuration.yml";
const ENTRY_POINT = "websecure";

/** Made once: it is slow by design. */
const DIGEST = makeSecret({ digestOf: "the password" }, () => PASSWORD);

/** One host of a lab: its Traefik, its Authelia where it has one, and the rest of its containers as an imitation. */
export class RunningHost {
  /** The containers by name. */
  public containers = new Map<string, LabContainer>();
  /** What its programs said. */
  public readonly log: string;
  private readonly children: Daemon[] = [];
  private readonly others: ChildProcessWithoutNullStreams;
  private readonly told: Interface;
  private readonly unhealthy = new Set<string>();
  private roots = new Map<string, RootFolder>();
  private authelia: Daemon | undefined;
  private generation = 0;
  private static: string | undefined;
  private traefik: Daemon | undefined;
  private readonly addresses = new Map<string, string>();

  public constructor(
    /** The name. */
    public readonly name: string,
    /** The address in the LAN. */
    public readonly lanAddress: string,
    private readonly folder: string,
    private readonly certificates: string,
    private readonly network: LabNetwork,
    private readonly isExchanged: boolean,
  ) {
    this.log = path.join(folder, "log");
    fs.writeFileSync(this.state, JSON.stringify({ containers: [], services: {} }));
    const script = path.join(__dirname, "containers-of-a-host.js");
    const words = ["setpriv", "--pdeathsig", "TERM", process.execPath, script, this.state];
    this.others = spawn("env", [...network.on(`${name}-c`), ...words]);
    this.others.stderr.pipe(process.stderr);
    this.told = createInterface({ input: this.others.stdout });
  }

  /** Hands a lab to the programs, and starts those that do not run yet. */
  public async use(made: Synthesis, generation: number): Promise<void> {
    this.generation = generation;
    const stack = made.stacks[this.name];
    if (!stack) throw new Error(`the lab has no host ${this.name}`);
    this.containers = new Map(containersOf(stack, this.addresses).map((container) => [container.name, container]));
    await this.tellContainers();
    await this.runAuthelia(made);
    await this.runTraefik(stack);
  }

  /** Reports a container as healthy or not. */
  public async setHealth(container: string, health: "healthy" | "unhealthy"): Promise<void> {
    if (health === "healthy") this.unhealthy.delete(container);
    else this.unhealthy.add(container);
    await this.tellContainers();
  }

  /** Ends its programs. */
  public async stop(): Promise<void> {
    this.others.kill();
    await Promise.all(this.children.map((child) => child.stop()));
  }

  private async runAuthelia(made: Synthesis): Promise<void> {
    if (!this.containers.has("authelia")) return;
    const stack = made.stacks[this.name];
    const { root, isNew } = this.rootOf("authelia");
    if (stack)
      root.place(stack, (file, content) => (file.endsWith("/configuration.yml") ? CHANGES.authelia(content) : content));
    root.write("/config/users.yml", usersFileOf(made, DIGEST));
    if (!isNew) {
      const before = this.timesRead();
      this.authelia?.signal("SIGHUP");
      await waitFor("Authelia has read its configuration", () => this.timesRead() > before);
      return;
    }
    root.install(AUTHELIA.path("homelab"));
    const factors = Object.entries(SECOND_FACTORS).map((factor) => factor.join("="));
    const command = root.command({ HOMELAB_TOTP: factors.join() }, "homelab", "serve", CONFIGURATION);
    this.authelia = this.start([...this.network.on(`${this.name}-c`), ...command]);
  }

  private async runTraefik(stack: StackJson): Promise<void> {
    const name = `traefik-${this.name}`;
    const { root, isNew } = this.rootOf(name);
    const before = this.static;
    root.place(stack, (file, content) => {
      if (!file.endsWith("/traefik.yml")) return content;
      this.static = CHANGES.static(content, this.isExchanged);
      return this.static;
    });
    root.write("/etc/traefik/dynamic/tests.yml", CHANGES.dynamic(this.generation, ENTRY_POINT));
    if (isNew) {
      for (const file of ["ca.pem", "cert.pem", "key.pem"])
        root.write(`/tests/${file}`, fs.readFileSync(path.join(this.certificates, file), "utf8"));
      root.install(TRAEFIK.path("traefik"));
      for (const { address, json } of this.containers.values()) {
        for (const { ip, external, internal } of json.name === name ? [] : (json.ports ?? []))
          this.network.publish(this.name, ip, external, address, internal);
      }
    }
    // A deployment replaces the container when its static configuration is another one.
    if (before === this.static) return;
    await this.traefik?.stop("SIGKILL");
    const command = root.command({ SSL_CERT_FILE: "/tests/ca.pem" }, "traefik");
    this.traefik = this.start([...this.network.on(this.name), ...command]);
  }

  private timesRead(): number {
    return fs.readFileSync(this.log, "utf8").split("The configuration was read anew").length;
  }

  private async tellContainers(): Promise<void> {
    const containers = [...this.containers.values()].filter(({ name }) => name !== "authelia");
    const services = containers.flatMap((one) => portsOf(one).map((port) => [`${one.address}:${port}`, one.name]));
    const tests = {
      name: "tests",
      resource: "tests",
      address: "172.18.0.2",
      json: {
        labels: Object.entries(CHANGES.labels(this.generation, ENTRY_POINT)).map(([label, value]) => ({
          label,
          value,
        })),
        networks_advanced: [{ name: "proxy" }],
      },
    };
    const state = {
      containers: [...this.containers.values(), tests].map((one) =>
        described(one, this.unhealthy.has(one.name) ? "unhealthy" : "healthy"),
      ),
      services: Object.fromEntries([...services, ["172.18.0.2:2376", "tests"]]),
    };
    fs.writeFileSync(`${this.state}.new`, JSON.stringify(state));
    fs.renameSync(`${this.state}.new`, this.state);
    const followed = new Promise<void>((resolve) => this.told.once("line", () => resolve()));
    this.others.stdin.write("\n");
    await followed;
  }

  private rootOf(name: string): { readonly root: RootFolder; readonly isNew: boolean } {
    const known = this.roots.get(name);
    if (known) return { root: known, isNew: false };
    const container = this.containers.get(name);
    if (!container) throw new Error(`host ${this.name} has no container ${name}`);
    const root = new RootFolder(path.join(this.folder, name), container);
    root.write("/etc/hosts", [...this.containers.values()].map((one) => `${one.address} ${one.name}\n`).join(""));
    this.roots.set(name, root);
    return { root, isNew: true };
  }

  private start(command: readonly string[]): Daemon {
    const child = new Daemon(command, this.log);
    this.children.push(child);
    return child;
  }

  private get state(): string {
    return path.join(this.folder, "state.json");
  }
}
