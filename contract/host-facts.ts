/** What a container does when a file changed under it: it gets a signal, looks for itself, restarts, or runs a program. */
export type FileReload = "signal" | "watched" | "restart" | "command";

/** A directory of files that a stack places on a host. */
export interface DirectoryFacts {
  /** The host. */
  readonly host: string;
  /** The stack that places it. */
  readonly stack: string;
  /** Absolute path on the host. */
  readonly path: string;
  /** The container that mounts it; none for files of the host itself. */
  readonly container?: string;
  /** Its files by name. */
  readonly files: readonly {
    readonly name: string;
    /** Numeric owner, `uid:gid`. */
    readonly owner: string;
    /** Octal mode. */
    readonly mode: string;
    /** The hash of the content, where it holds no secret. */
    readonly sha256?: string;
    /** What stands for a content that holds secrets. */
    readonly version?: string;
    /** What the container does with a new content, where it is not replaced. */
    readonly onChange?: FileReload;
  }[];
}

/** A port that a firewall opens. */
export interface OpenPort {
  /** The port on the host. */
  readonly port: number;
  /** The protocol. */
  readonly protocol: "tcp" | "udp";
  /** The address of the host that it is published on; undefined is any. */
  readonly address: string | undefined;
  /** From where it is reached: everywhere, the LAN, or these networks. */
  readonly from: "everywhere" | "lan" | readonly string[];
  /** Whether a program of the host itself listens, not a container's published port. */
  readonly onHost: boolean;
  /** Who asked for it, for whoever reads the rules. */
  readonly by: string;
}

/** What the firewall of a host lets in; everything else it drops. */
export interface FirewallFacts {
  /** The networks that sshd is reached from. */
  readonly ssh: readonly string[];
  /** The networks of the LAN. */
  readonly lan: readonly string[];
  /** The open ports. */
  readonly ports: readonly OpenPort[];
}
