import type { App } from "cdktf";
import { Generations } from "../contract/generations";
import type { Host } from "../constructs/host";
import type { HostProps } from "../constructs/host/machine";
import { Lab } from "../constructs/lab/lab";
import { Ledger } from "../contract/ledger";
import type { Monitoring, MonitoringProps } from "../constructs/monitoring/monitoring";
import { checkName } from "../constructs/values/names";
import type { PostgresServer } from "../constructs/postgres/postgres-server";
import type { ExistingPostgres, RunPostgres } from "../constructs/postgres/postgres-server-props";
import type { ISecrets } from "../constructs/lab/secrets";
import { alternatives, quote } from "../contract/text";
import type { Zone, ZoneProps } from "../constructs/routing/zone";
import type { Backend } from "./backend";
import { EdgeStack } from "./edge-stack";
import { HostStack } from "./host-stack";
import { MonitoringStack } from "./monitoring-stack";
import { PostgresStack } from "./postgres-stack";

/** The inventory of a lab: what there is for services to run on and attach to. */
export interface HomelabConfig {
  /** The hosts. */
  readonly hosts: readonly HostProps[];
  /**
   * The DNS zones, by name.
   *
   * @default - none
   */
  readonly zones?: Readonly<Record<string, ZoneProps>>;
  /**
   * The PostgreSQL servers, by name.
   *
   * @default - none
   */
  readonly postgres?: Readonly<Record<string, ExistingPostgres | RunPostgres>>;
  /**
   * What watches the lab.
   *
   * @default - nothing
   */
  readonly monitoring?: MonitoringProps;
  /**
   * Where the values of secrets come from.
   *
   * @default Secrets.fromEnvironment()
   */
  readonly secrets?: ISecrets;
  /**
   * Where the states of the stacks are kept.
   *
   * @default Backend.local()
   */
  readonly backend?: Backend;
  /**
   * The list of everything that holds data.
   *
   * @default - the file `homelab.ledger.json`, or `homelab.<environment>.ledger.json`
   */
  readonly ledger?: Ledger;
  /**
   * The generations of the secrets.
   *
   * @default - the file `homelab.secrets.json`, or `homelab.<environment>.secrets.json`
   */
  readonly generations?: Generations;
}

/** Options of `Homelab`. */
export interface HomelabOptions {
  /**
   * The environment: stacks, states and physical names are suffixed with it, for example `staging`.
   *
   * @default - none, and no suffix
   */
  readonly environment?: string;
}

/**
 * A lab made from its inventory: the stacks, as direct children of the app, and the owners that services attach to. It
 * is no construct, since nothing may stand between the app and its stacks.
 */
export class Homelab {
  private readonly hosts = new Map<string, Host>();
  private readonly zones = new Map<string, Zone>();
  private readonly servers = new Map<string, PostgresServer>();
  private readonly watching: Monitoring | undefined;

  /** Makes the stacks of a lab. */
  public constructor(app: App, config: HomelabConfig, options: HomelabOptions = {}) {
    const { environment } = options;
    if (environment !== undefined) checkName("service", environment, "the lab", "environment");
    const { backend } = config;
    const lab = Lab.of(app);
    const file = (name: string): string =>
      ["homelab", environment, name, "json"].filter((part) => part !== undefined).join(".");
    lab.configure({
      environment,
      ledger: config.ledger ?? Ledger.fromFile(file("ledger")),
      generations: config.generations ?? Generations.fromFile(file("secrets")),
      ...(config.secrets && { secrets: config.secrets }),
    });
    for (const [name, server] of Object.entries(config.postgres ?? {})) {
      checkName("service", name, `database server ${quote(name)}`, "name");
      this.servers.set(
        name,
        new PostgresStack(app, lab.physicalName(`postgres-${name}`), { name, server, backend }).server,
      );
    }
    for (const host of config.hosts) {
      checkName("service", host.name, `host ${quote(host.name)}`, "name");
      if (OTHER_STACKS.has(host.name)) {
        throw new Error(
          `host ${quote(host.name)}: 'name' must not be that of another stack, ${alternatives(OTHER_STACKS)}: for example ${quote(`${host.name}-01`)}`,
        );
      }
      if (this.hosts.has(host.name))
        throw new Error(`host ${quote(host.name)} is in the inventory twice: rename or remove one`);
      this.hosts.set(host.name, new HostStack(app, lab.physicalName(host.name), { host, backend }).host);
    }
    if (Object.keys(config.zones ?? {}).length > 0) {
      const edge = new EdgeStack(app, lab.physicalName("edge"), { backend });
      for (const [name, zone] of Object.entries(config.zones ?? {})) this.zones.set(name, edge.addZone(name, zone));
    }
    if (config.monitoring) {
      this.watching = new MonitoringStack(app, lab.physicalName("monitoring"), {
        monitoring: config.monitoring,
        backend,
      }).monitoring;
    }
  }

  /** A host, to run services on. Throws when the inventory has none of that name. */
  public host(name: string): Host {
    return find(this.hosts, "host", name);
  }

  /** A DNS zone, to have routes in. Throws when the inventory has none of that name. */
  public zone(name: string): Zone {
    return find(this.zones, "zone", name);
  }

  /** A PostgreSQL server, to have databases on. Throws when the inventory has none of that name. */
  public postgres(name: string): PostgresServer {
    return find(this.servers, "database server", name);
  }

  /** What watches the lab. Throws when the inventory has nothing that does. */
  public get monitoring(): Monitoring {
    if (!this.watching) throw new Error("the inventory has no 'monitoring': add it, or remove the parts that need it");
    return this.watching;
  }
}

/** Stacks that a lab has beside those of its hosts. */
const OTHER_STACKS = new Set(["edge", "monitoring"]);

function find<T>(members: ReadonlyMap<string, T>, kind: string, name: string): T {
  const member = members.get(name);
  if (member === undefined)
    throw new Error(`the inventory has no ${kind} ${quote(name)}, it has ${alternatives(members.keys())}`);
  return member;
}
