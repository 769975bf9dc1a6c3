import type { App } from "cdktf";
import { Access, Backup, Generations, HomelabService, Ingress, Ledger, Probe, Route, Volume } from "../../constructs";
import { Homelab } from "../../stacks";
import { offlinePlan } from "../../testing";
import "../../testing/jest";

/** The lab of this example, with what a test changes about it. */
function lab({ tag = "1.23.15", name = "status", formerly }: { tag?: string; name?: string; formerly?: string } = {}) {
  return (app: App): void => {
    const home = new Homelab(app, {
      hosts: [
        {
          name: "box",
          lanAddress: "192.168.1.10",
          publicAddress: "203.0.113.10",
          ssh: {
            user: "deploy",
            hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT",
          },
          backedUpBy: "the hypervisor, the whole machine each night",
        },
      ],
      zones: { "example.com": { zoneId: "0123456789abcdef0123456789abcdef", ingress: Ingress.direct() } },
      ledger: Ledger.inMemory(),
      generations: Generations.inMemory(),
    });
    new HomelabService(home.host("box"), name, {
      formerly,
      image: `docker.io/louislam/uptime-kuma:${tag}`,
      port: 3001,
      health: Probe.command(["extra/healthcheck"]),
      parts: {
        web: Route.in(home.zone("example.com"), { label: "status", access: Access.twoFactor("group:admins") }),
        data: Volume.at("/app/data"),
        nightly: Backup.nightly(),
      },
    });
  };
}

/** The tests of the guide. */
export function labTests(): void {
  jest.setTimeout(60_000);

  test("an update restarts the service, keeps its data and opens nothing", async () => {
    const plan = await offlinePlan(lab({ tag: "1.23.16" }), { base: lab({ tag: "1.23.15" }) });

    expect(plan).toRestartOnly("status");
    expect(plan).toDestroyNothing();
    expect(plan).toKeepData();
    expect(plan).not.toExpose("status.example.com");
  });

  test("a rename keeps the data only where it is declared", async () => {
    const declared = await offlinePlan(lab({ name: "kuma", formerly: "status" }), { base: lab() });
    const forgotten = await offlinePlan(lab({ name: "kuma" }), { base: lab() });

    expect(declared).toKeepData();
    expect(forgotten).not.toKeepData();
  });
}
