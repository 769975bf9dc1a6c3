import { isIP } from "node:net";
import type { HostProps } from "../host/machine";
import { checkName } from "../values/names";
import { quote } from "../../contract/text";

/** How people get from the internet to a service, and so what its DNS records say. */
export class Ingress {
  /** Each service's own host has a public address. */
  public static direct(): Ingress {
    return new Ingress("direct", undefined, (host) => addressRecords(host.props));
  }

  /** One host has the public address; its Traefik forwards to the others. */
  public static through(host: HostProps): Ingress {
    return new Ingress("through", host, () => addressRecords(host));
  }

  /** A Cloudflare tunnel ends at one host; nothing is reached from the internet directly. */
  public static tunnel(host: HostProps): Ingress {
    if (host.tunnelId === undefined || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(host.tunnelId)) {
      throw new Error(
        `host ${quote(host.name)}: 'tunnelId' must be the tunnel's id, for example "6ff42ae2-765d-4adf-8112-31c55c1551ef", got ${quote(host.tunnelId)}`,
      );
    }
    const content = `${host.tunnelId}.cfargotunnel.com`;
    return new Ingress("tunnel", host, () => [{ type: "CNAME", content }]);
  }

  private constructor(
    /** The way in. */
    public readonly kind: "direct" | "through" | "tunnel",
    /** The host that all others are reached through. */
    public readonly via: HostProps | undefined,
    /** What the records of a service on a host are. */
    public readonly recordsFor: (host: { readonly props: HostProps }) => readonly RecordContent[],
  ) {}

  /** The ingress in words. */
  public get description(): string {
    return this.via === undefined ? this.kind : `${this.kind} ${this.via.name}`;
  }

  /** Whether the records only work when Cloudflare proxies them. */
  public get proxiedOnly(): boolean {
    return this.kind === "tunnel";
  }
}

/** What a DNS record says. */
export interface RecordContent {
  /** The type of record. */
  readonly type: "A" | "AAAA" | "CNAME";
  /** An address, or a host name without a dot at its end. */
  readonly content: string;
}

/** Where the name of a route leads, for one that doesn't follow its zone's ingress. */
export class DnsTarget {
  /** Fixed addresses, IPv4 or IPv6. */
  public static addresses(...addresses: readonly [string, ...string[]]): DnsTarget {
    return new DnsTarget(
      addresses.map((address) => {
        if (isIP(address) === 0) throw new Error(`DnsTarget.addresses() takes IP addresses, got ${quote(address)}`);
        return addressRecord(address);
      }),
    );
  }

  /** Another host name. */
  public static alias(hostName: string): DnsTarget {
    const content = hostName.toLowerCase().replace(/\.$/, "");
    checkName("hostName", content, "DnsTarget.alias()", "hostName");
    return new DnsTarget([{ type: "CNAME", content }]);
  }

  /** No record: somebody else knows the name, for example a resolver of the LAN. */
  public static unmanaged(): DnsTarget {
    return new DnsTarget([]);
  }

  private constructor(
    /** The records. */
    public readonly records: readonly RecordContent[],
  ) {}
}

/** The record for an address. An IPv6 address is shortened: Cloudflare's own form, else a change on every plan. */
export function addressRecord(address: string): RecordContent {
  if (isIP(address) === 4) return { type: "A", content: address };
  return { type: "AAAA", content: new URL(`http://[${address}]`).hostname.slice(1, -1) };
}

function addressRecords(host: HostProps): RecordContent[] {
  const { publicAddress, publicAddressV6 } = host;
  if (publicAddress === undefined && publicAddressV6 === undefined) {
    throw new Error(
      `host ${quote(host.name)} has no 'publicAddress' for the records of its zone: give it one, or use Ingress.through() or Ingress.tunnel() with a host that has`,
    );
  }
  if (publicAddress !== undefined && isIP(publicAddress) === 0) return [{ type: "CNAME", content: publicAddress }];
  return [publicAddress, publicAddressV6].flatMap((address) => (address === undefined ? [] : [addressRecord(address)]));
}
