import { tunnelToken } from "../../contract/secret-names";
import { HomelabService, Probe, Secret, SecretFile, type Host } from "../../constructs";

/** Options of `cloudflared()`. */
export interface CloudflaredOptions {
  /**
   * The image.
   *
   * @default "docker.io/cloudflare/cloudflared:2025.11.1"
   */
  readonly image?: string;
}

/**
 * The connector of the tunnel that ends at a host. `homelab tunnel create HOST` makes the tunnel and stores the
 * connector's token; what the tunnel brings in is the edge stack's, collected from the routes of its zones.
 */
export function cloudflared(host: Host, options: CloudflaredOptions = {}): HomelabService {
  return new HomelabService(host, `cloudflared-${host.hostName}`, {
    image: options.image ?? "docker.io/cloudflare/cloudflared:2025.11.1", // https://github.com/cloudflare/cloudflared/releases
    user: "65532:65532", // the image's own user, nonroot
    // https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/configure-tunnels/cloudflared-parameters/run-parameters/
    command: ({ token }) => [
      ...["tunnel", "--no-autoupdate", "--metrics", "127.0.0.1:2000", "run", "--token-file", token.path],
    ],
    health: Probe.command(["cloudflared", "tunnel", "--metrics", "127.0.0.1:2000", "ready"]),
    parts: {
      token: SecretFile.at("/run/secrets/tunnel_token", Secret.shared(tunnelToken(host.hostName))),
    },
  });
}
