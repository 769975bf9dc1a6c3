import { Access, checkRoutePath } from "./access";
import { AccessControl } from "./access-control";
import { FactList } from "../lab/facts";
import { Forwards } from "./forwards";
import { addressRecord, type DnsTarget, type RecordContent } from "./ingress";
import type { RouteFacts } from "../../contract/service-facts";
import { checkPort } from "../values/names";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { routerLabels } from "./router-labels";
import type { IWorkload } from "../part/service-commons";
import { connectStacks } from "../lab/stack-order";
import { quote, snakeCase } from "../../contract/text";
import type { Zone } from "./zone";

/** Routes that lead to services. */
export const ROUTES = new FactList<RouteFacts>("routes");

/** Options for `Route.in()` and `Route.internal()`. */
export interface RouteOptions {
  /**
   * The label before the zone's name; `@` is the zone itself.
   *
   * @default - the service's name
   */
  readonly label?: string;
  /**
   * Further labels in the same zone that lead to the same service.
   *
   * @default - none
   */
  readonly aliases?: readonly string[];
  /**
   * The paths that the route is limited to, each with everything below it.
   *
   * @default - all paths
   */
  readonly paths?: readonly string[];
  /**
   * Who may pass.
   *
   * @default Access.twoFactor()
   */
  readonly access?: Access;
  /**
   * Whether Cloudflare proxies the record.
   *
   * @default - as the zone says; an internal name is never proxied
   */
  readonly proxied?: boolean;
  /**
   * Where the names lead.
   *
   * @default - the zone's ingress; for an internal name the host's LAN address
   */
  readonly target?: DnsTarget;
  /**
   * The port of the container.
   *
   * @default - the `port` of the service
   */
  readonly port?: number;
  /**
   * A service of Traefik itself in place of the container, `api@internal` for its dashboard.
   *
   * @default - the container's port
   */
  readonly internalService?: string;
  /**
   * What the container speaks on that port.
   *
   * @default "http"
   */
  readonly scheme?: "http" | "https" | "h2c";
  /**
   * Further middlewares of Traefik, after the sign-on, for example `secure@file`.
   *
   * @default - none
   */
  readonly middlewares?: readonly string[];
  /**
   * The entry point of Traefik.
   *
   * @default - the host's
   */
  readonly entryPoint?: string;
  /**
   * The certificate resolver of Traefik.
   *
   * @default - the host's
   */
  readonly certResolver?: string;
}

/** What a route hands out. */
export interface RouteHandle {
  /** The address that people type, without a slash at its end unless it has a path. */
  readonly url: string;
  /** The host name. */
  readonly host: string;
}

/** A name under which people reach a service: its DNS record, its router and who may pass. */
export class Route {
  /** A public name in a zone, reached through the zone's ingress. */
  public static in(zone: Zone, options: RouteOptions = {}): IServicePart<RouteHandle> {
    return { bind: (part: PartScope) => bind(part, zone, options, "public") };
  }

  /** A name that leads to the host's LAN address, with a router that answers the LAN only. */
  public static internal(zone: Zone, options: RouteOptions = {}): IServicePart<RouteHandle> {
    return { bind: (part: PartScope) => bind(part, zone, options, "lan") };
  }

  private constructor() {}
}

function bind(part: PartScope, zone: Zone, options: RouteOptions, reach: "public" | "lan"): RouteHandle {
  const { subject, workload, key } = part;
  const { host } = workload;
  const access = options.access ?? Access.twoFactor();
  const paths = options.paths ?? [];
  const { internalService } = options;
  const port = options.port ?? workload.port;
  if (internalService !== undefined && !/^[a-z]+@internal$/.test(internalService))
    throw new Error(
      `${subject}: 'internalService' must be one of Traefik's own, for example "api@internal", got ${quote(internalService)}`,
    );
  if (port === undefined)
    throw new Error(`${subject}: the route needs the container's port, set 'port' of the service`);
  checkPort(port, subject, "port");
  for (const path of paths) checkRoutePath(path, subject);
  checkBypass(access, paths, subject);
  const primary = zone.hostName(options.label ?? workload.serviceName, subject);
  const hosts = [primary, ...(options.aliases ?? []).map((label) => zone.hostName(label, subject))];
  const url = `https://${primary}${paths[0] ?? ""}`;

  for (const hostName of hosts) {
    for (const path of paths.length === 0 ? [""] : paths) zone.claim(hostName, path, subject);
    const proxied = reach === "public" && (options.proxied ?? zone.proxied);
    if (reach === "public" && !proxied && options.target === undefined && zone.props.ingress.proxiedOnly) {
      throw new Error(
        `${subject}: 'proxied' must not be false, a tunnel is reached through Cloudflare only: remove it`,
      );
    }
    for (const record of recordsOf(workload, zone, options, reach))
      workload.service.addShared(zone.addRecord({ ...record, hostName, proxied, by: subject }));
  }
  connectStacks(zone, workload, subject);

  const proxy = workload.onHostNetwork ? undefined : host.joinProxy();
  const name = `${workload.containerName}_${snakeCase(key)}`; // no container's name has an underscore
  part.contribute({
    labels: routerLabels({
      name,
      hosts,
      paths,
      reach,
      port,
      scheme: options.scheme ?? "http",
      internalService,
      guarded: access.policy !== "bypass",
      middlewares: options.middlewares ?? [],
      network: proxy?.name,
      entryPoint: options.entryPoint ?? host.proxy.entryPoint,
      certResolver: options.certResolver ?? host.proxy.certResolver,
      subject,
    }),
    ...(proxy && { networks: [{ name: proxy.name, aliases: [] }], dependsOn: [proxy.network] }),
  });
  part.say(ROUTES, {
    url,
    hosts,
    paths,
    reach,
    zone: zone.zoneName,
    policy: access.policy,
    subjects: access.subjects,
    reason: access.reason,
    bypass: access.bypassed,
  });
  AccessControl.of(workload).add({ subject, hosts, paths, access });
  const ingress = reach === "public" && options.target === undefined ? zone.props.ingress : undefined;
  Forwards.of(workload).add({ host, name, hosts, paths, ingress, proxied: options.proxied ?? zone.proxied });
  return { url, host: primary };
}

function recordsOf(
  workload: IWorkload,
  zone: Zone,
  { target }: RouteOptions,
  reach: "public" | "lan",
): readonly RecordContent[] {
  if (target) return target.records;
  if (reach === "public") return zone.props.ingress.recordsFor(workload.host);
  return [addressRecord(workload.host.props.lanAddress)];
}

function checkBypass(access: Access, paths: readonly string[], subject: string): void {
  if (paths.length === 0) return;
  for (const bypassed of access.bypassed.flatMap((entry) => entry.paths)) {
    if (!paths.some((path) => bypassed === path || bypassed.startsWith(`${path}/`))) {
      throw new Error(
        `${subject}: bypass() names ${quote(bypassed)}, which is not below the route's 'paths' ${quote(paths)}`,
      );
    }
  }
}
