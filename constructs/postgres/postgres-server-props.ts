import type { HostProps } from "../host/machine";

/** A server that exists and is somebody else's to run. */
export interface ExistingPostgres {
  /** Its host name or address, as services and deployments reach it. */
  readonly host: string;
  /**
   * Its port.
   *
   * @default 5432
   */
  readonly port?: number;
  /**
   * The role that makes databases and roles.
   *
   * @default "postgres"
   */
  readonly adminRole?: string;
  /**
   * Whether that role is a superuser.
   *
   * @default true
   */
  readonly superuser?: boolean;
  /**
   * How the connection is encrypted.
   *
   * @default "require"
   */
  readonly sslMode?: "disable" | "require" | "verify-ca" | "verify-full";
  /**
   * Whether everybody's right to connect to the databases `postgres` and `template1` is taken away, so that the roles of
   * services connect to their own databases only. Who else uses the server may need that right, and it is not given
   * back when this is turned off. It takes a superuser.
   *
   * @default false
   */
  readonly revokePublicConnect?: boolean;
  /**
   * A host through whose SSH a deployment reaches the server: `homelab run` opens the tunnel.
   *
   * @default - it is reached directly
   */
  readonly through?: HostProps;
  /**
   * Who backs up its databases, in words for the next reader: "the provider, each night, kept for 30 days". Nothing of
   * the lab dumps what is on a server that it does not run.
   *
   * @default - nobody does, and a service that wants its database backed up is refused
   */
  readonly backedUpBy?: string;
  /**
   * How the databases get to another `host` or `port`, or why they are there already: "the same server has a new name".
   * Whoever reviews the change reads it; change it with each further move.
   *
   * @default - a plan of another address says that the databases start empty
   */
  readonly relocation?: string;
}

/** A server that the lab runs, as a container. */
export interface RunPostgres {
  /** The host that it runs on. */
  readonly on: HostProps;
  /** An image built like the official one, for example `docker.io/library/postgres:17.2`. */
  readonly image: string;
  /**
   * The port on the host's LAN address.
   *
   * @default 5432
   */
  readonly port?: number;
  /**
   * A host through whose SSH a deployment reaches the server: `homelab run` opens the tunnel.
   *
   * @default - it is reached directly, in the LAN
   */
  readonly through?: HostProps;
  /**
   * How the data gets to another host, or into another kind of storage there: "copied by rsync, the container stopped".
   * Change it with each further move.
   *
   * @default - such a move is refused
   */
  readonly relocation?: string;
}
