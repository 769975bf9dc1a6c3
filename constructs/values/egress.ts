import { checkProtocol, isNetwork } from "../../contract/networks";
import { checkPort } from "./names";
import { quote } from "../../contract/text";

/** Somewhere outside that a service may reach. */
export interface EgressTarget {
  /** An address or a network, for example `192.0.2.25` or `2001:db8::/32`. A firewall knows no names. */
  readonly network: string;
  /**
   * The port there.
   *
   * @default - all of them
   */
  readonly port?: number;
  /**
   * The protocol of the port.
   *
   * @default "tcp"
   */
  readonly protocol?: "tcp" | "udp";
}

/**
 * What the containers of a service may reach by themselves, held by the firewall of its host. What asks them is
 * answered all the same, and services of the same host reach each other as their networks say.
 */
export class Egress {
  /** Nothing outside the host. */
  public static none(): Egress {
    return new Egress(false, []);
  }

  /** The LAN, and the resolvers in it. */
  public static lan(): Egress {
    return new Egress(true, []);
  }

  /** Some addresses or networks, and the resolvers of the LAN. */
  public static to(...targets: readonly [EgressTarget, ...EgressTarget[]]): Egress {
    for (const { network, port, protocol = "tcp" } of targets) {
      if (!isNetwork(network)) {
        throw new Error(
          `Egress.to() takes addresses and networks, which a firewall can hold, for example "192.0.2.25" or "192.0.2.0/24", got ${quote(network)}`,
        );
      }
      if (port !== undefined) checkPort(port, "Egress.to()", "port");
      checkProtocol(protocol, "Egress.to()", "protocol");
    }
    return new Egress(false, targets);
  }

  private constructor(
    /** Whether it reaches the LAN. */
    public readonly toLan: boolean,
    /** What else it reaches. */
    public readonly targets: readonly EgressTarget[],
  ) {}

  /** Whether it may ask a resolver of the LAN for names. */
  public get resolvesNames(): boolean {
    return this.toLan || this.targets.length > 0;
  }
}
