import * as path from "node:path";
import { App } from "cdktf";
import type { IConstruct } from "constructs";
import { recordCircumstances } from "../../contract/circumstances";
import { Generations } from "../../contract/generations";
import { Ledger } from "../../contract/ledger";
import { EMPTY_MANIFEST } from "../../contract/manifest";
import { Secrets, type ISecrets } from "./secrets";
import { skipTokenStackTraces } from "./stack-traces";
import { writeFileAtomically } from "../../contract/write-file";

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
 * What one concern knows of a whole lab: a collection, and what it has to say. The file of the concern makes it with
 * `perLab()`; the lab asks each and names none.
 */
export interface LabConcern {
  /** What is wrong with the lab, once everything is declared: a sentence each. Asked once, before stacks are written. */
  findings?(): readonly string[];
  /** What is wrong with what was rendered, overrides included. */
  findingsOfRendered?(): readonly string[];
  /** Its sections of the manifest. */
  sections?(): Readonly<Record<string, unknown>>;
  /** Writes its files when the lab was written; changes none where somebody only wants to look. */
  save?(isDryRun: boolean): void;
}

/** Finds a concern by the lab, or by any construct in it. */
export type OfLab<T> = (at: IConstruct | Lab) => T;

/**
 * Makes a concern of every lab, once each.
 *
 * @typeParam T - what it is; a `LabConcern` where it has something to say
 * @param make - makes it for a lab; called when it is first asked for, at the latest when the lab is looked at
 */
export function perLab<T extends object>(make: (lab: Lab) => T): OfLab<T> {
  CONCERNS.push(make);
  return (at) => (at instanceof Lab ? at : Lab.of(at)).concern(make);
}

/** The concerns of every lab, in the order in which their files were read. */
const CONCERNS: ((lab: Lab) => object)[] = [];

/**
 * What holds for all constructs of one app, and what they know of each other. There is one for every app, found with
 * `Lab.of()`; it is no construct and owns no resource.
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

  private settings: Required<Omit<LabSettings, "environment">> & LabSettings = {
    ledger: Ledger.inMemory(),
    generations: Generations.inMemory(),
    secrets: Secrets.fromEnvironment(),
  };
  private readonly made = new Map<(lab: Lab) => object, object>();
  private isRehearsal = false;
  private rehearsed: Lab | undefined;
  private findings: readonly string[] | undefined;
  private speaker: IConstruct | undefined;

  private constructor(root: IConstruct) {
    skipTokenStackTraces();
    if (App.isApp(root)) root.node.addValidation({ validate: () => this.write(root) });
  }

  /** Sets what holds for the whole lab. To be called before the first host, zone or server is made. */
  public configure(settings: LabSettings): void {
    if (this.made.size > 0)
      throw new Error("the lab must be configured before its first host, zone or database server is made");
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

  /** The generations of the secrets. */
  public get generations(): Generations {
    return this.settings.generations;
  }

  /** Where the values of secrets come from. */
  public get secrets(): ISecrets {
    return this.settings.secrets;
  }

  /** A name as it is used on hosts and servers: suffixed with the environment. */
  public physicalName(name: string): string {
    return this.environment === undefined ? name : `${name}-${this.environment}`;
  }

  /** The lab's own one of a concern: see `perLab()`. */
  public concern<T extends object>(make: (lab: Lab) => T): T {
    const known = this.made.get(make);
    if (known) return known as T; // made by the same function
    const created = make(this);
    this.made.set(make, created);
    return created;
  }

  /**
   * Looks at the whole lab, once: what nobody backs up, what the ledger lacks or no longer finds. Every finding is one
   * sentence; all are reported by the synthesis together.
   */
  public close(): readonly string[] {
    this.findings ??= this.concerns().flatMap((concern) => concern.findings?.() ?? []);
    return this.findings;
  }

  /**
   * Refuses what comes when the lab was looked at already: no finding would see it, and it would be in some of what is
   * written only.
   *
   * @param what - who does what, for the message: `service "app", part "web" adds to its container`
   */
  public checkOpen(what: string): void {
    if (this.findings)
      throw new Error(
        `${what} after the lab was closed, where nothing looks at it any more: do it when the part is bound, in 'whenBound()', or before 'app.synth()'`,
      );
  }

  /** What is wrong with the lab, told through one of the owners that are asked: each finding is printed once. */
  public findingsThrough(owner: IConstruct): readonly string[] {
    this.speaker ??= owner;
    return this.speaker === owner ? this.close() : [];
  }

  /** All concerns, also those that nothing asked for: a ledger may have what no code declares any more. */
  private concerns(): readonly LabConcern[] {
    return CONCERNS.map((make): LabConcern => this.concern(make));
  }

  /**
   * Refuses what only what was rendered shows. Writes the manifest, and what a person's synthesis adds to the ledger and
   * the generations. Who only wants to look, as `homelab plan` does, sets `HOMELAB_DRY_RUN=true`, and both files stay
   * as they are.
   */
  private write(app: App): string[] {
    const concerns = this.concerns();
    const findings = concerns.flatMap((concern) => concern.findingsOfRendered?.() ?? []);
    if (findings.length > 0) return findings;
    const manifest: Record<string, unknown> = { ...EMPTY_MANIFEST, environment: this.environment };
    for (const concern of concerns) Object.assign(manifest, concern.sections?.());
    writeFileAtomically(path.join(app.outdir, "homelab.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    recordCircumstances(app.outdir);
    for (const concern of concerns) concern.save?.(process.env.HOMELAB_DRY_RUN === "true");
    return [];
  }
}
