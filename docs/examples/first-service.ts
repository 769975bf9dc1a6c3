import { Access, Backup, HomelabService, Ingress, Probe, Repository, Route, Volume } from "../../constructs";
import type { Host, Zone } from "../../constructs";
import { backupAgent } from "../../services";
import { Homelab, synthesize, type HomelabConfig } from "../../stacks";

const config: HomelabConfig = {
  hosts: [
    {
      name: "box",
      lanAddress: "192.168.1.10",
      publicAddress: "203.0.113.10",
      ssh: {
        user: "deploy",
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT",
      },
    },
  ],
  zones: { "example.com": { zoneId: "0123456789abcdef0123456789abcdef", ingress: Ingress.direct() } },
};

/** Where copies of all data go, over SSH. */
const store = Repository.ssh({
  host: "backup.example.org",
  user: "lab",
  path: "backups",
  hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGt5c0Vq9yJ2mB7rQ1wXh4dNfZ8uTe3LkPoSaUiCvGbR",
});

/** Uptime Kuma: knows the application, never the lab. */
export function uptimeKuma(host: Host, on: { readonly zone: Zone }) {
  return new HomelabService(host, "uptime-kuma", {
    image: "docker.io/louislam/uptime-kuma:1.23.16",
    port: 3001,
    health: Probe.command(["extra/healthcheck"]),
    parts: {
      web: Route.in(on.zone, { label: "status", access: Access.twoFactor("group:admins") }),
      data: Volume.at("/app/data"),
      nightly: Backup.nightly(),
    },
  });
}

synthesize((app) => {
  const lab = new Homelab(app, config);
  const box = lab.host("box");
  backupAgent(box, { repositories: { store } });
  uptimeKuma(box, { zone: lab.zone("example.com") });
});
