import type { Duration } from "./duration";
import type { Egress } from "./egress";
import type { Hardening } from "./hardening";
import type { HolderRequest } from "./holder-registry";
import type { Host } from "./host";
import type { Image } from "./image";
import type { Handles, Parts } from "./part";
import type { Probe } from "./probe";
import type { Resources } from "./resources";
import type { ServiceNetwork } from "./service-network";

/** The values of environment variables; undefined leaves one out. */
export type Environment = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a container and its parts are made of. */
export interface WorkloadProps<P extends Parts> {
  /** The image; a reference needs a version. */
  readonly image: string | Image;
  /** How to tell that it works. */
  readonly health: Probe;
  /**
   * The port that it listens on inside its networks.
   *
   * @default - none, which a route or a probe of a port refuses
   */
  readonly port?: number;
  /**
   * What it has, by key: routes, volumes, databases, secrets and more.
   *
   * @default - nothing
   */
  readonly parts?: P;
  /**
   * Environment variables, from what the parts hand out.
   *
   * @default - none but `TZ`
   */
  readonly environment?: Environment | ((parts: Handles<P>) => Environment);
  /**
   * The arguments of the image's entry point, from what the parts hand out.
   *
   * @default - the image's own
   */
  readonly command?: readonly string[] | ((parts: Handles<P>) => readonly string[]);
  /**
   * The image's entry point.
   *
   * @default - the image's own
   */
  readonly entrypoint?: readonly string[];
  /**
   * The numeric user and group that the container runs as, `1000:1000`. It owns the files that are placed for it.
   *
   * @default - the image's own
   */
  readonly user?: string;
  /**
   * The numeric user and group that reads the files placed for the container, for an image that changes its user
   * itself; `0:0` for one that reads them before it does.
   *
   * @default - `user`
   */
  readonly fileOwner?: string;
  /**
   * What it may use of the host.
   *
   * @default - no limits
   */
  readonly resources?: Resources;
  /**
   * When Docker starts it again.
   *
   * @default "unless-stopped"
   */
  readonly restart?: "unless-stopped" | "always" | "on-failure" | "no";
  /**
   * Devices of the host, `host[:container[:permissions]]`.
   *
   * @default - none
   */
  readonly devices?: readonly string[];
  /**
   * Capabilities beside Docker's default ones, for example `NET_ADMIN`.
   *
   * @default - none
   */
  readonly capabilities?: readonly string[];
  /**
   * How far it is locked down.
   *
   * @default Hardening.standard()
   */
  readonly hardening?: Hardening;
  /**
   * `service` gives it a network of its own; `host` shares the host's, for what has to see broadcasts.
   *
   * @default "service"
   */
  readonly networkMode?: "service" | "host";
  /**
   * What its containers may reach by themselves; companions share it.
   *
   * @default - everything
   */
  readonly egress?: Egress;
  /**
   * The time it has to stop before it is killed.
   *
   * @default Duration.seconds(30)
   */
  readonly stopGracePeriod?: Duration;
}

/** A secret in the hands of what uses it. */
export interface UsedSecret {
  /** The full name. */
  readonly name: string;
  /** The generation of the value. */
  readonly generation: number;
  /** A Terraform expression, without `${}`, for the ephemeral value. */
  readonly expression: string;
  /** A token for the value that rests in the state. */
  readonly value: string;
}

/** Whose container a workload is. */
export interface WorkloadIdentity {
  /** The host that it runs on. */
  readonly host: Host;
  /** The service that it belongs to. */
  readonly serviceName: string;
  /** The keys that lead to it inside its service: none for the service itself. */
  readonly keyPath: readonly string[];
  /** The service that owns what it holds. */
  readonly owner: HolderRequest["owner"];
  /**
   * The network that only the service's containers share.
   *
   * @default - a service makes its own
   */
  readonly network?: ServiceNetwork;
  /**
   * The name that the service had before.
   *
   * @default - it was never renamed
   */
  readonly formerService?: string;
}
