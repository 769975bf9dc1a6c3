import type { Duration } from "../values/duration";

/** A port of the host that no service of the lab publishes: an exporter, a VPN. */
export interface FirewallOpening {
  /** The port. */
  readonly port: number;
  /**
   * The protocol.
   *
   * @default "tcp"
   */
  readonly protocol?: "tcp" | "udp";
  /**
   * From where: the LAN, everywhere, or some networks.
   *
   * @default "lan"
   */
  readonly from?: "lan" | "everywhere" | readonly string[];
  /** What it is for. */
  readonly reason: string;
}

/** What a host's firewall lets in beside what its services publish. */
export interface FirewallProps {
  /** The networks that sshd is reached from, the deployer's among them: addresses, or networks like `192.168.1.0/24`. */
  readonly ssh: readonly [string, ...string[]];
  /**
   * The networks of the LAN, which reach what is published there.
   *
   * @default - RFC 1918, RFC 4193
   */
  readonly lan?: readonly string[];
  /**
   * Further ports.
   *
   * @default - none
   */
  readonly open?: readonly FirewallOpening[];
  /**
   * The time in which the deployer has to reach the host anew, or the rules from before come back.
   *
   * @default Duration.seconds(60)
   */
  readonly confirmWithin?: Duration;
}
