import { DnsRecord } from "@cdktf/provider-cloudflare/lib/dns-record";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Ingress, RecordContent } from "./ingress";
import { Lab, perLab } from "../lab/lab";
import type { Manifest } from "../../contract/manifest";
import { Members } from "../lab/members";
import { Owner } from "../lab/owner";
import { TunnelIngress } from "./tunnel-ingress";
import { checkName } from "../values/names";
import { identifier, quote } from "../../contract/text";
import { VisitorAddress } from "./visitor-address";

/** A DNS zone at Cloudflare. */
export interface ZoneProps {
  /** The zone's id at Cloudflare: 32 hexadecimal digits. */
  readonly zoneId: string;
  /** How people get to its services. */
  readonly ingress: Ingress;
  /**
   * The id of the Cloudflare account that the zone belongs to: 32 hexadecimal digits.
   *
   * @default - none, which `Ingress.tunnel()` refuses
   */
  readonly accountId?: string;
  /**
   * Whether Cloudflare proxies the records of its routes.
   *
   * @default true
   */
  readonly proxied?: boolean;
  /**
   * Who owns the zone's rules that change the headers of requests; a zone has one list of them, which Terraform takes
   * over as a whole. `"elsewhere"` is for a zone that has such rules: they must remove `X-Forwarded-For` and
   * `X-Real-IP`, or whoever asks through Cloudflare writes the address that the sign-on logs and bans.
   *
   * @default "lab" - the edge's stack makes the rule as soon as Cloudflare proxies a name
   */
  readonly transformRules?: "lab" | "elsewhere";
}

/** A DNS record that a route asks for. */
export interface RecordRequest extends RecordContent {
  /** The full host name. */
  readonly hostName: string;
  /** Whether Cloudflare proxies it. */
  readonly proxied: boolean;
  /** Who asks, for messages and for the record's comment. */
  readonly by: string;
}

/** A DNS zone, inside the stack of the edge. It owns the records of its routes. */
export class Zone extends Owner {
  /** Those of the lab that a construct is in. */
  public static readonly all = perLab(
    () =>
      new Members<Zone>("zone", {
        sections: (all) => ({
          zones: all.map((zone) => zone.facts),
          records: all.flatMap(({ records }) => records.map(recordFacts)).sort(byNameAndType),
        }),
      }),
  );

  /** The zone's name, `example.com`. */
  public readonly zoneName: string;
  /** Whether Cloudflare proxies the records of its routes. */
  public readonly proxied: boolean;

  private readonly made = new Map<string, DnsRecord>();
  private readonly requested = new Map<string, readonly RecordRequest[]>();
  /** What each host name and path leads to, for conflicts between services. */
  private readonly claims = new Map<string, string>();

  /** Defines a zone; `name` is its domain. */
  public constructor(
    scope: Construct,
    name: string,
    public readonly props: ZoneProps,
  ) {
    super(scope, name);
    const subject = `zone ${quote(name)}`;
    checkName("hostName", name, subject, "name");
    if (!name.includes("."))
      throw new Error(`${subject}: 'name' must be a domain, for example "example.com", got ${quote(name)}`);
    if (!/^[0-9a-f]{32}$/.test(props.zoneId)) {
      throw new Error(
        `${subject}: 'zoneId' must be the 32 hexadecimal digits of Cloudflare's overview page, got ${quote(props.zoneId)}`,
      );
    }
    if (props.ingress.proxiedOnly && props.proxied === false) {
      throw new Error(
        `${subject}: 'proxied' must not be false, a tunnel is reached through Cloudflare only: remove it`,
      );
    }
    const { accountId, ingress } = props;
    if (accountId === undefined ? ingress.kind === "tunnel" : !/^[0-9a-f]{32}$/.test(accountId)) {
      throw new Error(
        `${subject}: 'accountId' must be the 32 hexadecimal digits of Cloudflare's overview page, which a tunnel needs, got ${quote(accountId)}`,
      );
    }
    this.zoneName = name;
    this.proxied = props.proxied ?? true;
    const lab = Lab.of(this);
    Zone.all(this).add(name, this);
    const stack = TerraformStack.of(this);
    if (!stack.node.tryFindChild("Cloudflare")) new CloudflareProvider(stack, "Cloudflare");
    if (ingress.kind === "tunnel" && ingress.via && accountId !== undefined)
      TunnelIngress.of(stack, ingress.via, accountId);
    this.node.addValidation({ validate: () => [...lab.findingsThrough(this)] });
  }

  /** The full name of a label in this zone; `@` is the zone itself. */
  public hostName(label: string, subject: string): string {
    if (label === "@") return this.zoneName;
    for (const part of label.split(".")) checkName("dnsLabel", part, subject, "label");
    const hostName = `${label}.${this.zoneName}`;
    checkName("hostName", hostName, subject, "label");
    return hostName;
  }

  /** Takes a host name and path for a route, and refuses a second one. */
  public claim(hostName: string, path: string, by: string): void {
    const key = `${hostName}${path}`;
    const other = this.claims.get(key);
    if (other !== undefined) {
      throw new Error(
        `${by}: ${quote(key)} already leads to ${other}, give one of them another 'label' or other 'paths'`,
      );
    }
    this.claims.set(key, by);
  }

  /**
   * Defines a record, or takes part in one that says the same. The address comes from host name and type, whoever
   * asks: a name that left one address and entered another in one apply would be lost.
   *
   * @returns the resource of the record, which several may share
   */
  public addRecord(request: RecordRequest): DnsRecord {
    const { hostName, type, content, proxied, by } = request;
    const address = `${hostName}_${type.toLowerCase()}`;
    const same = this.requested.get(hostName) ?? [];
    for (const other of same) {
      const equal = other.type === type && other.content === content && other.proxied === proxied;
      const known = this.made.get(address);
      if (equal && known) return known;
      if (other.type === type || other.type === "CNAME" || type === "CNAME") {
        throw new Error(
          `${by} and ${other.by} want ${quote(hostName)} to be ${type} ${quote(content)}${proxied ? "" : ", not proxied,"} and ${other.type} ${quote(other.content)}${other.proxied ? "" : ", not proxied"}: give one of them another 'label'`,
        );
      }
    }
    this.requested.set(hostName, [...same, request]);
    if (proxied && this.props.transformRules !== "elsewhere") VisitorAddress.in(this);
    const record = new DnsRecord(this, `${hostName} ${type}`, {
      zoneId: this.props.zoneId,
      name: hostName,
      type,
      content,
      proxied,
      ttl: 1, // automatic, and the only value that a proxied record may have
    });
    record.overrideLogicalId(identifier(address));
    this.made.set(address, record);
    return record;
  }

  /** The zone as plain data. */
  public get facts(): Manifest["zones"][number] {
    const { ingress, accountId } = this.props;
    return {
      name: this.zoneName,
      stack: TerraformStack.of(this).node.id,
      ingress: ingress.description,
      entry: { kind: ingress.kind, ...(ingress.via && { host: ingress.via.name }) },
      accountId,
    };
  }

  /** The records that routes asked for. */
  public get records(): readonly RecordRequest[] {
    return [...this.requested.values()].flat();
  }
}

function recordFacts({ hostName, type, content, proxied }: RecordRequest): Manifest["records"][number] {
  return { name: hostName, type, content, proxied };
}

function byNameAndType(a: Manifest["records"][number], b: Manifest["records"][number]): number {
  return `${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1;
}
