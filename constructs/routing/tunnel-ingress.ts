import { ZeroTrustTunnelCloudflaredConfigA } from "@cdktf/provider-cloudflare/lib/zero-trust-tunnel-cloudflared-config";
import { isIP } from "node:net";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { HostProps } from "../host/machine";
import { Forwards } from "./forwards";
import { Lab } from "../lab/lab";
import { regexLiteral, snakeCase } from "../../contract/text";

/** One rule of a tunnel, in cloudflared's terms. */
interface IngressRule {
  readonly hostname?: string;
  readonly path?: string;
  readonly service: string;
  readonly originRequest?: { readonly originServerName: string };
}

/**
 * What a Cloudflare tunnel brings in: one ordered list, collected from the routes of all its zones. The first rule that
 * matches counts, so paths come before whole names; what nobody declared gets a 404.
 */
export class TunnelIngress extends Construct {
  /** The ingress of a host's tunnel in a stack; zones that share the tunnel share it. */
  public static of(stack: TerraformStack, host: HostProps, accountId: string): TunnelIngress {
    const id = `Tunnel ${snakeCase(host.name)}`;
    const known = stack.node.tryFindChild(id);
    return known instanceof TunnelIngress ? known : new TunnelIngress(stack, id, host, accountId);
  }

  private constructor(stack: TerraformStack, id: string, host: HostProps, accountId: string) {
    super(stack, id);
    const lab = Lab.of(this);
    const tunnelId = host.tunnelId ?? ""; // Ingress.tunnel() made sure of it
    new CollectedConfig(this, "Resource", { accountId, tunnelId, source: "cloudflare" }, () => rules(lab, tunnelId));
  }
}

/** The provider's resource, whose rules are asked for when it is rendered. */
class CollectedConfig extends ZeroTrustTunnelCloudflaredConfigA {
  public constructor(
    scope: Construct,
    id: string,
    config: { readonly accountId: string; readonly tunnelId: string; readonly source: string },
    private readonly collected: () => IngressRule[],
  ) {
    super(scope, id, config);
  }

  public override toTerraform(): unknown {
    this.putConfig({ ingress: this.collected() });
    return super.toTerraform();
  }
}

function rules(lab: Lab, tunnelId: string): IngressRule[] {
  const found = Forwards.of(lab)
    .tunnelled(tunnelId)
    .flatMap(({ host, hosts, paths }) => {
      const { lanAddress } = host.props;
      // The proxy of the host that the service runs on; it shows a certificate for the name that people typed.
      const service = `https://${isIP(lanAddress) === 6 ? `[${lanAddress}]` : lanAddress}:443`;
      return hosts.flatMap((hostname) =>
        (paths.length === 0 ? [""] : paths).map((path) => ({ hostname, path, service })),
      );
    });
  const ordered = found.sort(
    (a, b) => b.path.length - a.path.length || compare(a.hostname, b.hostname) || compare(a.path, b.path),
  );
  return [
    ...ordered.map(({ hostname, path, service }) => ({
      hostname,
      ...(path !== "" && { path: `^${regexLiteral(path)}(/|$)` }),
      service,
      originRequest: { originServerName: hostname },
    })),
    { service: "http_status:404" },
  ];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
