import { MonitorHttp } from "../../.gen/providers/uptimekuma/monitor-http";
import { MonitorHttpKeyword } from "../../.gen/providers/uptimekuma/monitor-http-keyword";
import { MonitorTcpPort } from "../../.gen/providers/uptimekuma/monitor-tcp-port";
import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { Duration } from "../values/duration";
import type { MonitorFacts, RouteFacts } from "../../contract/service-facts";
import { MONITORS, type Monitoring } from "./monitoring";
import { checkPort } from "../values/names";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { ROUTES } from "../routing/route";
import { connectStacks } from "../lab/stack-order";
import { alternatives, literal, quote } from "../../contract/text";

/** Options of every monitor. */
export interface MonitorOptions {
  /**
   * Time between two checks, in whole seconds, at least 20.
   *
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;
  /**
   * Failed checks after which it alarms.
   *
   * @default 3
   */
  readonly retries?: number;
  /**
   * Notifications of Uptime Kuma, by their names there.
   *
   * @default - none: those that Uptime Kuma adds by default
   */
  readonly notifications?: readonly string[];
}

/** Options for `UptimeMonitor.http()` and `UptimeMonitor.keyword()`. */
export interface HttpMonitorOptions extends MonitorOptions {
  /**
   * The key of the route that is asked; one of a companion is `companion.route`.
   *
   * @default - the first route of the monitor's own container, else of the service
   */
  readonly route?: string;
  /**
   * The path that is asked.
   *
   * @default - the path of the health probe of the route's container, or `/`
   */
  readonly path?: string;
}

/** A monitor in Uptime Kuma. It is paused until the lab says that its service is engaged. */
export class UptimeMonitor {
  /**
   * Asks a route of the service as people do. On a route with sign-on, the redirect to it counts as up as well: it
   * proves the name, the certificate, the proxy and the sign-on.
   */
  public static http(monitoring: Monitoring, options: HttpMonitorOptions = {}): IServicePart<void> {
    return monitor(monitoring, options, (part) => {
      const { url, guarded } = target(part, options);
      return {
        kind: "http",
        target: url,
        define: (scope, common) => new MonitorHttp(scope, part.key, { ...common, ...httpConfig(url, guarded) }),
      };
    });
  }

  /** Asks a route and wants a word in the answer. The route, or the path, must be open. */
  public static keyword(monitoring: Monitoring, keyword: string, options: HttpMonitorOptions = {}): IServicePart<void> {
    return monitor(monitoring, options, (part) => {
      const { url, guarded } = target(part, options);
      if (guarded) {
        throw new Error(
          `${part.subject}: ${quote(url)} asks for sign-on and would never show the keyword, bypass() that path or use UptimeMonitor.http()`,
        );
      }
      return {
        kind: "keyword",
        target: url,
        define: (scope, common) =>
          new MonitorHttpKeyword(scope, part.key, { ...common, ...httpConfig(url, false), keyword: literal(keyword) }),
      };
    });
  }

  /** Opens a TCP connection to a port that is published on the host. */
  public static tcp(monitoring: Monitoring, port: number, options: MonitorOptions = {}): IServicePart<void> {
    return monitor(monitoring, options, (part) => {
      checkPort(port, part.subject, "port");
      const hostname = part.workload.host.props.lanAddress;
      return {
        kind: "tcp",
        target: `${hostname}:${port}`,
        define: (scope, common) => new MonitorTcpPort(scope, part.key, { ...common, hostname, port }),
      };
    });
  }

  private constructor() {}
}

interface CommonConfig {
  readonly name: string;
  readonly active: boolean;
  readonly interval: number;
  readonly retryInterval: number;
  readonly maxRetries: number;
  readonly notificationIds: number[] | undefined;
}

interface MonitorPlan {
  readonly kind: MonitorFacts["kind"];
  readonly target: string;
  readonly define: (scope: Construct, common: CommonConfig) => TerraformResource;
}

function monitor(
  monitoring: Monitoring,
  options: MonitorOptions,
  plan: (part: PartScope) => MonitorPlan,
): IServicePart<void> {
  return {
    bind: (part: PartScope) => {
      const { subject, workload } = part;
      const seconds = (options.interval ?? Duration.minutes(1)).toSeconds();
      if (seconds < 20)
        throw new Error(
          `${subject}: 'interval' must be at least 20 seconds, which is Uptime Kuma's limit, got ${seconds} s`,
        );
      monitoring.requireUptimeKuma(subject);
      part.whenBound(() => {
        const { kind, target: what, define } = plan(part);
        const engaged = monitoring.isEngaged(workload.serviceName);
        define(part.scopeIn(monitoring), {
          name: `${workload.containerName} ${part.key}`,
          active: engaged,
          interval: seconds,
          retryInterval: seconds,
          maxRetries: options.retries ?? 3,
          notificationIds: options.notifications?.map((name) => monitoring.notification(name)),
        });
        connectStacks(monitoring, workload, subject);
        part.say(MONITORS, { kind, target: what, engaged });
      });
    },
  };
}

function httpConfig(url: string, guarded: boolean) {
  return guarded
    ? { url: literal(url), maxRedirects: 0, acceptedStatusCodes: ["200-299", "302", "401"] }
    : { url: literal(url), acceptedStatusCodes: ["200-299"] };
}

function target(part: PartScope, options: HttpMonitorOptions): { url: string; guarded: boolean } {
  const { subject, workload } = part;
  const routes = workload.service.said(ROUTES);
  const route =
    options.route === undefined
      ? (routes.find(({ container }) => container === workload.containerName) ?? routes.at(0))
      : (routes.find((one) => one.part === [...workload.keyPath, options.route].join(".")) ??
        routes.find((one) => one.part === options.route));
  if (!route) {
    throw new Error(
      options.route === undefined
        ? `${subject}: the service has no route to ask, add a Route or use UptimeMonitor.tcp()`
        : `${subject}: 'route' names ${quote(options.route)}, the routes are ${alternatives(routes.map((one) => one.part))}`,
    );
  }
  const path = options.path ?? route.paths[0] ?? workload.service.container(route.container)?.health.path ?? "/";
  if (!path.startsWith("/")) throw new Error(`${subject}: 'path' must start with "/", got ${quote(path)}`);
  return { url: `https://${route.hosts[0]}${path}`, guarded: isGuarded(route, path) };
}

function isGuarded(route: RouteFacts, path: string): boolean {
  if (route.policy === "bypass") return false;
  const open = route.bypass.flatMap(({ paths }) => paths);
  return !open.some((prefix) => path === prefix || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}?`));
}
