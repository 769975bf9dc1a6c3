import type { TerraformResource } from "cdktf";
import type { IConstruct } from "constructs";
import type { Egress, EgressTarget } from "../values/egress";
import type { HostView } from "../host/host-view";
import { byPort, type Contribution, type PublishedPort } from "../container/contribution";
import type { DataFormat } from "../container/data-format";
import { Facts, type FactList, type Said } from "../lab/facts";
import type { Image } from "../container/image";
import { Lab } from "../lab/lab";
import type { PartFacts, PortFacts } from "../../contract/service-facts";
import { checkReason } from "../values/names";
import { isNetwork } from "../../contract/networks";
import type { Probe } from "../container/probe";
import { ServiceNetwork } from "./service-network";
import { quote } from "../../contract/text";
import type { WorkloadContainer } from "../container/workload-container";

/** A container of a service, as its service and its parts see it. */
export interface IWorkload extends IConstruct {
  /** What it shares with the other containers of its service. */
  readonly service: ServiceCommons;
  /** The host that it runs on. */
  readonly host: HostView;
  /** The name of its service. */
  readonly serviceName: string;
  /** Whether it shares the host's network. */
  readonly onHostNetwork: boolean;
  /** The keys that lead to it inside its service: none for the service itself. */
  readonly keyPath: readonly string[];
  /** The keys that led to it before renames. */
  readonly formerKeyPath: readonly string[];
  /** The container's name. */
  readonly containerName: string;
  /** The container in messages: `service "paperless"`, or `service "paperless", companion "queue"`. */
  readonly subject: string;
  /** The port that it listens on inside its networks. */
  readonly port: number | undefined;
  /** The image. */
  readonly image: Image;
  /** The numeric user that the container runs as, if it was given. */
  readonly user: string | undefined;
  /** The numeric user that reads the files placed for it, if it is known. */
  readonly fileOwner: string | undefined;
  /** The health probe. */
  readonly health: Probe;
  /** What versions of the image mean for its data, if it was said. */
  readonly dataFormat: DataFormat | undefined;
  /** The provider's own resource. */
  readonly container: WorkloadContainer;
  /** The ports that it publishes on the host. */
  readonly publishedPorts: readonly PublishedPort[];
  /** These, with what publishes each. */
  readonly portFacts: readonly PortFacts[];
  /** Its labels. */
  readonly labels: readonly (readonly [string, string])[];
  /** Adds to it what `by` contributes: a part's key, or another name for who asks. */
  contribute(by: string, contribution: Contribution): void;
  /** The scope for its constructs inside an owner of another stack. */
  scopeIn(owner: IConstruct): IConstruct;
}

/** What a service gives all of its containers. */
export interface ServiceCommonsProps {
  /** The service's name. */
  readonly name: string;
  /** The host that it runs on. */
  readonly host: HostView;
  /** The service's name on the host. */
  readonly physicalName: string;
  /** Whether its containers share the host's network. */
  readonly onHostNetwork: boolean;
  /**
   * The name that the service had before.
   *
   * @default - it was never renamed
   */
  readonly formerly?: string;
  /**
   * What its containers may reach by themselves.
   *
   * @default - everything
   */
  readonly egress?: Egress;
}

/**
 * What the containers of one service share. Whatever a part of any of them says, needs or opens, it says here, so that
 * nothing depends on which container a part is in.
 */
export class ServiceCommons {
  /** The service's name. */
  public readonly name: string;
  /** The host that it runs on. */
  public readonly host: HostView;
  /** The name that the service had before. */
  public readonly formerly: string | undefined;
  /** The service's name on the host: suffixed with the environment. */
  public readonly physicalName: string;
  /** Whether its containers share the host's network. */
  public readonly onHostNetwork: boolean;
  /** What its containers may reach by themselves. */
  public readonly egress: Egress | undefined;
  /** The network that only its containers share. */
  public readonly network: ServiceNetwork;

  private readonly containers: IWorkload[] = [];
  private readonly facts = new Facts();
  private readonly reached: EgressTarget[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly exceptions = new Map<string, string>();
  private readonly foreign = new Set<IConstruct>();
  private readonly shared = new Set<TerraformResource>();
  private readonly secretOwners = new Map<string, string>();

  private readonly lab: Lab;

  public constructor(scope: IConstruct, props: ServiceCommonsProps) {
    this.lab = Lab.of(scope);
    this.name = props.name;
    this.host = props.host;
    this.formerly = props.formerly;
    this.physicalName = props.physicalName;
    this.onHostNetwork = props.onHostNetwork;
    this.egress = props.egress;
    const { subject, egress } = this;
    if (egress && !props.host.props.firewall)
      throw new Error(
        `${subject}: 'egress' is held by the firewall of host ${quote(props.host.hostName)}, which has none: set 'firewall' of the host, or remove 'egress'`,
      );
    if (egress && props.onHostNetwork)
      throw new Error(
        `${subject}: 'egress' can't be held for a container that shares the host's network: remove one of both`,
      );
    // Docker takes the default route from the network that comes first by name, and there the firewall looks.
    const networkName = egress === undefined ? props.physicalName : `0-${props.physicalName}`;
    this.network = new ServiceNetwork(scope, networkName, egress !== undefined);
  }

  /** The service in messages. */
  public get subject(): string {
    return `service ${quote(this.name)}`;
  }

  /** Takes a container of the service. */
  public add(container: IWorkload): void {
    this.containers.push(container);
  }

  /** Takes a scope in which it makes constructs inside an owner: a zone, a database server. */
  public addScope(scope: IConstruct): void {
    this.foreign.add(scope);
  }

  /** Takes a resource of an owner that is there for it, and perhaps for other services too: a DNS record. */
  public addShared(resource: TerraformResource): void {
    this.shared.add(resource);
  }

  /** The resources of owners that are there for it. */
  public get sharedResources(): readonly TerraformResource[] {
    return [...this.shared];
  }

  /** The scopes in which it makes constructs inside owners. */
  public get scopes(): readonly IConstruct[] {
    return [...this.foreign];
  }

  /** Its containers, the service's own first. */
  public get workloads(): readonly IWorkload[] {
    return [...this.containers];
  }

  /** A container by its name. */
  public container(name: string): IWorkload | undefined {
    return this.containers.find(({ containerName }) => containerName === name);
  }

  /** Says what a part is, in the list of its kind. */
  public say<T extends PartFacts>(list: FactList<T>, where: PartFacts, fact: Said<T>): void {
    this.lab.checkOpen(`${this.subject}, part ${quote(where.part)} says facts for ${quote(list.name)}`);
    this.facts.add(list, where, fact);
  }

  /** What the parts of all containers say of one kind. */
  public said<T extends PartFacts>(list: FactList<T>): readonly T[] {
    return this.facts.of(list);
  }

  /** All that the parts of its containers say, by the names of the lists. */
  public get allFacts(): Readonly<Record<string, readonly PartFacts[]>> {
    return this.facts.all;
  }

  /** The ports that its containers publish on the host. */
  public get publishedPorts(): readonly PortFacts[] {
    return this.containers.flatMap((workload) => workload.portFacts).sort(byPort);
  }

  /** Takes a secret for the part that it is named after, and refuses a second part: both would have one password. */
  public claimSecret(secret: string, part: string): void {
    const other = this.secretOwners.get(secret);
    if (other !== undefined && other !== part) {
      throw new Error(
        `${this.subject}: the parts ${quote(other)} and ${quote(part)} would share the secret ${quote(secret)}, which is named after either: give one of them another key, or a 'name' where it takes one`,
      );
    }
    this.secretOwners.set(secret, part);
  }

  /** Says that a part needs something outside the host, which a restricted egress then lets through. */
  public reaches(subject: string, address: string, port: number): void {
    this.lab.checkOpen(`${subject} says that it reaches ${quote(address)}`);
    if (this.egress && !isNetwork(address)) {
      throw new Error(
        `${subject} needs ${quote(address)}, a name that no firewall can hold: remove 'egress' of the service, or give the server by its address`,
      );
    }
    this.reached.push({ network: address, port });
  }

  /** What its containers may reach outside the host, where that is restricted. */
  public get targets(): readonly EgressTarget[] {
    return [...(this.egress?.targets ?? []), ...this.reached];
  }

  /** Runs when the parts of all containers are bound. */
  public whenBound(complete: () => void): void {
    this.waiting.push(complete);
  }

  /** Says that the parts of all containers are bound. */
  public bound(): void {
    for (const complete of this.waiting.splice(0)) complete();
  }

  /** Excepts the service from a rule, for a reason. */
  public acknowledge(rule: string, reason: string): void {
    this.lab.checkOpen(`${this.subject} gives a reason, acknowledge(${quote(rule)}),`);
    checkReason(reason, `${this.subject}, acknowledge(${quote(rule)})`);
    this.exceptions.set(rule, reason);
  }

  /** Why the service is excepted from a rule, if it is. */
  public acknowledged(rule: string): string | undefined {
    return this.exceptions.get(rule);
  }

  /** All rules that the service is excepted from, with the reasons. */
  public get acknowledgements(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.exceptions);
  }
}
