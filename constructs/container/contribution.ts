import type { ITerraformDependable } from "cdktf";

/** A mount of a container, in Docker's terms. */
export interface Mount {
  /** Absolute path in the container. */
  readonly target: string;
  /** Name of a volume, or absolute path on the host. */
  readonly source: string;
  /** Whether `source` is a volume or a path. */
  readonly type: "volume" | "bind";
  /** Whether the container can't write. */
  readonly readOnly: boolean;
}

/** A port of a container that is reachable from outside its networks. */
export interface PublishedPort {
  /** Port in the container. */
  readonly internal: number;
  /** Port on the host. */
  readonly external: number;
  /** The host's address that it is bound to. */
  readonly ip: string;
  /** The protocol. */
  readonly protocol: "tcp" | "udp";
  /**
   * The networks that reach it, where the host has a firewall.
   *
   * @default - the LAN for a port on the host's LAN address, everywhere for one on all addresses
   */
  readonly from?: readonly string[];
  /**
   * What stands before it.
   *
   * @default - the service's own
   */
  readonly guard?: string;
}

/** A file that is copied into a container before it starts. */
export interface Upload {
  /** Absolute path in the container. */
  readonly file: string;
  /** The file's text. */
  readonly content: string;
  /** Octal mode, `0644`. */
  readonly permissions: string;
}

/** A network that a container joins. */
export interface NetworkMembership {
  /** The network's name. */
  readonly name: string;
  /** Names under which others on the network find the container. */
  readonly aliases: readonly string[];
}

/**
 * What a part adds to its container, as plain data. Two parts that set one label, variable, mount, port or file to
 * different values are refused, with both keys named.
 */
export interface Contribution {
  /**
   * Labels of the container.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Environment variables.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Mounts, unique by target.
   *
   * @default - none
   */
  readonly mounts?: readonly Mount[];
  /**
   * Temporary file systems: mount options by path.
   *
   * @default - none
   */
  readonly tmpfs?: Readonly<Record<string, string>>;
  /**
   * Networks, merged by name.
   *
   * @default - none
   */
  readonly networks?: readonly NetworkMembership[];
  /**
   * Published ports, unique by address, port and protocol.
   *
   * @default - none
   */
  readonly ports?: readonly PublishedPort[];
  /**
   * Files copied into the container, unique by path.
   *
   * @default - none
   */
  readonly uploads?: readonly Upload[];
  /**
   * What must exist before the container.
   *
   * @default - none
   */
  readonly dependsOn?: readonly ITerraformDependable[];
  /**
   * Facts by name that replace the container when they change, beside its own attributes.
   *
   * @default - none
   */
  readonly restartOn?: Readonly<Record<string, string>>;
  /**
   * Other containers that this one is replaced with, as Terraform references.
   *
   * @default - none
   */
  readonly replacedWith?: readonly string[];
}

/** The daemon's own order of ports: by internal port, protocol, address. */
export function byPort(a: PublishedPort, b: PublishedPort): number {
  return a.internal - b.internal || compare(a.protocol, b.protocol) || compare(a.ip, b.ip) || a.external - b.external;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
