import { posix } from "node:path";
import { Image as DockerImage } from "@cdktf/provider-docker/lib/image";
import { Construct, type IConstruct } from "constructs";
import { containerConfig } from "./container-config";
import { Contributions, type MergedContributions } from "./contributions";
import type { DataFormat } from "./data-format";
import { refuseDeployUser } from "./deploy-user";
import { rememberFormerId } from "./former-id";
import { checkFormerly, isWholeKey } from "./former-key";
import type { Holder, HolderRequest } from "./holder";
import type { Host } from "./host";
import { HostDirectory } from "./host-directory";
import { Image } from "./image";
import { Lab } from "./lab";
import { checkAbsolutePath, checkName, checkOwner, checkPort } from "./names";
import { filesOf } from "./places";
import type { PortFacts } from "./manifest";
import type { Contribution, Handles, Parts, PublishedPort } from "./part";
import type { Probe } from "./probe";
import type { Secret } from "./secret";
import type { SecretUse } from "./secret-uses";
import type { ServiceCommons } from "./service-commons";
import type { ServiceNetwork } from "./service-network";
import { waysFrom, type FormerKey } from "./renames";
import { quote, snakeCase } from "./text";
import { WorkloadContainer } from "./workload-container";
import type { Environment, UsedSecret, WorkloadProps } from "./workload-props";

/** A container with its parts: a service's own one, or a companion. */
export abstract class Workload<P extends Parts = Parts> extends Construct {
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
  public readonly parts: Handles<P>;
  /** The image. */
  public readonly image: Image;
  /** The numeric user that the container runs as, if it was given. */
  public readonly user: string | undefined;
  /** The health probe. */
  public readonly health: Probe;
  /** The provider's own resource, for what the library has no option for. */
  public readonly container: WorkloadContainer;

  /** What versions of the image mean for its data, if it was said. */
  public readonly dataFormat: DataFormat | undefined;

  private readonly contributions: Contributions;
  private readonly readOnlyRoot: boolean;
  private readonly reader: string | undefined;
  private readonly directories = new Map<string, HostDirectory>();
  private readonly scopes = new Set<IConstruct>();
  private readonly formerKeys = new Map<string, string>();

  /** Defines the container; `share` gets the construct and says what it shares with others. */
  protected constructor(
    scope: Construct,
    id: string,
    props: WorkloadProps<P>,
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
    this.containerName = Lab.of(this).physicalName([this.serviceName, ...this.keyPath.map(kebab)].join("-"));
    this.image = typeof props.image === "string" ? Image.of(props.image) : props.image;
    this.user = props.user;
    this.health = props.health;
    this.dataFormat = props.dataFormat;
    this.port = props.port;
    this.readOnlyRoot = props.hardening?.strict ?? false;
    if (props.port !== undefined) checkPort(props.port, subject, "port");
    if (props.user !== undefined) this.checkOwner(props.user, subject, "user");
    if (props.fileOwner !== undefined) this.checkOwner(props.fileOwner, subject, "fileOwner");
    checkName("docker", this.containerName, subject, "name");
    this.reader = props.fileOwner ?? props.user;

    Lab.of(this).workloads.push(this);
    this.service.add(this);
    this.contribute("the service", { environment: { TZ: this.host.timeZone } });
    if (!this.onHostNetwork) this.joinOwnNetwork();
    if (this.readOnlyRoot) this.contribute("hardening", { tmpfs: { "/tmp": "" } });
    for (const [key, { formerly }] of Object.entries(props.parts ?? {}))
      if (formerly !== undefined) this.formerKeys.set(key, formerly);
    this.parts = bindAll(this, this.scopes, props.parts);
    if (this.keyPath.length === 0) this.service.bound();

    const environment =
      typeof props.environment === "function" ? props.environment(this.parts) : (props.environment ?? {});
    this.contribute("environment", { environment: stringValues(environment) });
    const image = new DockerImage(this, "Image", { name: this.image.reference, keepLocally: true });
    for (const directory of this.directories.values()) if (directory.isChecked) directory.placeAfter(image);
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
      () => this.merge(),
    );
  }

  /** The host that it runs on. */
  public get host(): Host {
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

  /** Adds to the container what the part `key` contributes. */
  public contribute(key: string, contribution: Contribution): void {
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
    if (contribution.facts)
      this.service.say({ part: this.partName(key), container: this.containerName }, contribution.facts);
  }

  /** Runs when all parts of the service are bound, for a part that needs its siblings. */
  public whenBound(complete: () => void): void {
    this.service.whenBound(complete);
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

  /** Takes a place to keep data, with the name that the ledger froze for it. */
  public hold(
    part: string,
    request: Pick<HolderRequest, "kind" | "place" | "root" | "defaultName">,
    formerly?: string,
  ): Holder {
    return Lab.of(this).holders.hold({
      ...request,
      key: this.holderKey(part),
      former: this.formerHolderKeys([part], formerly),
      owner: this.service,
      part: [...this.keyPath, part].join("."),
    });
  }

  /** The ledger key of a part. */
  public holderKey(part: string): string {
    return [this.serviceName, ...this.keyPath, part].join("/");
  }

  /** The ledger keys under which a part's data may be known from before renames; of a companion's part by its path. */
  public formerHolderKeys(path: readonly string[], formerly = this.formerKeyOf(path[0] ?? "")): readonly FormerKey[] {
    const [part = "", ...below] = path;
    const former = [this.formerService ?? this.serviceName, ...this.formerKeyPath, formerly ?? part, ...below];
    const whole = former.findLastIndex(isWholeKey);
    if (whole >= 0) return [{ key: former.slice(whole).join("/"), isWhole: true }];
    return waysFrom(former, [this.serviceName, ...this.keyPath, ...path]);
  }

  /** The key that a part had before it was renamed, or undefined. */
  public formerKeyOf(part: string): string | undefined {
    return this.formerKeys.get(part);
  }

  /** Takes a secret into use: its name, its generation, and the expression for its value in a stack. */
  public useSecret(part: string, secret: Secret, options: SecretUse & { readonly in?: Construct } = {}): UsedSecret {
    const lab = Lab.of(this);
    const scope = options.in ?? this;
    const name = this.secretName(secret, part);
    if (secret.isOwn) this.service.claimSecret(name, this.partName(part));
    const used = lab.useSecret(scope, name, options);
    const { generation } = used;
    const known = this.service
      .said("secrets")
      .find((facts) => facts.name === name && facts.persisted === options.persisted);
    if (!known)
      this.contribute(part, {
        facts: { secrets: [{ name, generation, persisted: options.persisted, shape: options.shape }] },
      });
    return used;
  }

  /**
   * The full name of a secret, which may be named after a part. A renamed service or part keeps the name under which
   * the store knows the secret.
   */
  public secretName(secret: Secret, part = ""): string {
    const { fullName } = secret;
    if (fullName !== undefined) return fullName;
    const formerly = this.formerKeyOf(part) ?? part;
    const steps = formerly.split("/");
    const word = secret.wordFor(this.serviceName, part);
    const formerWord = secret.wordFor(this.serviceName, steps.at(-1) ?? part);
    const [service = ""] = isWholeKey(formerly) ? steps : [this.formerService ?? this.serviceName];
    return Lab.of(this).secretNames.nameOf(
      { service: this.serviceName, word },
      { service, word: formerWord, isWhole: isWholeKey(formerly) },
    );
  }

  /** The directory of the host that the container mounts at `path`, read-only. */
  public directoryAt(path: string, key: string): HostDirectory {
    checkAbsolutePath(path, `${this.subject}, part ${quote(key)}`, "path");
    if (path === "/") {
      throw new Error(
        `${this.subject}, part ${quote(key)}: a file that is placed on the host needs a folder of its own, for example "/etc/app", since the container mounts the folder`,
      );
    }
    const known = this.directories.get(path);
    if (known) return known;
    const id = path.slice(1).replaceAll("/", "-");
    const service = this.physicalServiceName;
    const folder = this.host.storage.files(service);
    this.host.places.forFiles(`${this.subject}, part ${quote(key)}`, filesOf(service), folder);
    const source = posix.join(folder, ...this.keyPath, id);
    const files = this.node.tryFindChild("Files") ?? new Construct(this, "Files");
    const directory = new HostDirectory(files, id, { host: this.host, path: source, container: this.containerName });
    this.directories.set(path, directory);
    this.contribute(key, { mounts: [{ target: path, source, type: "bind", readOnly: true }] });
    return directory;
  }

  /** Who reads the files that are placed for the container, `uid:gid`. Refuses when nobody said. */
  public fileReader(key: string, owner: string | undefined): string {
    const reader = owner ?? this.reader;
    if (reader === undefined) {
      throw new Error(
        `${this.subject}: nobody knows who reads the secret file of part ${quote(key)}: set 'user' of the service, or 'fileOwner', for example "1000:1000", or "0:0" for an image that starts as root`,
      );
    }
    this.checkOwner(reader, `${this.subject}, part ${quote(key)}`, "owner");
    return reader;
  }

  /** Refuses an owner that is not `uid` or `uid:gid`, and one that is the host's deploy user. */
  public checkOwner(value: string, subject: string, option: string): void {
    checkOwner(value, subject, option);
    refuseDeployUser(this.host.props, value, subject, option);
  }

  /** The service's name as it is used on the host. */
  public get physicalServiceName(): string {
    return Lab.of(this).physicalName(this.serviceName);
  }

  /** The key of a part inside its service, for the manifest. */
  public partName(part: string): string {
    return [...this.keyPath, part].join(".");
  }

  /** The ports that are published on the host. */
  public get publishedPorts(): readonly PublishedPort[] {
    return this.contributions.publishedPorts.map(({ port }) => port);
  }

  /** The ports that are published on the host, with what publishes each. */
  public get portFacts(): readonly PortFacts[] {
    return this.contributions.publishedPorts.map(({ by, port }) => ({
      part: by.map((key) => this.partName(key)).join(", "),
      container: this.containerName,
      ...port,
    }));
  }

  /** The labels of the container. */
  public get labels(): readonly (readonly [string, string])[] {
    return this.contributions.labelValues;
  }

  /** Says that a part needs something outside the host, which a restricted egress then lets through. */
  public reaches(part: string, address: string, port: number): void {
    this.service.reaches(`${this.subject}: part ${quote(part)}`, address, port);
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

  /** What the parts contribute, and the files that must be placed before the container starts. */
  private merge(): MergedContributions {
    const merged = this.contributions.merge();
    const placed = [...this.directories.values()].map(({ resource }) => resource);
    return { ...merged, dependsOn: [...merged.dependsOn, ...placed] };
  }
}

function bindAll<P extends Parts>(
  workload: Workload,
  scopes: ReadonlySet<IConstruct>,
  parts: P | undefined,
): Handles<P> {
  const handles: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(parts ?? {})) {
    checkName("partKey", key, workload.subject, "parts");
    handles[key] = part.bind(workload, key);
    const { formerly } = part;
    if (formerly === undefined) continue;
    checkFormerly(formerly, `${workload.subject}, part ${quote(key)}`);
    if (isWholeKey(formerly)) continue;
    // Some parts make their constructs when all parts are bound.
    workload.whenBound(() => {
      for (const scope of [workload, ...scopes]) {
        const construct = scope.node.tryFindChild(key);
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

function kebab(key: string): string {
  return snakeCase(key).replaceAll("_", "-");
}
