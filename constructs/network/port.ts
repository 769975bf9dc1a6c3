import { checkPort } from "../values/names";
import { checkNetwork, checkProtocol } from "../../contract/networks";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { quote } from "../../contract/text";

/** Options for `Port.publish()`. */
export interface PortOptions {
  /**
   * The port on the host.
   *
   * @default - the same as in the container
   */
  readonly as?: number;
  /**
   * From where it is reached: the host itself, the LAN, or everywhere that reaches the host.
   *
   * @default "lan"
   */
  readonly on?: "loopback" | "lan" | "everywhere";
  /**
   * The protocol.
   *
   * @default "tcp"
   */
  readonly protocol?: "tcp" | "udp";
  /**
   * The networks that reach it, addresses or networks like `192.168.1.0/24`, held by the host's firewall.
   *
   * @default - as `on` says
   */
  readonly from?: readonly [string, ...string[]];
  /**
   * What stands before it, for the exposure report.
   *
   * @default - whatever the service itself asks of who connects
   */
  readonly guard?: string;
}

/** What `Port.publish()` hands out. */
export interface PortHandle {
  /** The port on the host. */
  readonly port: number;
  /** The host's address in the LAN. */
  readonly host: string;
}

/** A port that is reached without the proxy: SSH of a forge, a game, a protocol that is not HTTP. */
export class Port {
  /** Publishes a port of the container on its host. */
  public static publish(internal: number, options: PortOptions = {}): IServicePart<PortHandle> {
    const { as: external = internal, on = "lan", protocol = "tcp", from, guard } = options;
    return {
      bind: (part: PartScope) => {
        const { subject } = part;
        const { host } = part.workload;
        checkPort(internal, subject, "port");
        checkPort(external, subject, "as");
        checkProtocol(protocol, subject, "protocol");
        for (const network of from ?? []) checkNetwork(network, subject, "from");
        if (from && !host.props.firewall)
          throw new Error(
            `${subject}: 'from' is held by the firewall of host ${quote(host.hostName)}, which has none: set 'firewall' of the host`,
          );
        const ip = { loopback: "127.0.0.1", lan: host.props.lanAddress, everywhere: "0.0.0.0" }[on];
        part.contribute({
          ports: [{ internal, external, ip, protocol, ...(from && { from }), ...(guard !== undefined && { guard }) }],
        });
        return { port: external, host: host.props.lanAddress };
      },
    };
  }

  private constructor() {}
}
