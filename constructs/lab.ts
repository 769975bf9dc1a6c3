import * as path from "node:path";
import { App } from "cdktf";
import type { IConstruct } from "constructs";
import { AccessControl } from "./access-control";
import { recordCircumstances } from "./circumstances";
import { Forwards } from "./forwards";
import { Generations } from "./generations";
import type { Host } from "./host";
import type { HostDirectory } from "./host-directory";
import { HolderRegistry } from "./holder-registry";
import { Ledger } from "./ledger";
import { writeManifest } from "./manifest-file";
import { nameConflicts } from "./name-conflicts";
import { tell } from "./news";
import type { PostgresServer } from "./postgres-server";
import { portConflicts } from "./port-conflicts";
import { privilegeFindings } from "./privileges";
import { SecretNames } from "./secret-names";
import { SecretUses, type SecretUse } from "./secret-uses";
import { Secrets, type ISecrets } from "./secrets";
import type { HomelabService } from "./service";
import { skipTokenStackTraces } from "./stack-traces";
import { quote, secretVariable } from "./text";
import type { IWorkload } from "./service-commons";
import type { UsedSecret } from "./workload-props";
import type { Zone } from "./zone";

/** What holds for a whole lab. */
export interface LabSettings {
  /**
   * The environment, which every physical name is suffixed with, for example `staging`.
   *
   * @default - none, and no suffix
   */
  readonly environment?: string;
  /**
   * The list of everything that holds data.
   *
   * @default Ledger.inMemory() - nothing is frozen and nothing is remembered
   */
  readonly ledger?: Ledger;
  /**
   * The generations of the secrets.
   *
   * @default Generations.inMemory()
   */
  readonly generations?: Generations;
  /**
   * Where the values of secrets come from.
   *
   * @default Secrets.fromEnvironment()
   */
  readonly secrets?: ISecrets;
}

/**
 * What the constructs of one app know of each other: the names that must be unique in a lab, what holds data, and who
 * may reach what. There is one for every app, found with `Lab.of()`; it is no construct and owns no resource.
 */
export class Lab {
  private static readonly labs = new WeakMap<IConstruct, Lab>();

  /** The lab of the app that a construct is in. */
  public static of(construct: IConstruct): Lab {
    const root = construct.node.root;
    const known = Lab.labs.get(root);
    if (known) return known;
    const created = new Lab(root);
    Lab.labs.set(root, created);
    return created;
  }

  /** The hosts by name. */
  public readonly hosts = new Map<string, Host>();
  /** The zones by name. */
  public readonly zones = new Map<string, Zone>();
  /** The database servers by name. */
  public readonly servers = new Map<string, PostgresServer>();
  /** The services by name. */
  public readonly services = new Map<string, HomelabService>();
  /** The containers of all services, companions included. */
  public readonly workloads: IWorkload[] = [];
  /** Who may pass the sign-on, over all routes. */
  public readonly accessControl = new AccessControl();
  /** The directories of files that stacks place on hosts. */
  public readonly directories: HostDirectory[] = [];
  /** Which stacks need which secrets. */
  public readonly secretUses = new SecretUses();
  /** Which host names lead to which hosts, for what stands before them. */
  public readonly forwards = new Forwards();
  /** What holds data. */
  public readonly holders: HolderRegistry;
  /** What the secrets of services are called. */
  public readonly secretNames: SecretNames;

  private settings: Required<Omit<LabSettings, "environment">> & LabSettings = {
    ledger: Ledger.inMemory(),
    generations: Generations.inMemory(),
    secrets: Secrets.fromEnvironment(),
  };
  private isRehearsal = false;
  private rehearsed: Lab | undefined;
  private readonly variables = new Map<string, string>();
  private readonly newGenerations = new Map<string, number>();
  private findings: readonly string[] | undefined;
  private speaker: IConstruct | undefined;

  private constructor(root: IConstruct) {
    skipTokenStackTraces();
    this.holders = new HolderRegistry(this);
    this.secretNames = new SecretNames(this);
    if (App.isApp(root)) root.node.addValidation({ validate: () => this.write(root) });
  }

  /** Sets what holds for the whole lab. To be called before the first host, zone or server is made. */
  public configure(settings: LabSettings): void {
    if (this.hosts.size + this.zones.size + this.servers.size > 0) {
      throw new Error("the lab must be configured before its first host, zone or database server is made");
    }
    this.settings = { ...this.settings, ...settings };
    if (this.isRehearsal) this.rehearse(this.rehearsed);
  }

  /**
   * Makes this lab a rehearsal: its ledger and its generations are written nowhere. What an earlier rehearsal would
   * have written counts as committed.
   */
  public rehearse(earlier?: Lab): void {
    this.isRehearsal = true;
    this.rehearsed = earlier;
    const { ledger, generations } = this.settings;
    this.settings = {
      ...this.settings,
      ledger: (earlier?.settings.ledger ?? ledger).copy(),
      generations: generations.copy(earlier?.settings.generations),
    };
  }

  /** The environment, for example `staging`. */
  public get environment(): string | undefined {
    return this.settings.environment;
  }

  /** The list of everything that holds data. */
  public get ledger(): Ledger {
    return this.settings.ledger;
  }

  /** Where the values of secrets come from. */
  public get secrets(): ISecrets {
    return this.settings.secrets;
  }

  /** A name as it is used on hosts and servers: suffixed with the environment. */
  public physicalName(name: string): string {
    return this.environment === undefined ? name : `${name}-${this.environment}`;
  }

  /** Takes a member of the lab, and refuses a second one with the same name. */
  public register<T extends IConstruct>(members: Map<string, T>, kind: string, name: string, member: T): void {
    const other = members.get(name);
    if (other) {
      throw new Error(
        `${kind} ${quote(name)} is declared twice, in ${other.node.path} and in ${member.node.path}: rename or remove one`,
      );
    }
    members.set(name, member);
  }

  /** The generations of the secrets. */
  public get generations(): Generations {
    return this.settings.generations;
  }

  /** Takes a secret into use by a construct. */
  public useSecret(scope: IConstruct, name: string, options: SecretUse = {}): UsedSecret {
    return this.secretUses.take(
      scope,
      {
        name,
        generation: this.generationOf(name),
        fingerprint: this.settings.generations.tryGetFingerprint(name),
        store: this.settings.secrets,
      },
      options,
    );
  }

  /** The generation of a secret, 1 for one that is new. */
  private generationOf(secret: string): number {
    const variable = secretVariable(secret);
    const other = this.variables.get(variable);
    if (other !== undefined && other !== secret) {
      throw new Error(
        `the secrets ${quote(other)} and ${quote(secret)} would share the variable ${quote(variable)}: rename one`,
      );
    }
    this.variables.set(variable, secret);
    const known = this.settings.generations.tryGet(secret);
    if (known !== undefined) return known;
    this.newGenerations.set(secret, 1);
    return 1;
  }

  /**
   * Looks at the whole lab, once: what nobody backs up, what the ledger lacks or no longer finds. Every finding is one
   * sentence; all are reported by the synthesis together.
   */
  public close(): readonly string[] {
    this.findings ??= [
      ...[...this.services.values()].flatMap((service) => service.findings()),
      ...this.accessControl.findings(),
      ...this.forwards.findings(),
      ...portConflicts(this.workloads),
      ...nameConflicts(this.workloads),
      ...this.holders.close(),
      ...this.secretNames.close(),
      ...this.checkGenerations(),
    ];
    return this.findings;
  }

  /** What is wrong with the lab, told through one of the owners that are asked: each finding is printed once. */
  public findingsThrough(owner: IConstruct): readonly string[] {
    this.speaker ??= owner;
    return this.speaker === owner ? this.close() : [];
  }

  private checkGenerations(): string[] {
    const { generations } = this.settings;
    if (generations.file === undefined || !isContinuousIntegration()) return [];
    return [...this.newGenerations].map(
      ([secret, generation]) =>
        `secret ${quote(secret)} is not in ${generations.label}, add the line ${quote(secret)}: ${generation}`,
    );
  }

  /**
   * Refuses containers that have a hold on their host without a reason, which only what was rendered shows. Writes the
   * manifest, and what a person's synthesis adds to the ledger and the generations. Who only wants to look,
   * as `homelab plan` does, sets `HOMELAB_DRY_RUN=true`, and both files stay as they are.
   */
  private write(app: App): string[] {
    const privileges = privilegeFindings(this.workloads);
    if (privileges.length > 0) return privileges;
    for (const [secret, generation] of this.newGenerations) this.settings.generations.set(secret, generation);
    writeManifest(path.join(app.outdir, "homelab.json"), this);
    recordCircumstances(app.outdir);
    if (process.env.HOMELAB_DRY_RUN === "true") return [];
    const { ledger, generations } = this.settings;
    if (ledger.save()) tell(`${ledger.label} changed, commit it: ${this.holders.summary()}`);
    if (generations.save()) {
      tell(`${generations.label} changed, commit it: added ${[...this.newGenerations.keys()].join(", ")}`);
    }
    return [];
  }
}

/** Whether nobody is there to commit what a synthesis adds: `CI` is set, as every CI system sets it. */
export function isContinuousIntegration(): boolean {
  const value = process.env.CI;
  return value !== undefined && value !== "" && value !== "false" && value !== "0";
}
