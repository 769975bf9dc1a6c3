import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { waitFor } from "../ports";
import type { Synthesis } from "../synthesis";
import { TRAEFIK } from "../traefik-program";
import { Client, type WireAnswer, type WireRequest } from "./client";
import { LabNetwork } from "./network";
import { RunningHost } from "./running-host";

/** A synthesized lab whose proxies and sign-on run, in networks of this machine. */
export class RunningLab {
  /** Starts a lab; its hosts must have the addresses of `addressesOf()`. */
  public static async start(
    made: Synthesis,
    folder: string,
    options: { readonly isExchanged?: boolean } = {},
  ): Promise<RunningLab> {
    const names = made.manifest.zones.flatMap(({ name }) => [name, `*.${name}`]);
    execFileSync(TRAEFIK.path("homelab"), ["certify", folder, ...names]);
    const lab = new RunningLab(made, folder, options.isExchanged ?? false);
    try {
      await lab.use(made);
      return lab;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  private readonly network: LabNetwork;
  private readonly clients = new Map<string, Client>();
  private readonly hosts: RunningHost[];
  private generation = 0;

  private constructor(
    /** The lab. */
    public made: Synthesis,
    private readonly folder: string,
    isExchanged: boolean,
  ) {
    const hosts = made.manifest.hosts.filter(({ name }) =>
      Object.values<any>(made.stacks[name]?.resource.docker_container ?? {}).some((one) =>
        one.name.startsWith("traefik-"),
      ),
    );
    this.network = new LabNetwork(hosts);
    this.hosts = hosts.map(({ name, lanAddress }) => {
      fs.mkdirSync(path.join(folder, name));
      return new RunningHost(name, lanAddress, path.join(folder, name), folder, this.network, isExchanged);
    });
  }

  /** Hands the files, containers and rules of a lab to the programs that run, and waits until they have read them. */
  public async use(made: Synthesis): Promise<void> {
    this.made = made;
    this.generation++;
    for (const host of this.hosts) await host.use(made, this.generation);
    for (const host of this.hosts) {
      const zone = made.manifest.zones[0]?.name ?? "";
      for (const what of ["file", "docker"]) {
        await waitFor(`${host.name} has read its ${what} configuration`, async () => {
          const request = { name: `tests.${zone}`, method: "GET", path: `/tests-${what}-${this.generation}` };
          const headers = ["Host", request.name];
          return (await this.send("lan", { ...request, address: host.lanAddress, headers })).status === 200;
        });
      }
    }
  }

  /** Sends a request from somewhere. */
  public async send(place: string, request: WireRequest): Promise<WireAnswer> {
    const known = this.clients.get(place);
    const client = known ?? new Client(this.network.on(place), path.join(this.folder, "ca.pem"));
    this.clients.set(place, client);
    return client.send(request);
  }

  /** The address of a container, in the network of its host. */
  public addressOf(host: string, container: string): string {
    return this.hosts.find(({ name }) => name === host)?.containers.get(container)?.address ?? "";
  }

  /** Reports a container as healthy or not. */
  public async setHealth(host: string, container: string, health: "healthy" | "unhealthy"): Promise<void> {
    await this.hosts.find(({ name }) => name === host)?.setHealth(container, health);
  }

  /** Ends everything. */
  public async stop(): Promise<void> {
    for (const client of this.clients.values()) client.stop();
    await Promise.all(this.hosts.map((host) => host.stop()));
    this.network.remove();
  }
}
