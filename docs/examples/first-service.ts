import { Access, Backup, HomelabService, Ingress, Probe, Route, Volume, type Host, type Zone } from "../../constructs";
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
  uptimeKuma(lab.host("box"), { zone: lab.zone("example.com") });
});
