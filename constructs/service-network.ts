import { Network } from "@cdktf/provider-docker/lib/network";
import type { Construct } from "constructs";

/** The network that the containers of one service share, and nobody else but who needs the service. */
export class ServiceNetwork {
  private network: Network | undefined;

  public constructor(
    private readonly scope: Construct,
    /** The network's name, exactly this. */
    public readonly name: string,
  ) {}

  /** The network, defined when the first container joins. */
  public get resource(): Network {
    this.network ??= new Network(this.scope, "Network", { name: this.name });
    return this.network;
  }
}
