import {
  Access,
  Duration,
  Heartbeat,
  HomelabService,
  Job,
  Port,
  Probe,
  Route,
  UptimeMonitor,
  type Parts,
} from "../../../constructs";
import type { Homelab, HomelabConfig } from "../../../stacks";
import { errorOf, inventory, placement, scriptOf, synthesizeLab, type Synthesis } from "../../support/synthesis";

const basic = { image: "example/app:1.0.0", port: 80, user: "1:1", health: Probe.http("/up") } as const;

function declare(lab: Homelab, parts: (lab: Homelab) => Parts): HomelabService {
  return new HomelabService(lab.host("app-01"), "app", { ...basic, parts: parts(lab) });
}

function monitored(parts: (lab: Homelab) => Parts, overrides: Partial<HomelabConfig> = {}): Synthesis {
  return synthesizeLab((lab) => declare(lab, parts), overrides);
}

test("a monitor is paused until its service is engaged", () => {
  const parts = (lab: Homelab): Parts => ({
    web: Route.in(lab.zone("example.com")),
    up: UptimeMonitor.http(lab.monitoring),
  });
  const { monitoring } = inventory();

  expect(monitored(parts).stacks.monitoring?.resource.uptimekuma_monitor_http?.app_up.active).toBe(false);
  expect(
    monitored(parts, { monitoring: { ...monitoring, engaged: ["app"] } }).stacks.monitoring?.resource
      .uptimekuma_monitor_http?.app_up.active,
  ).toBe(true);
});

test("a guarded route is up when it leads to the sign-on", () => {
  const { stacks } = monitored((lab) => ({
    web: Route.in(lab.zone("example.com")),
    up: UptimeMonitor.http(lab.monitoring, { interval: Duration.minutes(5), retries: 1 }),
  }));

  expect(stacks.monitoring?.resource.uptimekuma_monitor_http?.app_up).toMatchObject({
    url: "https://app.example.com/up",
    max_redirects: 0,
    accepted_status_codes: ["200-299", "302", "401"],
    interval: 300,
    max_retries: 1,
  });
});

test("an open path of a guarded route has to answer itself", () => {
  const { stacks } = monitored((lab) => ({
    up: UptimeMonitor.http(lab.monitoring), // before the route: the order of parts means nothing
    web: Route.in(lab.zone("example.com"), { access: Access.twoFactor().bypass(["/up"], { reason: "health" }) }),
  }));

  expect(stacks.monitoring?.resource.uptimekuma_monitor_http?.app_up.accepted_status_codes).toEqual(["200-299"]);
});

test("a keyword and a port can be watched too, with notifications by name", () => {
  const { stacks } = monitored((lab) => ({
    web: Route.in(lab.zone("example.com"), { access: Access.public({ reason: "test" }) }),
    ssh: Port.publish(22, { as: 2222 }),
    word: UptimeMonitor.keyword(lab.monitoring, "it's ${up}", { path: "/", notifications: ["ntfy"] }),
    port: UptimeMonitor.tcp(lab.monitoring, 2222),
  }));
  const { uptimekuma_monitor_http_keyword: word, uptimekuma_monitor_tcp_port: port } =
    stacks.monitoring?.resource ?? {};

  expect(word?.app_word).toMatchObject({
    keyword: "it's $${up}",
    notification_ids: ["${data.uptimekuma_notification.notification_ntfy.id}"],
  });
  expect(stacks.monitoring?.data.uptimekuma_notification.notification_ntfy).toEqual({ name: "ntfy" });
  expect(port?.app_port).toMatchObject({ hostname: "192.168.1.11", port: 2222 });
});

test("a heartbeat is pinged at an address that needs nothing from another stack", () => {
  const { stacks, dependencies } = synthesizeLab(
    (lab) =>
      new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        parts: { alive: Heartbeat.every(Duration.days(1), { on: lab.monitoring }) },
        environment: ({ alive }) => ({ PING_URL_FILE: alive.urlFile() }),
      }),
  );

  expect(stacks.monitoring?.resource.healthchecksio_check?.app_alive).toMatchObject({
    name: "app-alive",
    slug: "app-alive",
    timeout: 86_400,
    grace: 3600,
  });
  expect(placement(stacks["app-01"]?.resource.null_resource?.app_run_secrets).alive_url?.content).toBe(
    '${base64encode(join("", ["https://hc.example.com/ping/", var.homelab_healthchecks_ping_key, "/app-alive"]))}',
  );
  expect(dependencies.monitoring).toEqual(["app-01"]);
});

test("a job is a timer of the host that runs a command in the container", () => {
  const { stacks, manifest } = monitored(() => ({
    clean: Job.cron("30 4 * * 0", { command: ["sh", "-c", 'echo "100%" $HOME'], user: "1000" }),
    often: Job.every(Duration.minutes(10), { command: ["true"] }),
  }));
  const { app_clean: clean, app_often: often } = stacks["app-01"]?.resource.null_resource ?? {};

  expect(clean.triggers.timer).toContain("OnCalendar=Sun *-*-* 04:30:00 Etc/UTC\nPersistent=true");
  expect(clean.triggers.service).toContain(
    'ExecStart=/usr/bin/docker exec --user 1000 app sh -c "echo \\"100%%\\" $$HOME"',
  );
  expect(often.triggers.timer).toContain("OnBootSec=300s\nOnUnitInactiveSec=600s");
  expect(scriptOf(often)).toContain("systemctl disable --now");
  expect(manifest.services[0]?.jobs).toHaveLength(2);
});

describe("what can't be watched", () => {
  test.each<[string, (lab: Homelab) => Parts, string]>([
    [
      "a service without a route",
      (lab) => ({ up: UptimeMonitor.http(lab.monitoring) }),
      `service "app", part "up": the service has no route to ask`,
    ],
    [
      "a route that isn't there",
      (lab) => ({ web: Route.in(lab.zone("example.com")), up: UptimeMonitor.http(lab.monitoring, { route: "wbe" }) }),
      `'route' names "wbe", the routes are "web"`,
    ],
    [
      "a keyword behind the sign-on",
      (lab) => ({ web: Route.in(lab.zone("example.com")), up: UptimeMonitor.keyword(lab.monitoring, "x") }),
      "asks for sign-on and would never show the keyword",
    ],
    [
      "more often than Uptime Kuma can",
      (lab) => ({ up: UptimeMonitor.tcp(lab.monitoring, 1, { interval: Duration.seconds(5) }) }),
      "must be at least 20 seconds",
    ],
    [
      "more seldom than Healthchecks can",
      (lab) => ({ up: Heartbeat.every(Duration.days(366), { on: lab.monitoring }) }),
      "'period' must be from a minute to a year",
    ],
  ])("fails for %s", (_what, parts, message) => {
    expect(errorOf((lab) => declare(lab, parts))).toContain(message);
  });

  test("fails for what the lab doesn't have", () => {
    expect(
      errorOf((lab) => declare(lab, () => ({ up: UptimeMonitor.tcp(lab.monitoring, 1) })), { monitoring: {} }),
    ).toContain("the lab has no Uptime Kuma");
    expect(errorOf((lab) => lab.monitoring, { monitoring: undefined })).toContain("the inventory has no 'monitoring'");
    expect(errorOf(() => undefined, { monitoring: { engaged: ["ghost"] } })).toContain(
      `'engaged' names "ghost", which is no service`,
    );
  });
});
