import * as fs from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import fc from "fast-check";
import {
  Access,
  Backup,
  Companion,
  HomelabService,
  Ingress,
  Port,
  PostgresDatabase,
  Probe,
  Route,
  type FirewallProps,
  type HostProps,
  type Parts,
} from "../../constructs";
import type { Homelab, HomelabConfig } from "../../stacks";
import { exposureSummary, reportExposure, type ExposureEntry } from "../../plan/exposure";
import { host, synthesizeLab, written, type Synthesis } from "../support/synthesis";

const validate = new Ajv().compile(
  JSON.parse(fs.readFileSync(path.join(__dirname, "../../schemas/exposure.schema.json"), "utf8")),
);

function declare(parts: (lab: Homelab) => Parts, props: object = {}, config: Partial<HomelabConfig> = {}): Synthesis {
  return synthesizeLab((lab) => {
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1",
      port: 80,
      user: "1000:1000",
      health: Probe.none("a test"),
      parts: { ...parts(lab), none: Backup.none("a test") },
      ...props,
    });
  }, config);
}

function entries(made: Synthesis): readonly ExposureEntry[] {
  const report = reportExposure(written(made));
  expect([validate(report), validate.errors]).toEqual([true, null]);
  return report.entries;
}

/** What is open for services, and not for the hosts themselves. */
function ofServices(made: Synthesis): readonly ExposureEntry[] {
  return entries(made).filter(({ kind, service }) => kind !== "port" || service !== undefined);
}

test("a guarded route is told with who passes, its open paths with the reason", () => {
  const access = Access.twoFactor("group:family").bypass(["/hook"], { reason: "its callers have a token" });

  const found = ofServices(declare((lab) => ({ web: Route.in(lab.zone("example.com"), { access }) })));

  expect(found).toEqual([
    {
      kind: "route",
      address: "app.example.com",
      service: "app",
      part: "web",
      container: "app",
      from: "internet",
      who: ["group:family with two factors"],
      guard: "sign-on",
      isOpen: false,
    },
    {
      kind: "route",
      address: "app.example.com/hook",
      service: "app",
      part: "web",
      container: "app",
      from: "internet",
      who: ["everybody without signing in"],
      guard: "none: its callers have a token",
      isOpen: true,
    },
  ]);
});

test("a route of the LAN is open to nobody on the internet", () => {
  const access = Access.public({ reason: "televisions can't sign in" });

  const found = ofServices(declare((lab) => ({ web: Route.internal(lab.zone("example.com"), { access }) })));

  expect(found).toMatchObject([{ from: "lan", isOpen: false, guard: "none: televisions can't sign in" }]);
});

test.each([
  ["loopback", "host", "127.0.0.1:2222/tcp"],
  ["lan", "lan", "192.168.1.11:2222/tcp"],
  ["everywhere", "internet", "app-01:2222/tcp"],
] as const)("a port published on %s is reached from there", (on, from, address) => {
  const found = ofServices(declare(() => ({ ssh: Port.publish(22, { as: 2222, on }) })));

  expect(found).toMatchObject([{ kind: "port", from, address, isOpen: on === "everywhere" }]);
});

test.each([
  ["with a public address", {}, "internet"],
  ["in the LAN alone", { publicAddress: undefined }, "lan"],
] as const)("a service on the network of a host %s opens every port that it likes", (_what, overrides, from) => {
  const hosts = [host("app-01", 11, overrides)];

  const found = ofServices(declare(() => ({}), { networkMode: "host" }, { hosts }));

  expect(found).toMatchObject([{ kind: "port", address: "app-01, any port", from, isOpen: from === "internet" }]);
});

test("a database is told with its roles, and a tunnel with the host that it ends at", () => {
  const edge = host("app-01", 11, { tunnelId: "6ff42ae2-765d-4adf-8112-31c55c1551ef" });
  const zones = { "example.com": { zoneId: "0".repeat(32), accountId: "1".repeat(32), ingress: Ingress.tunnel(edge) } };

  const found = ofServices(
    declare(
      (lab) => ({ db: PostgresDatabase.on(lab.postgres("main"), { readOnlyRole: true }) }),
      {},
      { hosts: [edge], zones },
    ),
  );

  expect(found).toMatchObject([
    { kind: "database", address: "db.example.org:5432/app", from: "unknown", who: ["role app", "role app_readonly"] },
    { kind: "tunnel", address: "example.com to app-01" },
  ]);
});

test("each kind of person is told with what others don't pass to", () => {
  const made = declare((lab) => ({
    web: Route.in(lab.zone("example.com"), { access: Access.oneFactor() }),
    admin: Route.in(lab.zone("example.com"), { paths: ["/admin"], access: Access.twoFactor("group:admins") }),
    blog: Route.in(lab.zone("example.com"), { label: "blog", access: Access.public({ reason: "a blog" }) }),
  }));

  const { people } = reportExposure(written(made));

  expect(people.map(({ name, ownAddresses }) => [name, ownAddresses])).toEqual([
    ["everybody, without signing in", ["blog.example.com"]],
    ["everybody with an account", ["app.example.com"]],
    ["group:admins", ["app.example.com/admin"]],
  ]);
  expect(people[2]?.addresses).toEqual(["app.example.com", "app.example.com/admin", "blog.example.com"]);
});

const LAN = ["192.168.1.0/24"] as const;
const firewall: FirewallProps = { ssh: LAN, lan: LAN };

test.each<[string, Partial<HostProps>, readonly (readonly [string, string, boolean])[]]>([
  ["a firewall", { firewall }, [["app-01:22/tcp", "lan", false]]],
  [
    "no firewall",
    {},
    [
      ["app-01, whatever else it runs", "internet", true],
      ["app-01:22/tcp", "internet", true],
    ],
  ],
  [
    "no firewall, and no address of its own in the internet",
    { publicAddress: undefined },
    [
      ["app-01, whatever else it runs", "lan", false],
      ["app-01:22/tcp", "lan", false],
    ],
  ],
  [
    "no firewall, and an address in the LAN that is none of a LAN",
    { publicAddress: undefined, lanAddress: "198.51.100.7" },
    [
      ["app-01, whatever else it runs", "internet", true],
      ["app-01:22/tcp", "internet", true],
    ],
  ],
  [
    "another port of sshd that everybody reaches",
    { firewall: { ssh: ["0.0.0.0/0"], lan: LAN }, ssh: { ...host("app-01", 11).ssh, port: 2200 } },
    [["app-01:2200/tcp", "internet", true]],
  ],
  [
    "a port for an office",
    { firewall: { ...firewall, open: [{ port: 9100, from: ["198.51.100.0/24"], reason: "metrics" }] } },
    [
      ["app-01:22/tcp", "lan", false],
      ["app-01:9100/tcp", "internet", false],
    ],
  ],
])("a host with %s", (_what, overrides, expected) => {
  const found = entries(declare(() => ({}), {}, { hosts: [host("app-01", 11, overrides)] }));

  expect(found.map(({ address, from, isOpen }) => [address, from, isOpen])).toEqual(expected);
});

/** What opens a lab to everybody, each by another way. */
const OPENINGS: Readonly<Record<string, Opening>> = {
  "a route": { parts: (lab) => ({ r: Route.in(lab.zone("example.com"), { label: "r", access: OPEN }) }) },
  "a path of a guarded route": {
    parts: (lab) => ({
      b: Route.in(lab.zone("example.com"), {
        label: "b",
        access: Access.oneFactor().bypass(["/b"], { reason: "a test" }),
      }),
    }),
  },
  "a port": { parts: () => ({ p: Port.publish(1, { as: 5001, on: "everywhere" }) }) },
  "a port by UDP": { parts: () => ({ u: Port.publish(2, { as: 5002, on: "everywhere", protocol: "udp" }) }) },
  "a port with a guard": { parts: () => ({ g: Port.publish(3, { as: 5003, on: "everywhere", guard: "some" }) }) },
  "a port from 0.0.0.0/0": { parts: () => ({ f: Port.publish(4, { as: 5004, from: ["0.0.0.0/0"] }) }) },
  "a port of the firewall": { firewall: { open: [{ port: 9100, from: "everywhere", reason: "a test" }] } },
  "sshd in IPv6": { firewall: { ssh: ["192.168.1.0/24", "::/0"] } },
  "sshd in two halves": { firewall: { ssh: ["0.0.0.0/1", "128.0.0.0/1"] } },
  "a host without a firewall": { hosts: [host("app-02", 12)] },
  "a router by label": {
    change: (app) => {
      app.addLabel("traefik.http.routers.x.rule", "Host(`x.example.com`)");
      app.addLabel("traefik.enable", "true");
    },
  },
  "connections by label": {
    change: (app) => {
      app.addLabel("traefik.tcp.routers.y.rule", "HostSNI(`*`)");
      app.addLabel("traefik.enable", "true");
    },
  },
};

/** What keeps somebody from saying that nothing is open. */
const UNSEEN: Readonly<Record<string, Opening>> = {
  "the host's network by override": { change: (app) => app.container.addOverride("network_mode", "host") },
};

interface Opening {
  readonly parts?: (lab: Homelab) => Parts;
  readonly firewall?: Partial<FirewallProps>;
  readonly hosts?: readonly HostProps[];
  readonly change?: (app: HomelabService) => void;
}

const OPEN = Access.public({ reason: "a test" });

function opened(all: readonly Opening[], inCompanion: boolean): Synthesis {
  const firewalls = all.map((one) => one.firewall ?? {});
  const hosts = [
    host("app-01", 11, { firewall: firewalls.reduce<FirewallProps>((sum, one) => ({ ...sum, ...one }), firewall) }),
    ...all.flatMap((one) => one.hosts ?? []),
  ];
  return synthesizeLab(
    (lab) => {
      const parts = Object.assign({}, ...all.map((one) => one.parts?.(lab) ?? {})) as Parts;
      const basic = { image: "example/app:1", health: Probe.none("a test") };
      const app = new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        port: 80,
        parts: inCompanion ? { queue: Companion.container({ ...basic, port: 81, parts }) } : parts,
      });
      for (const { change } of all) change?.(app);
    },
    { hosts },
  );
}

test("that nothing is open is said only where nothing is, and all can be seen", () => {
  const [opening, hidden] = [Object.keys(OPENINGS), Object.keys(UNSEEN)];
  fc.assert(
    fc.property(fc.subarray(opening), fc.subarray(hidden), fc.boolean(), (open, not, inCompanion) => {
      const all = [...open.map((name) => OPENINGS[name] ?? {}), ...not.map((name) => UNSEEN[name] ?? {})];

      const said = exposureSummary(reportExposure(written(opened(all, inCompanion))));

      expect([open, not, said.startsWith("Nothing is open to everybody on the internet.")]).toEqual([
        open,
        not,
        open.length + not.length === 0,
      ]);
      if (open.length > 0) expect(said).toMatch(/^Open to everybody on the internet/);
    }),
    {
      numRuns: 60,
      examples: [
        ...opening.flatMap((name): [string[], string[], boolean][] => [
          [[name], [], false],
          [[name], [], true],
        ]),
        ...hidden.map((name): [string[], string[], boolean] => [[], [name], false]),
        [[], [], false],
      ],
    },
  );
});
