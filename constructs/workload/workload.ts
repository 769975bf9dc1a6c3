import { Image as DockerImage } from "@cdktf/provider-docker/lib/image";
import { Construct, type IConstruct } from "constructs";
import { containerConfig } from "./container-config";
import type { Contribution, PublishedPort } from "../container/contribution";
import { Contributions } from "../container/contributions";
import type { DataFormat } from "../container/data-format";
import { checkFileOwner } from "../host/deploy-user";
import { rememberFormerId } from "../lab/former-id";
import { checkFormerly, isWholeKey } from "../lab/former-key";
import type { HostView } from "../host/host-view";
import { Image } from "../container/image";
import { Lab } from "../lab/lab";
import type { PortFacts } from "../../contract/service-facts";
import { checkName, checkPort } from "../values/names";
import type { Handles, Parts } from "../part/part";
import { PartScope } from "../part/part-scope";
import { tryFilesWith } from "../files/placed-files";
import type { Probe } from "../container/probe";
import type { IWorkload, ServiceCommons } from "../part/service-commons";
import type { ServiceNetwork } from "../part/service-network";
import { kebabCase, quote } from "../../contract/text";
import { WorkloadContainer } from "../container/workload-container";
import type { Environment, WorkloadProps } from "./workload-props";
import { Workloads } from "../part/workloads";

/** A container with its parts: a service's own one, or a companion. */
export abstract class Workload<P extends Parts = Parts, F extends Parts = P> extends Construct implements IWorkload {
  /** What it shares with the other containers of its service. */
  public readonly service: ServiceCommons;
  /** The keys that lead to it inside its service: none for the service itself. */
  public readonly keyPath: readonly string[];
  /** The keys that led to it before renames. */
  public readonly formerKeyPath: readonly string[];
  /** The container's name. */
  public readonly containerName: string;
  /** The port that it listens on inside its networks. */
  public readonly port: number | undefined;
  /** What its parts hand out, by their keys. */
  public readonly parts: Handles<P> & Handles<F>;
  /** The image. */
  public readonly image: Image;
  /** The numeric user that the container runs as, if it was given. */
  public readonly user: string | undefined;
  /** The numeric user that reads the files placed for it, if it is known. */
  public readonly fileOwner: string | undefined;
  /** The health probe. */
  public readonly health: Probe;
  /** The provider's own resource, for what the library has no option for. */
  public readonly container: WorkloadContainer;

  /** What versions of the image mean for its data, if it was said. */
  public readonly dataFormat: DataFormat | undefined;

  private readonly contributions: Contributions;
  private readonly readOnlyRoot: boolean;
  private readonly scopes = new Set<IConstruct>();

  /** Defines the container; `share` gets the construct and says what it shares with others. */
  protected constructor(
    scope: Construct,
    id: string,
    props: WorkloadProps<P, F>,
    keyPath: { readonly now: readonly string[]; readonly former: readonly string[] },
    share: (workload: IConstruct) => ServiceCommons,
  ) {
    super(scope, id);
    this.service = share(this);
    this.keyPath = keyPath.now;
    this.formerKeyPath = keyPath.former;
    const { subject } = this;
    if (this.formerService !== undefined && this.keyPath.length === 0) rememberFormerId(this, this.formerService);
    this.contributions = new Contributions(subject);
    this.containerName = Lab.of(this).physicalName([this.serviceName, ...this.keyPath.map(kebabCase)].join("-"));
    this.image = typeof props.image === "string" ? Image.of(props.image) : props.image;
    this.user = props.user;
    this.health = props.health;
    this.dataFormat = props.dataFormat;
    this.port = props.port;
    this.readOnlyRoot = props.hardening?.strict ?? false;
    if (props.port !== undefined) checkPort(props.port, subject, "port");
    for (const [option, user] of Object.entries({ user: props.user, fileOwner: props.fileOwner }))
      if (user !== undefined) checkFileOwner(this.host.props, user, subject, option);
    checkName("docker", this.containerName, subject, "name");
    this.fileOwner = props.fileOwner ?? props.user;

    Workloads.of(this).add(this);
    this.service.add(this);
    this.contribute("the service", { environment: { TZ: this.host.timeZone } });
    if (!this.onHostNetwork) this.joinOwnNetwork();
    if (this.readOnlyRoot) this.contribute("hardening", { tmpfs: { "/tmp": "" } });
    const handles = bindAll(this, this.scopes, props.parts);
    const files = typeof props.files === "function" ? props.files(handles) : props.files;
    for (const key of Object.keys(files ?? {})) {
      if (key in handles)
        throw new Error(`${subject}: ${quote(key)} is a key of 'parts' and of 'files': give one of them another`);
    }
    this.parts = { ...handles, ...bindAll(this, this.scopes, files) };
    if (this.keyPath.length === 0) this.service.bound();

    const environment =
      typeof props.environment === "function" ? props.environment(this.parts) : (props.environment ?? {});
    this.contribute("environment", { environment: stringValues(environment) });
    const image = new DockerImage(this, "Image", { name: this.image.reference, keepLocally: true });
    tryFilesWith(this, image);
    const command = typeof props.command === "function" ? props.command(this.parts) : props.command;
    this.container = new WorkloadContainer(
      this,
      "Resource",
      {
        name: this.containerName,
        image: image.imageId,
        ...containerConfig({ ...props, command }, subject),
        networkMode: this.onHostNetwork ? "host" : undefined,
      },
      () => this.contributions.merge(),
    );
  }

  /** The host that it runs on. */
  public get host(): HostView {
    return this.service.host;
  }

  /** The service that it belongs to. */
  public get serviceName(): string {
    return this.service.name;
  }

  /** The network that only the service's containers share. */
  public get network(): ServiceNetwork {
    return this.service.network;
  }

  /** Whether it shares the host's network. */
  public get onHostNetwork(): boolean {
    return this.service.onHostNetwork;
  }

  /** The workload in messages: `service "paperless"`, or `service "paperless", companion "queue"`. */
  public get subject(): string {
    const own = `service ${quote(this.serviceName)}`;
    return this.keyPath.length === 0 ? own : `${own}, companion ${quote(this.keyPath.join("."))}`;
  }

  /** Adds to the container what a part contributes, or somebody else by another name. */
  public contribute(key: string, contribution: Contribution): void {
    Lab.of(this).checkOpen(`${this.subject}, part ${quote(key)} adds to its container`);
    if (this.onHostNetwork && (contribution.networks?.length || contribution.ports?.length)) {
      throw new Error(
        `${this.subject}: part ${quote(key)} needs a network or a published port, and the container shares the host's network: remove the part or 'networkMode'`,
      );
    }
    if (this.readOnlyRoot && contribution.uploads?.length) {
      throw new Error(
        `${this.subject}: part ${quote(key)} copies a file into a container whose root is read-only: give it 'onChange', which mounts a directory`,
      );
    }
    this.contributions.add(key, contribution);
  }

  /**
   * The scope for the constructs of this workload inside an owner of another stack: a zone, a database server. Its
   * addresses there begin with the service's name.
   */
  public scopeIn(owner: IConstruct): IConstruct {
    let scope = owner;
    const former = [this.formerService ?? this.serviceName, ...this.formerKeyPath];
    for (const [index, id] of [this.serviceName, ...this.keyPath].entries()) {
      scope = scope.node.tryFindChild(id) ?? new Construct(scope, id);
      const formerId = former[index];
      if (formerId !== undefined && formerId !== id) rememberFormerId(scope, formerId);
      if (index === 0) this.service.addScope(scope);
    }
    this.scopes.add(scope);
    return scope;
  }

  /** The ports that are published on the host. */
  public get publishedPorts(): readonly PublishedPort[] {
    return this.contributions.publishedPorts.map(({ port }) => port);
  }

  /** The ports that are published on the host, with what publishes each. */
  public get portFacts(): readonly PortFacts[] {
    return this.contributions.publishedPorts.map(({ by, port }) => ({
      part: by.map((key) => [...this.keyPath, key].join(".")).join(", "),
      container: this.containerName,
      ...port,
    }));
  }

  /** The labels of the container. */
  public get labels(): readonly (readonly [string, string])[] {
    return this.contributions.labelValues;
  }

  /** The name that the service had before. */
  private get formerService(): string | undefined {
    return this.service.formerly;
  }

  private joinOwnNetwork(): void {
    this.contribute("the service", {
      networks: [{ name: this.network.name, aliases: [] }],
      dependsOn: [this.network.resource],
    });
  }
}

function bindAll<P extends Parts>(
  workload: IWorkload,
  scopes: ReadonlySet<IConstruct>,
  parts: P | undefined,
): Handles<P> {
  const handles: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(parts ?? {})) {
    checkName("partKey", key, workload.subject, "parts");
    const { formerly } = part;
    const scope = new PartScope(workload, key, formerly);
    if (formerly !== undefined) checkFormerly(formerly, scope.subject);
    handles[key] = part.bind(scope);
    if (formerly === undefined || isWholeKey(formerly)) continue;
    // Some parts make their constructs when all parts are bound.
    scope.whenBound(() => {
      for (const one of [workload, ...scopes]) {
        const construct = one.node.tryFindChild(key);
        if (construct) rememberFormerId(construct, formerly);
      }
    });
  }
  return handles as Handles<P>; // one handle was made for every key
}

function stringValues(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
