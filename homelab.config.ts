import { Ingress, Secrets, StorageLayout, type FirewallProps, type HostProps } from "./constructs";
import { Backend, type HomelabConfig } from "./stacks";

/** The LAN at home and the VPN that the rented machine is joined by. */
const LAN = ["192.168.1.0/24", "10.8.0.0/24"] as const;
const firewall: FirewallProps = { ssh: LAN, lan: LAN };

/** Who deploys, and from where. */
const deployer = {
  user: "deploy",
  authorizedKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEr3vT7wq0yXbq5mT1sVhV0pLk9d2nQf8uJcZ6gWbYtR anna"],
  from: LAN,
};

/** Runs what only the LAN and the tunnel reach. */
const app01: HostProps = {
  name: "app-01",
  lanAddress: "192.168.1.11",
  ssh: { ...deployer, hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT" },
  storage: StorageLayout.serviceFolders("/mnt/data/services", { linkFrom: "/srv" }),
  timeZone: "Europe/Berlin",
  firewall,
};

/** Has the graphics card and the media. */
const media01: HostProps = {
  name: "media-01",
  lanAddress: "192.168.1.12",
  ssh: { ...deployer, hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJm0cH0rXkqzJ5oR1n2pV8aQy7sT4uWbE6gL9dKfZx3C" },
  storage: StorageLayout.optHomelab(),
  timeZone: "Europe/Berlin",
  firewall,
};

/** A rented machine with a public address, and the end of the tunnel. */
const edge01: HostProps = {
  name: "edge-01",
  lanAddress: "10.8.0.1",
  publicAddress: "203.0.113.10",
  publicAddressV6: "2001:db8:10::1",
  ssh: { ...deployer, hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPq7wE2rT5yU8iO1aS4dF6gH9jK0lZxC3vB7nM2QwErT" },
  tunnelId: "6ff42ae2-765d-4adf-8112-31c55c1551ef",
  storage: StorageLayout.dockerVolumes(),
  firewall,
};

/** The inventory of the example lab. */
export const config: HomelabConfig = {
  hosts: [app01, media01, edge01],
  zones: {
    "example.com": {
      zoneId: "0123456789abcdef0123456789abcdef",
      accountId: "00112233445566778899aabbccddeeff",
      ingress: Ingress.tunnel(edge01),
    },
    "example.net": { zoneId: "fedcba9876543210fedcba9876543210", ingress: Ingress.through(edge01), proxied: false },
  },
  postgres: {
    main: { on: app01, image: "docker.io/library/postgres:17.2" },
    rented: {
      host: "db.example.org",
      adminRole: "lab_admin",
      superuser: false,
      sslMode: "verify-full",
      backedUpBy: "its provider, each night, kept for 30 days",
    },
  },
  monitoring: {
    uptimeKuma: { url: "https://kuma.example.com", username: "terraform" },
    healthchecks: { apiUrl: "https://hc.example.com/api/v1", pingUrl: "https://hc.example.com/ping" },
    engaged: ["forgejo", "vaultwarden"],
  },
  secrets: Secrets.fromSops("secrets/lab.sops.yaml"),
  backend: Backend.local({ directory: "state" }),
};
