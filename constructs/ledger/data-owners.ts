import type { Construct, IConstruct } from "constructs";
import type { HolderPlace } from "../../contract/ledger-entry";
import { perLab } from "../lab/lab";

/** A host or a database server, on which data is kept and in whose stack its resources are. */
export interface DataOwner extends IConstruct {
  /** Keeps a role that nobody declares any more, on a database server. */
  releaseRole?(place: HolderPlace): void;
  /** Lets another stack reach what keeps the data, on a host: its engine. */
  addProviderTo?(stack: Construct): void;
}

/** Those on which a lab keeps data, by name. */
export class DataOwners {
  /** Those of the lab that a construct is in. */
  public static readonly of = perLab(() => new DataOwners());

  private readonly hosts = new Map<string, DataOwner>();
  private readonly servers = new Map<string, DataOwner>();

  private constructor() {}

  /** Takes a host. */
  public addHost(name: string, host: DataOwner): void {
    this.hosts.set(name, host);
  }

  /** Takes a database server. */
  public addServer(name: string, server: DataOwner): void {
    this.servers.set(name, server);
  }

  /** A host by its name. */
  public host(name: string): DataOwner | undefined {
    return this.hosts.get(name);
  }

  /** A database server by its name. */
  public server(name: string): DataOwner | undefined {
    return this.servers.get(name);
  }

  /** What has a place. */
  public of({ host, server }: Pick<HolderPlace, "host" | "server">): DataOwner | undefined {
    return host === undefined ? this.servers.get(server ?? "") : this.hosts.get(host);
  }
}
