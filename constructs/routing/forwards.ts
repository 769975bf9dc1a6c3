import type { HostView } from "../host/host-view";
import type { Ingress } from "./ingress";
import { perLab, type LabConcern } from "../lab/lab";
import type { HostProps } from "../host/machine";
import { CLOUDFLARE, CONTAINERS, isNetwork } from "../../contract/networks";
import { quote } from "../../contract/text";

/** Host names and paths of a route, and the host whose proxy answers for them. */
export interface Forward {
  /** The host that the service runs on. */
  readonly host: HostView;
  /** The name of the route at that host's proxy. */
  readonly name: string;
  /** Host names. */
  readonly hosts: readonly string[];
  /** Paths, each with everything below it; empty means all. */
  readonly paths: readonly string[];
  /**
   * How people get there from the internet.
   *
   * @default - they don't, or somebody else leads them
   */
  readonly ingress?: Ingress;
  /** Whether Cloudflare proxies the names. */
  readonly proxied: boolean;
}

/** From where requests in somebody else's name come. */
interface Forwarder {
  readonly networks: readonly string[];
  /** The host whose proxy it is, if it is one of the lab. */
  readonly proxy?: string;
}

/** Where the names of a lab lead, collected from its routes for the proxies and tunnels that stand before them. */
export class Forwards implements LabConcern {
  /** Those of the lab that a construct is in. */
  public static readonly of = perLab(() => new Forwards());

  private readonly all: Forward[] = [];

  /** Adds a route. */
  public add(forward: Forward): void {
    this.all.push(forward);
  }

  /** What a host's own proxy answers for, by name. */
  public on(hostName: string): readonly Forward[] {
    return sorted(this.all.filter(({ host }) => host.hostName === hostName));
  }

  /**
   * What one host's proxy hands on to the proxies of others, by name: what people reach through it, and of every name
   * that it answers for what another host serves. Else its own route of the whole name would answer there, under the
   * rules of a path that it does not know.
   */
  public through(hostName: string): readonly Forward[] {
    const answered = new Set(
      this.all
        .filter((route) => route.host.hostName === hostName || proxyBefore(route)?.name === hostName)
        .flatMap(({ hosts }) => hosts),
    );
    return sorted(
      this.all
        .filter(({ host }) => host.hostName !== hostName)
        .map((route) => ({ ...route, hosts: route.hosts.filter((name) => answered.has(name)) }))
        .filter(({ hosts }) => hosts.length > 0),
    );
  }

  /** What a tunnel brings, by name. */
  public tunnelled(tunnelId: string): readonly Forward[] {
    return sorted(this.all.filter(({ ingress }) => ingress?.kind === "tunnel" && ingress.via?.tunnelId === tunnelId));
  }

  /**
   * The networks from which a host's proxy gets requests in somebody else's name, and whose `X-Forwarded-For` it
   * believes: Cloudflare, the end of a tunnel, the proxy of another host.
   */
  public forwardersOf(hostName: string): string[] {
    return unique(this.before(hostName).flatMap(({ networks }) => networks));
  }

  /** Those, and those that stand before them: whom a request may have passed on its way to a host. */
  public allForwardersOf(hostName: string): string[] {
    const passed = new Set([hostName]);
    for (const name of passed) for (const { proxy } of this.before(name)) if (proxy !== undefined) passed.add(proxy);
    return unique([...passed].flatMap((name) => this.forwardersOf(name)));
  }

  /** What is wrong with the hosts that forward. */
  public findings(): string[] {
    return this.hosts().flatMap(({ name }) =>
      this.forwardersOf(name)
        .filter((network) => !isNetwork(network))
        .map(
          (network) =>
            `host ${quote(name)} must know by its address who forwards requests to it, not by the name ${quote(network)}: make 'lanAddress' of that host an IP address`,
        ),
    );
  }

  private before(hostName: string): Forwarder[] {
    // Those that answer for a name which this host serves: see through().
    const names = new Set(this.all.filter(({ host }) => host.hostName === hostName).flatMap(({ hosts }) => hosts));
    const answering = new Set(
      this.all
        .filter(({ hosts }) => hosts.some((name) => names.has(name)))
        .flatMap((route) => [route.host.hostName, proxyBefore(route)?.name]),
    );
    const proxies = this.hosts()
      .filter(({ name }) => name !== hostName && answering.has(name))
      .map(({ name, lanAddress }) => ({ networks: [lanAddress], proxy: name }));
    const others = this.all.flatMap((route): Forwarder[] => {
      const { host, ingress, proxied } = route;
      if (ingress === undefined) return [];
      if (ingress.kind === "tunnel" && ingress.via) {
        if (host.hostName !== hostName) return [];
        return [{ networks: ingress.via.name === hostName ? CONTAINERS : [ingress.via.lanAddress] }];
      }
      const first = proxyBefore(route)?.name ?? host.hostName;
      return proxied && first === hostName ? [{ networks: CLOUDFLARE }] : [];
    });
    return [...proxies, ...others];
  }

  /** The hosts that may have a proxy. */
  private hosts(): HostProps[] {
    const all = this.all.flatMap((route) => [route.host.props, proxyBefore(route) ?? route.host.props]);
    return [...new Map(all.map((props) => [props.name, props])).values()];
  }
}

/** The host through which people reach a route, if its zone says so. */
function proxyBefore({ ingress }: Forward): HostProps | undefined {
  return ingress?.kind === "through" ? ingress.via : undefined;
}

function unique(networks: readonly string[]): string[] {
  return [...new Set(networks)];
}

/** Sorted by names and paths. */
function sorted(forwards: readonly Forward[]): Forward[] {
  return forwards
    .map((forward) => ({ forward, key: `${forward.hosts.join()} ${forward.paths.join()}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ forward }) => forward);
}
