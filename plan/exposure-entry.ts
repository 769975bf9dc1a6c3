import type { HostGrant } from "../contract/host-privilege";

/** Something that can be reached. */
export interface ExposureEntry {
  /** What it is. */
  readonly kind: "route" | "port" | "tunnel" | "database" | "privilege";
  /** How it is reached: `docs.example.com/api`, `192.168.1.11:2222/tcp`; for a privilege what it is, and on which host. */
  readonly address: string;
  /** The service behind it; none for what all share. */
  readonly service?: string;
  /** The part of the service that opens it; one of a companion is `companion.part`. */
  readonly part?: string;
  /** The container behind it. */
  readonly container?: string;
  /** For a published port: the port of the container that it leads to. */
  readonly internal?: number;
  /** From where: the internet, the LAN, the host itself, a container on it, or a network that the lab says nothing of. */
  readonly from: "internet" | "lan" | "host" | "container" | "unknown";
  /** Who passes, in words. */
  readonly who: readonly string[];
  /** What stands before it, or the reason why nothing does. */
  readonly guard: string;
  /** Whether everybody on the internet reaches it without the lab's sign-on. */
  readonly isOpen: boolean;
  /** For a privilege: what it gives to whoever is in the container. */
  readonly grants?: HostGrant;
}
