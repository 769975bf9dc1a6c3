import type { ITerraformDependable } from "cdktf";
import {
  byPort,
  type Contribution,
  type Mount,
  type NetworkMembership,
  type PublishedPort,
  type Upload,
} from "./contribution";
import { checkAbsolutePath, checkName } from "../values/names";
import { alternatives, quote } from "../../contract/text";
import { checkText } from "../values/text-limits";

/** Everything contributed to one container, in an order that does not depend on the order of the parts. */
export interface MergedContributions {
  /** Labels by name. */
  readonly labels: readonly (readonly [string, string])[];
  /** Environment variables as `NAME=value`. */
  readonly environment: readonly string[];
  /** Mounts by target. */
  readonly mounts: readonly Mount[];
  /** Temporary file systems by path. */
  readonly tmpfs: readonly (readonly [string, string])[];
  /** Networks by name. */
  readonly networks: readonly NetworkMembership[];
  /** Published ports in the daemon's own order: by internal port, protocol, address. */
  readonly ports: readonly PublishedPort[];
  /** Files by path. */
  readonly uploads: readonly Upload[];
  /** What must exist before the container. */
  readonly dependsOn: readonly ITerraformDependable[];
  /** Facts that replace the container, by name. */
  readonly restartOn: ReadonlyMap<string, string>;
  /** Containers that this one is replaced with. */
  readonly replacedWith: readonly string[];
}

interface Entry<T> {
  readonly value: T;
  readonly by: string;
}

/** Collects what parts add to a container, and refuses two parts that disagree. */
export class Contributions {
  private readonly labels = new Map<string, Entry<string>>();
  private readonly environment = new Map<string, Entry<string>>();
  /** Everything that occupies a path in the container. */
  private readonly paths = new Map<string, Entry<Mount | Upload | string>>();
  private readonly networks = new Map<string, Set<string>>();
  private readonly ports = new Map<string, { by: Set<string>; port: PublishedPort }>();
  private readonly dependsOn = new Set<ITerraformDependable>();
  private readonly restartOn = new Map<string, string>();
  private readonly replacedWith = new Set<string>();

  public constructor(private readonly subject: string) {}

  /** Adds what the part `by` contributes. */
  public add(by: string, contribution: Contribution): void {
    const { subject } = this;
    for (const [name, value] of Object.entries(contribution.labels ?? {})) {
      checkText(name, subject, "the name of a label");
      checkText(value, subject, `label ${quote(name)}`);
      this.set(this.labels, "label", name, value, by);
    }
    for (const [name, value] of Object.entries(contribution.environment ?? {})) {
      checkName("environmentVariable", name, subject, "environment");
      checkText(value, subject, `variable ${quote(name)}`);
      this.set(this.environment, "variable", name, value, by);
    }
    for (const mount of contribution.mounts ?? []) this.occupy(mount.target, mount, by);
    for (const [path, options] of Object.entries(contribution.tmpfs ?? {})) this.occupy(path, options, by);
    for (const upload of contribution.uploads ?? []) this.occupy(upload.file, upload, by);
    for (const { name, aliases } of contribution.networks ?? []) {
      this.networks.set(name, new Set([...(this.networks.get(name) ?? []), ...aliases]));
    }
    for (const port of contribution.ports ?? []) {
      this.publish(port, by);
    }
    for (const dependency of contribution.dependsOn ?? []) this.dependsOn.add(dependency);
    for (const [name, value] of Object.entries(contribution.restartOn ?? {})) this.restartOn.set(name, value);
    for (const reference of contribution.replacedWith ?? []) this.replacedWith.add(reference);
  }

  /** Labels and their values. */
  public get labelValues(): readonly (readonly [string, string])[] {
    return [...this.labels].sort(byFirst).map(([name, { value }]) => [name, value]);
  }

  /** The published ports with what publishes each, in the daemon's own order. */
  public get publishedPorts(): readonly { readonly by: readonly string[]; readonly port: PublishedPort }[] {
    return [...this.ports.values()]
      .map(({ by, port }) => ({ by: [...by].sort(), port }))
      .sort((a, b) => byPort(a.port, b.port));
  }

  /** Everything, sorted. */
  public merge(): MergedContributions {
    const occupied = [...this.paths].sort(byFirst);
    return {
      labels: this.labelValues,
      environment: [...this.environment].sort(byFirst).map(([name, { value }]) => `${name}=${value}`),
      mounts: occupied.flatMap(([, { value }]) => (typeof value === "object" && "target" in value ? [value] : [])),
      tmpfs: occupied.flatMap(([path, { value }]) => (typeof value === "string" ? [[path, value] as const] : [])),
      uploads: occupied.flatMap(([, { value }]) => (typeof value === "object" && "file" in value ? [value] : [])),
      networks: [...this.networks].sort(byFirst).map(([name, aliases]) => ({ name, aliases: [...aliases].sort() })),
      ports: this.publishedPorts.map(({ port }) => port),
      dependsOn: [...this.dependsOn],
      restartOn: new Map([...this.restartOn].sort(byFirst)),
      replacedWith: [...this.replacedWith].sort(),
    };
  }

  /**
   * One port that several ask for is open to all of their networks; without networks it is open as its address says.
   * Its guard is what any of them says: who only asks for the address does not know it.
   */
  private publish(port: PublishedPort, by: string): void {
    const name = `${port.ip}:${port.external}/${port.protocol}`;
    const known = this.ports.get(name);
    if (!known) {
      this.ports.set(name, { by: new Set([by]), port });
      return;
    }
    const { from, ...rest } = known.port;
    if (known.port.internal !== port.internal) {
      throw new Error(
        `${this.subject}: ${alternatives(known.by)} and ${quote(by)} both publish the port ${quote(name)}, of the container's ports ${known.port.internal} and ${port.internal}: give one of them another`,
      );
    }
    const { guard = port.guard } = known.port;
    if (port.guard !== undefined && port.guard !== guard) {
      throw new Error(
        `${this.subject}: ${alternatives(known.by)} and ${quote(by)} say of the port ${quote(name)} that ${quote(guard)} and ${quote(port.guard)} stand before it: remove 'guard' from one`,
      );
    }
    const both = from && port.from ? [...new Set([...from, ...port.from])].sort() : undefined;
    known.by.add(by);
    known.port = { ...rest, ...(both && { from: both }), ...(guard !== undefined && { guard }) };
  }

  private set<T>(entries: Map<string, Entry<T>>, kind: string, name: string, value: T, by: string): void {
    const other = entries.get(name);
    if (other && JSON.stringify(other.value) !== JSON.stringify(value)) {
      throw new Error(
        `${this.subject}: ${quote(other.by)} and ${quote(by)} both set the ${kind} ${quote(name)}, to ${quote(other.value)} and ${quote(value)}: remove it from one`,
      );
    }
    if (!other) entries.set(name, { value, by });
  }

  private occupy(path: string, value: Mount | Upload | string, by: string): void {
    const subject = `${this.subject}, part ${quote(by)}`;
    checkAbsolutePath(path, subject, "path");
    checkText(path, subject, "'path'");
    if (typeof value === "object" && "source" in value) checkText(value.source, subject, "what is mounted");
    const other = this.paths.get(path);
    if (other) {
      throw new Error(
        `${this.subject}: parts ${quote(other.by)} and ${quote(by)} both claim the path ${quote(path)} in the container, move or remove one`,
      );
    }
    this.paths.set(path, { value, by });
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byFirst(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return compare(a[0], b[0]);
}
