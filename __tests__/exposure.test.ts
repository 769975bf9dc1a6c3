import * as fs from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import {
  Access,
  Backup,
  HomelabService,
  Ingress,
  Port,
  PostgresDatabase,
  Probe,
  Route,
  type Manifest,
  type Parts,
} from "../constructs";
import type { Homelab, HomelabConfig } from "../stacks";
import { reportExposure, type ExposureEntry } from "../plan/exposure";
import { host, synthesizeLab } from "./support/synthesis";

const validate = new Ajv().compile(
  JSON.parse(fs.readFileSync(path.join(__dirname, "../schemas/exposure.schema.json"), "utf8")),
);

function declare(parts: (lab: Homelab) => Parts, props: object = {}, config: Partial<HomelabConfig> = {}): Manifest {
  return synthesizeLab((lab) => {
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1",
      port: 80,
      user: "1000:1000",
      health: Probe.none("a test"),
      parts: { ...parts(lab), none: Backup.none("a test") },
      ...props,
    });
  }, config).manifest;
}

function entries(manifest: Manifest): readonly ExposureEntry[] {
  const report = reportExposure(manifest);
  expect([validate(report), validate.errors]).toEqual([true, null]);
  return report.entries;
}

test("a guarded route is told with who passes, its open paths with the reason", () => {
  const access = Access.twoFactor("group:family").bypass(["/hook"], { reason: "its callers have a token" });

  const found = entries(declare((lab) => ({ web: Route.in(lab.zone("example.com"), { access }) })));

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

  const found = entries(declare((lab) => ({ web: Route.internal(lab.zone("example.com"), { access }) })));

  expect(found).toMatchObject([{ from: "lan", isOpen: false, guard: "none: televisions can't sign in" }]);
});

test.each([
  ["loopback", "host", "127.0.0.1:2222/tcp"],
  ["lan", "lan", "192.168.1.11:2222/tcp"],
  ["everywhere", "internet", "app-01:2222/tcp"],
] as const)("a port published on %s is reached from there", (on, from, address) => {
  const found = entries(declare(() => ({ ssh: Port.publish(22, { as: 2222, on }) })));

  expect(found).toMatchObject([{ kind: "port", from, address, isOpen: on === "everywhere" }]);
});

test.each([
  ["with a public address", {}, "internet"],
  ["in the LAN alone", { publicAddress: undefined }, "lan"],
] as const)("a service on the network of a host %s opens every port that it likes", (_what, overrides, from) => {
  const hosts = [host("app-01", 11, overrides)];

  const found = entries(declare(() => ({}), { networkMode: "host" }, { hosts }));

  expect(found).toMatchObject([{ kind: "port", address: "app-01, any port", from, isOpen: from === "internet" }]);
});

test("a database is told with its roles, and a tunnel with the host that it ends at", () => {
  const edge = host("app-01", 11, { tunnelId: "6ff42ae2-765d-4adf-8112-31c55c1551ef" });
  const zones = { "example.com": { zoneId: "0".repeat(32), accountId: "1".repeat(32), ingress: Ingress.tunnel(edge) } };

  const found = entries(
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
  const manifest = declare((lab) => ({
    web: Route.in(lab.zone("example.com"), { access: Access.oneFactor() }),
    admin: Route.in(lab.zone("example.com"), { paths: ["/admin"], access: Access.twoFactor("group:admins") }),
    blog: Route.in(lab.zone("example.com"), { label: "blog", access: Access.public({ reason: "a blog" }) }),
  }));

  const { people } = reportExposure(manifest);

  expect(people.map(({ name, ownAddresses }) => [name, ownAddresses])).toEqual([
    ["everybody, without signing in", ["blog.example.com"]],
    ["everybody with an account", ["app.example.com"]],
    ["group:admins", ["app.example.com/admin"]],
  ]);
  expect(people[2]?.addresses).toEqual(["app.example.com", "app.example.com/admin", "blog.example.com"]);
});
