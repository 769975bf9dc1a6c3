import * as fc from "fast-check";
import {
  Access,
  Backup,
  Companion,
  ConfigFile,
  Content,
  Duration,
  Egress,
  Heartbeat,
  HomelabService,
  HostPath,
  Ingress,
  Job,
  Port,
  PostgresDatabase,
  Probe,
  Reload,
  Route,
  Secret,
  SecretFile,
  UptimeMonitor,
  Volume,
  type Manifest,
  type Parts,
} from "../../../constructs";
import { reportExposure } from "../../../plan/exposure";
import { reportPlan } from "../../../plan/report";
import type { Homelab, HomelabConfig } from "../../../stacks";
import { errorOf, host, placedFiles, synthesizeLab, written, type Synthesis } from "../../support/synthesis";

const config: Partial<HomelabConfig> = {
  hosts: [host("app-01", 11, { firewall: { ssh: ["192.168.1.0/24"] } })],
  zones: { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.direct() } },
  postgres: { main: { host: "192.168.1.50", backedUpBy: "the tests" } },
};

/** One part of each kind, by its key; some are to be the companion's. */
function partsOf(lab: Homelab, moved: readonly string[] = []): Parts {
  const zone = lab.zone("example.com");
  const monitoring = lab.monitoring;
  return {
    open: Route.in(zone, { label: "open", access: Access.public({ reason: "everybody may" }) }),
    guarded: Route.in(zone, { label: "guarded", access: Access.twoFactor("group:family") }),
    lan: Route.internal(zone, { label: "lan" }),
    everywhere: Port.publish(1001, { on: "everywhere" }),
    some: Port.publish(1002, { on: "everywhere", from: ["10.0.0.0/8"] }),
    local: Port.publish(1003, { guard: "a token" }),
    db: PostgresDatabase.on(lab.postgres("main"), { readOnlyRole: true }),
    key: SecretFile.generated({ length: 32 }),
    token: Secret.asEnvironment({ reason: "the image reads no file" }),
    tidy: Job.every(Duration.hours(1), { command: ["tidy"] }),
    watch: UptimeMonitor.http(monitoring, { route: moved.includes("guarded") ? "queue.guarded" : "guarded" }),
    beat: Heartbeat.every(Duration.hours(1), { on: monitoring }),
    data: Volume.at("/data"),
    media: HostPath.at("/media", { from: "/mnt/media" }),
    settings: ConfigFile.at("/etc/app/app.conf", Content.text("a"), { onChange: Reload.watched() }),
    nightly: Backup.nightly(),
  };
}

const KEYS = Object.keys(
  (() => {
    let parts: Parts = {};
    synthesizeLab((lab) => void (parts = partsOf(lab)), config);
    return parts;
  })(),
);

/** A service and a companion that are alike, some of whose parts are the companion's. */
function synthesizeWith(moved: readonly string[]): Synthesis {
  return synthesizeLab((lab) => {
    const all = Object.entries(partsOf(lab, moved));
    const own = Object.fromEntries(all.filter(([key]) => !moved.includes(key)));
    const its = Object.fromEntries(all.filter(([key]) => moved.includes(key)));
    const container = { image: "example/app:1", port: 80, user: "1000:1000", health: Probe.none("a test") };
    new HomelabService(lab.host("app-01"), "app", {
      ...container,
      egress: Egress.none(),
      parts: { queue: Companion.container({ ...container, parts: its }), ...own },
    });
  }, config);
}

/** Whatever tells where a part is, the names that are made of it included, is left out. */
function withoutPlace<T>(value: T): T {
  const text = JSON.stringify(value)
    .replaceAll("app/queue/", "app/")
    .replaceAll("app_queue_", "app_")
    .replaceAll("app-queue", "app")
    .replaceAll('"queue.', '"');
  return inOrder(JSON.parse(text)) as T;
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inOrder(inner)]));
}

/** Directories hold the files of one container each; the firewall's are compared as rules. */
function files({ directories }: Manifest): unknown {
  const placed = directories.filter(({ path }) => path !== "/etc/homelab/firewall");
  return placed.flatMap(({ path, files: own, ...rest }) =>
    own.map((file) => ({ ...rest, ...file, path: `${path}/${file.name}` })),
  );
}

function told(made: Synthesis): unknown {
  const { manifest, stacks, dependencies } = made;
  const { directories: _directories, services, ...rest } = manifest;
  const head = { manifest, dependencies, stacks: [] };
  const rules = placedFiles(stacks["app-01"])["/etc/homelab/firewall/rules.nft"] ?? "";
  return withoutPlace({
    manifest: { ...rest, services: services.map(({ resources: _resources, ...service }) => service) },
    // Each container that has a directory has one of its own.
    resources: [...new Set(Object.values(withoutPlace(services[0]?.resources ?? {})).flat())],
    files: files(manifest),
    exposure: reportExposure(written(made)),
    plan: reportPlan({ head }, { ref: "none" }, []),
    firewall: rules.split("\n"),
  });
}

test("moving any part from a service into a companion changes manifest, exposure, plan and firewall in its place only", () => {
  const expected = told(synthesizeWith([]));

  fc.assert(
    fc.property(fc.subarray(KEYS), (moved) => {
      expect(told(synthesizeWith(moved))).toEqual(expected);
    }),
    { numRuns: 25, examples: [[KEYS], ...KEYS.map((key): [string[]] => [[key]])] },
  );
});

test("a companion's part says where it is", () => {
  const made = synthesizeWith(KEYS);
  const [service] = made.manifest.services;

  for (const list of ["routes", "ports", "databases", "jobs", "monitors", "backups", "hostPaths"] as const) {
    expect(service?.[list]).not.toEqual([]);
    for (const fact of service?.[list] ?? [])
      expect(fact).toMatchObject({ part: expect.stringMatching(/^queue\./), container: "app-queue" });
  }
  expect(reportExposure(written(made)).entries).toContainEqual(
    expect.objectContaining({ service: "app", part: "queue.open", container: "app-queue", isOpen: true }),
  );
});

test("what a companion's database needs passes the egress of its service", () => {
  const { stacks } = synthesizeWith(["db"]);

  expect(placedFiles(stacks["app-01"])["/etc/homelab/firewall/rules.nft"]).toMatch(/192\.168\.1\.50 .*5432/);
});

describe.each(["acknowledge", "egress", "needs", "networkMode"])("fails for %s of its own of", (option) => {
  const own = { image: "example/queue:1", port: 80, health: Probe.none("a test"), [option]: undefined };

  test.each([
    ["a companion", Companion.container(own)],
    ["a Redis", Companion.redis(own)],
    ["a PostgreSQL", Companion.postgres(own)],
  ])("%s", (_kind, queue) => {
    expect(
      errorOf((lab) => {
        new HomelabService(lab.host("app-01"), "app", {
          image: "example/app:1",
          health: Probe.none("a test"),
          parts: { queue },
        });
      }),
    ).toBe(`service "app", companion "queue": "${option}" is the service's, for all of its containers: set it there`);
  });
});
