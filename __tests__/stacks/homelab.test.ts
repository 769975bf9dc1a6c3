import { App } from "cdktf";
import {
  Host,
  HomelabService,
  Monitoring,
  PostgresDatabase,
  PostgresServer,
  Probe,
  Route,
  Backup,
  UptimeMonitor,
  Volume,
  Zone,
  Ingress,
} from "../../constructs";
import { EdgeStack, Homelab, HostStack } from "../../stacks";
import { TerraformStack } from "cdktf";
import { addresses, errorOf, host, inventory, synthesize, synthesizeLab } from "../support/synthesis";

const basic = { image: "example/app:1.0.0", port: 80, health: Probe.none("test") } as const;

test("each stack configures only the providers that it needs", () => {
  const { stacks } = synthesizeLab((lab) => {
    new HomelabService(lab.host("app-01"), "app", {
      ...basic,
      parts: {
        web: Route.in(lab.zone("example.com")),
        db: PostgresDatabase.on(lab.postgres("main")),
        up: UptimeMonitor.http(lab.monitoring),
        none: Backup.none("test"),
      },
    });
  });

  expect(
    Object.fromEntries(Object.entries(stacks).map(([name, { provider }]) => [name, Object.keys(provider ?? {})])),
  ).toEqual({
    "app-01": ["docker"],
    "app-02": ["docker"],
    edge: ["cloudflare"],
    monitoring: ["uptimekuma"],
    "postgres-main": ["postgresql"],
  });
});

test("no stack reads another one's state", () => {
  const { stacks, dependencies } = synthesizeLab((lab) => {
    new HomelabService(lab.host("app-01"), "app", {
      ...basic,
      parts: { web: Route.in(lab.zone("example.com")), up: UptimeMonitor.http(lab.monitoring) },
    });
  });

  expect(JSON.stringify(stacks)).not.toContain("terraform_remote_state");
  expect(JSON.stringify(stacks)).not.toContain("cross-stack");
  expect(dependencies).toMatchObject({ edge: ["app-01"], monitoring: ["app-01"], "app-01": [] });
});

test.each<[string, (lab: Homelab) => unknown, string]>([
  ["host", (lab) => lab.host("app-1"), 'the inventory has no host "app-1", it has "app-01", "app-02"'],
  ["zone", (lab) => lab.zone("example.org"), 'the inventory has no zone "example.org", it has "example.com"'],
  ["database server", (lab) => lab.postgres("mian"), 'the inventory has no database server "mian", it has "main"'],
])("fails for an unknown %s, with the known ones", (_kind, look, message) => {
  expect(errorOf(look)).toBe(message);
});

test.each<[string, Parameters<typeof inventory>[0], string]>([
  [
    "two hosts of one name",
    { hosts: [host("app-01", 1), host("app-01", 2)] },
    'host "app-01" is in the inventory twice',
  ],
  [
    "a host named as another stack",
    { hosts: [host("edge", 1)] },
    `host "edge": 'name' must not be that of another stack`,
  ],
  ["a host with a bad name", { hosts: [host("App_01", 1)] }, `host "App_01": 'name' must be lowercase letters`],
  [
    "a host key that is none",
    { hosts: [host("app-01", 1, { ssh: { user: "deploy", hostKey: "AAAA" } })] },
    `host "app-01": 'ssh.hostKey' must be the host's public key as "ssh-keyscan 192.168.1.1" prints it`,
  ],
  [
    "an address that is none",
    { hosts: [host("app-01", 1, { lanAddress: "192.168.1.1 " })] },
    `host "app-01": 'lanAddress' must be lowercase labels`,
  ],
  [
    "an IPv6 address in the wrong place",
    { hosts: [host("app-01", 1, { publicAddress: "2001:db8::1" })] },
    "pass \"2001:db8::1\" as 'publicAddressV6'",
  ],
  [
    "a zone id that is none",
    { zones: { "example.com": { zoneId: "example.com", ingress: Ingress.direct() } } },
    `zone "example.com": 'zoneId' must be the 32 hexadecimal digits`,
  ],
  [
    "a zone that is no domain",
    { zones: { localhost: { zoneId: "0".repeat(32), ingress: Ingress.direct() } } },
    `'name' must be a domain`,
  ],
  [
    "an address of monitoring with a slash",
    { monitoring: { uptimeKuma: { url: "https://kuma/", username: "x" } } },
    `'uptimeKuma.url' must be an address without a slash`,
  ],
  [
    "a database server's address that is none",
    { postgres: { main: { host: "db example" } } },
    `database server "main": 'host' must be`,
  ],
])("fails for %s", (_what, overrides, message) => {
  expect(errorOf(() => undefined, overrides)).toContain(message);
});

test("fails for a tunnel to a host without one", () => {
  expect(() => Ingress.tunnel(host("edge", 1))).toThrow(`host "edge": 'tunnelId' must be the tunnel's id`);
});

test("the stacks work without an inventory", () => {
  const { stacks, manifest } = synthesize((app) => {
    const { host: machine } = new HostStack(app, "machine", { host: host("machine", 7) });
    const zone = new EdgeStack(app, "dns").addZone("example.com", {
      zoneId: "0".repeat(32),
      ingress: Ingress.direct(),
    });
    new HomelabService(machine, "app", { ...basic, parts: { web: Route.in(zone) } });
  });

  expect(addresses(stacks.machine)).toEqual([
    "docker_container.app",
    "docker_image.app_image",
    "docker_network.app_network",
    "docker_network.proxy",
  ]);
  expect(manifest.services.map(({ name, stack }) => [name, stack])).toEqual([["app", "machine"]]);
});

test("the constructs work in somebody's own stack", () => {
  const { stacks, manifest } = synthesize((app) => {
    const stack = new TerraformStack(app, "everything");
    const machine = new Host(stack, "host", host("machine", 7));
    const zone = new Zone(stack, "example.com", { zoneId: "0".repeat(32), ingress: Ingress.direct() });
    const server = PostgresServer.existing(stack, "main", { host: "db.example.org" });
    const monitoring = new Monitoring(stack, "monitoring", {
      uptimeKuma: { url: "https://kuma.example.com", username: "x" },
    });
    new HomelabService(machine, "app", {
      ...basic,
      parts: {
        web: Route.in(zone),
        db: PostgresDatabase.on(server),
        up: UptimeMonitor.http(monitoring),
        none: Backup.none("test"),
      },
    });
  });

  expect(Object.keys(stacks.everything?.resource ?? {}).sort()).toEqual([
    "cloudflare_dns_record",
    "cloudflare_ruleset",
    "docker_container",
    "docker_image",
    "docker_network",
    "postgresql_database",
    "postgresql_grant",
    "postgresql_role",
    "uptimekuma_monitor_http",
  ]);
  expect(manifest.services).toHaveLength(1);
});

test("what is wrong is found in somebody's own stack too", () => {
  const build = (app: App): void => {
    const machine = new Host(new TerraformStack(app, "own"), "host", host("machine", 7));

    new HomelabService(machine, "app", { ...basic, parts: { data: Volume.at("/data") } });
  };

  expect(() => synthesize(build)).toThrow('service "app" keeps data (data) that nobody backs up');
});
