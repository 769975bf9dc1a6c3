import { Network } from "@cdktf/provider-docker/lib/network";
import type { Construct } from "constructs";
import { createHash } from "node:crypto";
import { BRIDGE_PREFIX } from "../host/nft-rules";

/** The network that the containers of one service share, and nobody else but who needs the service. */
export class ServiceNetwork {
  private network: Network | undefined;

  public constructor(
    private readonly scope: Construct,
    /** The network's name, exactly this. */
    public readonly name: string,
    /** Whether the host's firewall has to know its bridge. */
    private readonly isWatched = false,
  ) {}

  /** The name of its bridge on the host, where the firewall has to know it; 15 characters at most. */
  public get bridge(): string | undefined {
    if (!this.isWatched) return undefined;
    return `${BRIDGE_PREFIX}${createHash("sha256").update(this.name).digest("hex").slice(0, 12)}`;
  }

  /** The network, defined when the first container joins. */
  public get resource(): Network {
    this.network ??= new Network(this.scope, "Network", {
      name: this.name,
      ...(this.bridge !== undefined && { options: { "com.docker.network.bridge.name": this.bridge } }),
    });
    return this.network;
  }
}
