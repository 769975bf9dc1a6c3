import { TerraformStack } from "cdktf";
import type { HostView } from "../host/host-view";
import type { Egress } from "../values/egress";
import { HolderRegistry } from "../ledger/holder-registry";
import { Lab, perLab } from "../lab/lab";
import type { ServiceManifest } from "../../contract/manifest";
import { NO_FACTS, type DataFormatFacts, type ServiceFacts } from "../../contract/service-facts";
import { Members } from "../lab/members";
import { checkName } from "../values/names";
import { isNetwork } from "../../contract/networks";
import { Need } from "../part/need";
import type { Contribution } from "../container/contribution";
import type { Parts } from "../part/part";
import { privilegesOf } from "../part/privileges";
import { ServiceCommons, type IWorkload } from "../part/service-commons";
import { resourcesByService, type ServiceResources } from "../part/service-resources";
import { quote } from "../../contract/text";
import { Workload } from "./workload";
import type { WorkloadProps } from "./workload-props";
import { Workloads } from "../part/workloads";

/** What a service is made of. */
export interface HomelabServiceProps<P extends Parts, F extends Parts = P> extends WorkloadProps<P, F> {
  /**
   * Services that this one needs. It joins their networks and starts when they are healthy.
   *
   * @default - none
   */
  readonly needs?: readonly (HomelabService | Need)[];
  /**
   * The name that the service had before. Its data keeps names and addresses, and everything else is moved.
   *
   * @default - it was never renamed
   */
  readonly formerly?: string;
  /**
   * `service` gives its containers a network of their own; `host` shares the host's, for what has to see broadcasts.
   *
   * @default "service"
   */
  readonly networkMode?: "service" | "host";
  /**
   * What its containers may reach by themselves.
   *
   * @default - everything
   */
  readonly egress?: Egress;
  /**
   * Rules that the service is excepted from, each with its reason: what `acknowledge()` adds.
   *
   * @default - none
   */
  readonly acknowledge?: Readonly<Record<string, string>>;
}

/** A service of the lab: one container on one host, with everything that it needs around it. */
export class HomelabService<P extends Parts = Parts, F extends Parts = P> extends Workload<P, F> {
  /** Those of the lab that a construct is in. */
  public static readonly all = perLab(
    () =>
      new Members<HomelabService>("service", {
        sections: (all) => {
          const resources = resourcesByService(all);
          return { services: all.map((service) => service.toManifest(resources.get(service.serviceName) ?? {})) };
        },
      }),
  );

  private readonly needs: readonly Need[];

  /**
   * Declares a service on a host.
   *
   * @param host - the host that it runs on
   * @param name - the name that people type; unique in the lab
   */
  public constructor(host: HostView, name: string, props: HomelabServiceProps<P, F>) {
    const subject = `service ${quote(name)}`;
    checkName("service", name, subject, "name");
    Lab.of(host).checkOpen(`${subject} is declared`);
    if (props.formerly !== undefined) checkName("service", props.formerly, subject, "formerly");
    super(host, name, props, { now: [], former: [] }, (service) => {
      const { formerly, egress, networkMode } = props;
      const physicalName = Lab.of(host).physicalName(name);
      const onHostNetwork = networkMode === "host";
      return new ServiceCommons(service, { name, host, physicalName, onHostNetwork, formerly, egress });
    });
    for (const [rule, reason] of Object.entries(props.acknowledge ?? {})) this.acknowledge(rule, reason);
    this.needs = (props.needs ?? []).map((need) => (need instanceof Need ? need : Need.of(need)));
    for (const need of this.needs) need.bind(this);
    HomelabService.all(this).add(name, this);
  }

  /** Excepts the service from a rule, for a reason. */
  public acknowledge(rule: string, reason: string): void {
    this.service.acknowledge(rule, reason);
  }

  /** Adds a label to the container. */
  public addLabel(name: string, value: string): void {
    this.contribute("addLabel()", { labels: { [name]: value } });
  }

  /** Adds an environment variable to the container. */
  public addEnvironment(name: string, value: string): void {
    this.contribute("addEnvironment()", { environment: { [name]: value } });
  }

  /** Adds anything that a part may add: networks, mounts, ports, dependencies. */
  public add(contribution: Contribution): void {
    this.contribute("add()", contribution);
  }

  /**
   * Where another service finds this one: by name on the same host, else by the host's LAN address, on which the port
   * is then published. A consumer that shares its host's network asks for `reachableFromLan()`.
   */
  public reachableFrom(host: HostView): ServiceAddress {
    if (host.hostName !== this.host.hostName) return this.reachableFromLan([host.props.lanAddress]);
    if (this.onHostNetwork) return this.reachableFromLan();
    return address(this.containerName, this.ownPort());
  }

  /**
   * Where the LAN finds this service; its port is published there.
   *
   * @param consumers - the addresses that the host's firewall lets in; the whole LAN unless said
   */
  public reachableFromLan(consumers?: readonly string[]): ServiceAddress {
    const port = this.ownPort();
    const ip = this.host.props.lanAddress;
    if (this.onHostNetwork) return address(ip, port);
    const published = this.publishedPorts.find((other) => other.internal === port && other.ip === ip);
    // An address that is a name can't be held by a firewall: then it is the LAN.
    const from = consumers?.every(isNetwork) ? { from: consumers } : {};
    this.contribute("reachableFromLan()", {
      ports: [{ internal: port, external: published?.external ?? port, ip, protocol: "tcp", ...from }],
    });
    return address(ip, published?.external ?? port);
  }

  /** The service as plain data. */
  public toManifest(resources: ServiceResources): ServiceManifest {
    const { service } = this;
    const formats = service.workloads.flatMap(dataFormatOf);
    const own: Omit<ServiceManifest, keyof ServiceFacts> = {
      name: this.serviceName,
      host: this.host.hostName,
      stack: TerraformStack.of(this).node.id,
      container: this.containerName,
      image: this.image.reference,
      ...(this.image.reason !== undefined && { unpinned: this.image.reason }),
      port: this.port,
      health: this.health.reason === undefined ? "checked" : { none: this.health.reason },
      ports: service.publishedPorts,
      ...(this.onHostNetwork && { hostNetwork: true }),
      ...(formats.length > 0 && { dataFormats: formats }),
      needs: this.needs.map((need) => ({ service: need.service.serviceName, restart: need.restart })),
      data: HolderRegistry.of(this)
        .of(this.serviceName)
        .map(({ key, kind, name }) => ({ key, kind, name })),
      acknowledged: service.acknowledgements,
      resources,
      privileges: service.workloads.flatMap((one) => privilegesOf(one, Workloads.of(this).all)),
    };
    for (const list of Object.keys(service.allFacts)) {
      if (list in own)
        throw new Error(
          `${this.subject}: the list of facts ${quote(list)} is called like something that every service has in the manifest: rename it`,
        );
    }
    return { ...own, ...NO_FACTS, ...service.allFacts };
  }

  private ownPort(): number {
    if (this.port === undefined)
      throw new Error(`${this.subject} has no 'port', which another service needs to reach it`);
    return this.port;
  }
}

function dataFormatOf({ dataFormat, keyPath, containerName }: IWorkload): DataFormatFacts[] {
  if (!dataFormat) return [];
  const { versions, reason } = dataFormat;
  return [{ part: keyPath.join("."), container: containerName, versions, ...(reason !== undefined && { reason }) }];
}

/** Where a service is reached. */
export interface ServiceAddress {
  /** Host name or address. */
  readonly host: string;
  /** Port. */
  readonly port: number;
  /** `http://host:port`. */
  readonly url: string;
}

function address(host: string, port: number): ServiceAddress {
  const literalHost = host.includes(":") ? `[${host}]` : host;
  return { host, port, url: `http://${literalHost}:${port}` };
}
