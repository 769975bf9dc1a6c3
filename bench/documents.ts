/**
 * How the documents that belong to a whole host grow with the services on it: access rules, firewall, forwarded routes,
 * tunnel ingress. 100 and 1000 services take turns; what counts is the ratio of their medians, measured in one run.
 */
import { App } from "cdktf";
import { Access, HomelabService, Ingress, Ledger, Port, Probe, Route, type HostProps } from "../constructs";
import { AccessControl, Forwards } from "../constructs/parts";
import { Homelab } from "../stacks";
import { forwardedRoutes } from "../services/platform/forwarded-routes";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT";
const TUNNEL = "6ff42ae2-765d-4adf-8112-31c55c1551ef";

/** Makes the documents of a lab with some services on one host; returns the milliseconds that it took. */
function documents(services: number): number {
  const app = new App({ outdir: "/nonexistent" });
  const machine = (name: string, number: number): HostProps => ({
    name,
    lanAddress: `192.168.1.${number}`,
    publicAddress: `203.0.113.${number}`,
    ssh: { user: "deploy", hostKey: HOST_KEY },
    tunnelId: TUNNEL,
    firewall: { ssh: ["192.168.1.0/24"] },
  });
  const [box, edge] = [machine("box", 1), machine("edge-01", 2)];
  const zone = { zoneId: "0".repeat(32), accountId: "0".repeat(32) };
  const lab = new Homelab(app, {
    hosts: [box, edge],
    zones: {
      "example.com": { ...zone, ingress: Ingress.tunnel(edge) },
      "example.net": { ...zone, ingress: Ingress.through(edge) },
    },
    ledger: Ledger.inMemory(),
  });
  const host = lab.host("box");
  for (let index = 0; index < services; index += 1) {
    new HomelabService(host, `service-${index}`, {
      image: "example/app:1",
      port: 80,
      health: Probe.none("a benchmark"),
      parts: {
        web: Route.in(lab.zone(index % 2 ? "example.com" : "example.net"), {
          access: Access.twoFactor(`group:g${index % 7}`).bypass(["/api"], { reason: "a benchmark" }),
        }),
        game: Port.publish(7000, { as: 10_000 + index }),
      },
    });
  }
  const [access, forwards] = [AccessControl.of(app), Forwards.of(app)];
  const started = performance.now();
  access.toYaml();
  access.findings();
  host.firewall?.rules();
  forwardedRoutes(forwards.through("edge-01"), "websecure", "letsencrypt");
  forwards.tunnelled(TUNNEL);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const SIZES = [100, 1000] as const;
const samples = new Map<number, number[]>(SIZES.map((size) => [size, []]));
for (let round = 0; round < 12; round += 1) {
  for (const size of SIZES) {
    // As much work for each size, so that each pays for collecting its own garbage.
    const times = 1000 / size;
    let took = 0;
    for (let time = 0; time < times; time += 1) took += documents(size);
    if (round > 1) samples.get(size)?.push(took / times); // the first ones compile
  }
}
const [small, large] = SIZES.map((size) => median(samples.get(size) ?? []));
for (const [size, took] of [
  [SIZES[0], small],
  [SIZES[1], large],
])
  console.log(`${size} services: ${took?.toFixed(1)} ms`);
console.log(`ratio: ${((large ?? 0) / (small ?? 1)).toFixed(1)}`);
