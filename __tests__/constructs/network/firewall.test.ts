import * as fc from "fast-check";
import {
  Egress,
  HomelabService,
  PostgresDatabase,
  Backup,
  Port,
  Probe,
  Route,
  type FirewallProps,
} from "../../../constructs";
import type { Homelab, HomelabConfig } from "../../../stacks";
import { errorOf, host, placedFiles, synthesizeLab } from "../../support/synthesis";

const firewall: FirewallProps = { ssh: ["192.168.1.0/24"] };
const hosts = (own: Partial<Parameters<typeof host>[2]> = { firewall }) => [
  host("app-01", 11, own),
  host("app-02", 12),
];

function service(lab: Homelab, name: string, options: object = {}, on = "app-01"): HomelabService {
  return new HomelabService(lab.host(on), name, {
    image: "example/app:1",
    port: 80,
    health: Probe.none("test"),
    ...options,
  });
}

function rules(declare: (lab: Homelab) => void, config: Partial<HomelabConfig> = { hosts: hosts() }): string {
  const { stacks } = synthesizeLab(declare, config);
  return placedFiles(stacks["app-01"])["/etc/homelab/firewall/rules.nft"] ?? "";
}

const publishing = (...ports: Parameters<typeof Port.publish>[]) => ({
  parts: Object.fromEntries(ports.map((port, index) => [`p${index}`, Port.publish(...port)])),
});

test("opens what is published, as it is published, and no more", () => {
  const text = rules((lab) => {
    service(lab, "one", publishing([22, { as: 2222 }], [80, { on: "everywhere" }], [81, { on: "loopback" }]));
    service(lab, "two", publishing([53, { protocol: "udp", from: ["10.0.0.53", "fd00::53"] }]));
  });

  const accepted = [...text.matchAll(/ct status dnat (.*) accept comment "(.*)"/g)].map(
    ([, rule, by]) => `${by}: ${rule}`,
  );
  const lan = "ct original ip daddr 192.168.1.11 meta l4proto";
  expect(accepted).toEqual([
    `two: ip saddr { 10.0.0.53 } ${lan} udp ct original proto-dst 53`,
    "one: meta l4proto tcp ct original proto-dst 80",
    `one: ip saddr @lan_ip ${lan} tcp ct original proto-dst 2222`,
  ]);
  expect(text).not.toMatch(/flush ruleset|dport 81/);
});

test("opens a port that another host's service asked for to that host only, and to the LAN when somebody else asks too", () => {
  const declare = (wide: boolean) => (lab: Homelab) => {
    const api = service(lab, "api");
    api.reachableFrom(lab.host("app-02"));
    if (wide) api.reachableFromLan();
  };

  expect(rules(declare(false))).toContain("ip saddr { 192.168.1.12 } ip daddr 192.168.1.11 tcp dport 80");
  expect(rules(declare(true))).toContain("ip saddr @lan_ip ip daddr 192.168.1.11 tcp dport 80");
});

test("a service that may reach nothing still reaches its database on another host", () => {
  const text = rules(
    (lab) =>
      void service(lab, "app", {
        egress: Egress.none(),
        parts: { db: PostgresDatabase.on(lab.postgres("main")), none: Backup.none("test") },
      }),
    { hosts: hosts(), postgres: { main: { host: "192.168.1.30" } } },
  );

  expect(text).toMatch(/chain egress_app \{[^}]*ip daddr 192\.168\.1\.30 tcp dport 5432 accept\n\s*counter reject/);
});

test("the network of a restricted service has the bridge that the firewall knows, and comes first", () => {
  const { stacks } = synthesizeLab(
    (lab) => void service(lab, "app", { egress: Egress.lan(), parts: { web: Route.in(lab.zone("example.com")) } }),
    { hosts: hosts() },
  );
  const { docker_network: networks, docker_container: containers } = stacks["app-01"]?.resource ?? {};
  const bridge = networks?.app_network.options["com.docker.network.bridge.name"];

  expect(bridge).toMatch(/^hl-[0-9a-f]{12}$/);
  expect(placedFiles(stacks["app-01"])["/etc/homelab/firewall/rules.nft"]).toContain(
    `iifname "${bridge}" goto egress_app`,
  );
  expect(containers?.app.networks_advanced[0].name < networks?.proxy.name).toBe(true);
});

test("no order of declaration changes a rule", () => {
  const names = ["one", "two", "three", "four", "five"];
  const declared = (order: readonly string[]) =>
    rules((lab) => {
      for (const name of order) service(lab, name, publishing([80, { as: 8000 + names.indexOf(name) }]));
    });
  const expected = declared(names);

  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => declared(order) === expected),
    { numRuns: 10 },
  );
});

describe("is refused", () => {
  test.each<[string, (lab: Homelab) => void, Partial<HomelabConfig>, string]>([
    [
      "a port that two services publish",
      (lab) => {
        service(lab, "one", publishing([80, { as: 8080 }]));
        service(lab, "two", publishing([90, { as: 8080, on: "everywhere" }]));
      },
      {},
      'service "two": port "8080/tcp" of host "app-01" is already taken by service "one", publish it as another one',
    ],
    [
      "a port of the host itself",
      (lab) => void service(lab, "one", publishing([22])),
      {},
      'service "one": port "22/tcp" of host "app-01" is already taken by sshd, which deployments need',
    ],
    [
      "a port that a service on the host's network listens on",
      (lab) => {
        service(lab, "one", { networkMode: "host", port: 8123 });
        service(lab, "two", publishing([8123]));
      },
      {},
      'service "two": port "8123/tcp" of host "app-01" is already taken by service "one"',
    ],
    [
      "a network that is none",
      () => undefined,
      { hosts: hosts({ firewall: { ssh: ["192.168.1.0/33"] } }) },
      `host "app-01": 'firewall.ssh' must be addresses or networks like "192.168.1.0/24", got "192.168.1.0/33"`,
    ],
    [
      "a network with a zone",
      () => undefined,
      { hosts: hosts({ firewall: { ssh: ["fe80::1%eth0"] } }) },
      `host "app-01": 'firewall.ssh' must be addresses or networks like "192.168.1.0/24", got "fe80::1%eth0", with a zone, which only one machine knows: leave it out`,
    ],
    [
      "a length that nft takes for octal",
      () => undefined,
      { hosts: hosts({ firewall: { ...firewall, lan: ["10.0.0.0/032"] } }) },
      `host "app-01": 'firewall.lan' must be addresses or networks like "192.168.1.0/24", got "10.0.0.0/032", whose length must be a number from 0 to 32 without leading zeros`,
    ],
    [
      "an IPv4 address in IPv6, which matches nothing",
      (lab) => void service(lab, "one", publishing([80, { from: ["::ffff:10.0.0.1"] }])),
      {},
      `service "one", part "p0": 'from' must be addresses or networks like "192.168.1.0/24", got "::ffff:10.0.0.1", an IPv6 form of an IPv4 address, which no packet has`,
    ],
    [
      "a protocol that is a rule",
      () => undefined,
      {
        hosts: hosts({
          firewall: { ...firewall, open: [{ port: 1, protocol: "tcp dport 1 accept; tcp" as "tcp", reason: "test" }] },
        }),
      },
      `host "app-01": 'firewall.open.protocol' must be "tcp" or "udp", got "tcp dport 1 accept; tcp"`,
    ],
    [
      "a protocol of a published port",
      (lab) => void service(lab, "one", publishing([80, { protocol: "sctp" as "tcp" }])),
      {},
      `service "one", part "p0": 'protocol' must be "tcp" or "udp", got "sctp"`,
    ],
    [
      "a protocol of an egress",
      (lab) =>
        void service(lab, "one", { egress: Egress.to({ network: "192.0.2.1", port: 1, protocol: "icmp" as "tcp" }) }),
      {},
      `Egress.to(): 'protocol' must be "tcp" or "udp", got "icmp"`,
    ],
    [
      "a port that is published on a name",
      (lab) => void service(lab, "one", publishing([80])),
      { hosts: hosts({ firewall, lanAddress: "nas.example.org" }) },
      `service "one": port 80 is published on "nas.example.org", which no firewall can hold: make 'lanAddress' of host "app-01" an IP address without a zone`,
    ],
    [
      "sshd for nobody",
      () => undefined,
      { hosts: hosts({ firewall: { ssh: [] as unknown as [string] } }) },
      `host "app-01": 'firewall.ssh' must name the deployer's network`,
    ],
    [
      "an egress that no firewall holds",
      (lab) => void service(lab, "one", { egress: Egress.none() }, "app-02"),
      {},
      `service "one": 'egress' is held by the firewall of host "app-02", which has none`,
    ],
    [
      "an egress on the host's network",
      (lab) => void service(lab, "one", { egress: Egress.none(), networkMode: "host" }),
      {},
      `service "one": 'egress' can't be held for a container that shares the host's network`,
    ],
    [
      "a database by name behind an egress",
      (lab) =>
        void service(lab, "one", {
          egress: Egress.none(),
          parts: { db: PostgresDatabase.on(lab.postgres("main")), none: Backup.none("test") },
        }),
      {},
      `service "one": part "db" needs "db.example.org", a name that no firewall can hold`,
    ],
    [
      "a port for a network that no firewall holds",
      (lab) => void service(lab, "one", publishing([80, { from: ["10.0.0.1"] }]), "app-02"),
      {},
      `service "one", part "p0": 'from' is held by the firewall of host "app-02", which has none`,
    ],
  ])("%s", (_what, declare, config, message) => {
    expect(errorOf(declare, { hosts: hosts(), ...config })).toContain(message);
  });

  test("an egress to a name", () => {
    expect(() => Egress.to({ network: "smtp.example.com", port: 587 })).toThrow('got "smtp.example.com"');
  });
});
