import type { Host } from "./host";
import type { Ingress } from "./ingress";
import { CLOUDFLARE, CONTAINERS } from "./networks";

/** Host names and paths of a public route, and the host whose proxy answers for them. */
export interface Forward {
  /** The host that the service runs on. */
  readonly host: Host;
  /** How people get there. */
  readonly ingress: Ingress;
  /** Whether Cloudflare proxies the names. */
  readonly proxied: boolean;
  /** The name of the route at that host's proxy. */
  readonly name: string;
  /** Host names. */
  readonly hosts: readonly string[];
  /** Paths, each with everything below it; empty means all. */
  readonly paths: readonly string[];
}

/** Where the public names of a lab lead, collected from its routes for the proxies and tunnels that stand before them. */
export class Forwards {
  private readonly all: Forward[] = [];

  /** Adds a route. */
  public add(forward: Forward): void {
    this.all.push(forward);
  }

  /** What one host's proxy hands on to the proxies of others, by name: `Ingress.through()` of that host. */
  public through(hostName: string): readonly Forward[] {
    return sorted(
      this.all.filter(
        ({ host, ingress }) =>
          ingress.kind === "through" && ingress.via?.name === hostName && host.hostName !== hostName,
      ),
    );
  }

  /** What a tunnel brings, by name. */
  public tunnelled(tunnelId: string): readonly Forward[] {
    return sorted(this.all.filter(({ ingress }) => ingress.kind === "tunnel" && ingress.via?.tunnelId === tunnelId));
  }

  /**
   * The networks from which a host's proxy gets requests in somebody else's name, and whose `X-Forwarded-For` it
   * believes: Cloudflare, the host of a tunnel or of an `Ingress.through()`.
   */
  public forwardersOf(hostName: string): string[] {
    const networks = this.all.flatMap(({ host, ingress: { kind, via }, proxied }) => {
      const answers = kind === "through" && via ? via.name : host.hostName;
      if (kind === "through" && via && host.hostName === hostName && via.name !== hostName) return [via.lanAddress];
      if (answers !== hostName) return [];
      if (kind === "tunnel" && via) return via.name === hostName ? CONTAINERS : [via.lanAddress];
      return proxied ? CLOUDFLARE : [];
    });
    return [...new Set(networks)];
  }
}

/** Sorted by names and paths. */
function sorted(forwards: readonly Forward[]): Forward[] {
  return forwards
    .map((forward) => ({ forward, key: `${forward.hosts.join()} ${forward.paths.join()}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ forward }) => forward);
}
