import {
  TerraformElement,
  TerraformOutput,
  TerraformProvider,
  TerraformResource,
  TerraformStack,
  type TerraformRemoteState,
} from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { formerIdOf } from "../constructs/former-id";
import { Lab } from "../constructs/lab";
import { Owner } from "../constructs/owner";
import { quote, snakeCase } from "../constructs/text";
import { Backend } from "./backend";
import { PROVIDER_PINS } from "./provider-pins";
import { isRecord, merge } from "./merge";
import { resolve } from "./resolve";

/** What every stack of a lab has. */
export interface FailureDomainStackProps {
  /**
   * Where the state is kept.
   *
   * @default Backend.local()
   */
  readonly backend?: Backend;
}

/** Ids that name no thing of their own: they are left out of addresses. */
const SILENT_IDS = new Set(["Resource", "Files", "Placement", "Folder"]);

/**
 * The endpoints that fail together: one state, one plan, one deployment. It has a backend and exact providers, its
 * addresses can be read, and it takes nothing from another stack's state.
 */
export class FailureDomainStack extends TerraformStack {
  private readonly addresses = new Map<string, string>();
  /** What `addOverride()` collected; cdktf keeps its own copy private. */
  private readonly overrides: Record<string, unknown> = {};
  private refused: string | undefined;

  /** Makes a stack; `scope` is the `App` itself. */
  public constructor(scope: Construct, id: string, props: FailureDomainStackProps = {}) {
    super(scope, id);
    if (scope.node.scope !== undefined) {
      throw new Error(
        `stack ${quote(id)} must be a direct child of the App, got ${quote(scope.node.path)} as its scope: cdktf neither validates nor names what lies deeper`,
      );
    }
    (props.backend ?? Backend.local()).attach(this);
  }

  /** Sets a value in the synthesized JSON, by its path with dots. */
  public override addOverride(path: string, value: unknown): void {
    super.addOverride(path, value);
    const keys = path.split(".");
    const last = keys.pop() ?? path;
    let current = this.overrides;
    for (const key of keys) {
      if (!isRecord(current[key])) current[key] = {};
      current = current[key] as Record<string, unknown>; // just made sure of
    }
    current[last] = value;
  }

  /** Refuses what would copy another stack's outputs, secrets included, into this stack's state. */
  public override registerIncomingCrossStackReference(fromStack: TerraformStack): TerraformRemoteState {
    this.refused = `a value of stack ${quote(fromStack.node.id)} is used in stack ${quote(this.node.id)}, which would copy that stack's state into this one: pass what is known at synthesis as plain text, or move the resource into the same stack`;
    throw new Error(this.refused);
  }

  /** Looks at the whole lab before any stack is written. */
  public override prepareStack(): void {
    const findings = Lab.of(this).close();
    if (findings.length > 0) throw new Error(findings.join("\n"));
    this.ensureBackendExists();
  }

  /** The stack as Terraform's JSON: what cdktf makes of it, with less resolution. */
  public override toTerraform(): Record<string, unknown> {
    this.pinProviders();
    this.moveRenamed();
    const elements = elementsOf(this);
    const metadata: Record<string, unknown> = {
      version: this.node.tryGetContext("cdktfVersion"),
      stackName: this.node.id,
      backend: "local",
    };
    const { overrides } = this;
    if (Object.keys(overrides).length > 0) metadata.overrides = { stack: Object.keys(overrides) };
    for (const element of elements) merge(metadata, resolve(this, element.toMetadata()));
    const outputs: Record<string, unknown> = {};
    for (const element of elements) {
      if (TerraformOutput.isTerraformOutput(element))
        merge(outputs, nest(element.node.path.split("/"), element.friendlyUniqueId));
    }
    const document: Record<string, unknown> = { "//": { metadata, outputs } };
    for (const element of elements) merge(document, this.render(element));
    merge(document, resolve(this, overrides));
    return document;
  }

  /**
   * One element as JSON. cdktf resolves once more beforehand, to make what references between stacks need; here such a
   * reference is refused, so that once is enough.
   */
  private render(element: TerraformElement): unknown {
    try {
      return resolve(this, element.toTerraform(), true);
    } catch (error) {
      // cdktf wraps what is thrown while it resolves in its own words.
      throw new Error(`${element.node.path}: ${this.refused ?? (error as Error).message}`, { cause: error });
    }
  }

  /** The name of an element in its address: the ids on the way to it, in snake case. Unique or refused. */
  protected override allocateLogicalId(element: TerraformElement): string {
    const name = this.addressName(element, (construct) => construct.node.id);
    const type = element instanceof TerraformResource ? element.terraformResourceType : element.constructor.name;
    const key = `${type}.${name}`;
    const other = this.addresses.get(key);
    if (other !== undefined && other !== element.node.path) {
      throw new Error(
        `stack ${quote(this.node.id)}: ${quote(other)} and ${quote(element.node.path)} would both have the address ${key}, rename one`,
      );
    }
    this.addresses.set(key, element.node.path);
    return name;
  }

  private addressName(element: IConstruct, idOf: (construct: IConstruct) => string): string {
    const inside = element.node.scopes.slice(element.node.scopes.indexOf(this) + 1);
    const named = inside.filter((construct) => !SILENT_IDS.has(construct.node.id) && !Owner.is(construct));
    const name =
      named.map((construct) => snakeCase(idOf(construct))).join("_") || snakeCase(inside.at(-1)?.node.id ?? "");
    return /^[0-9]/.test(name) ? `_${name}` : name;
  }

  /** Lets Terraform move what a renamed service or part left under its former address. */
  private moveRenamed(): void {
    const moves = elementsOf(this).flatMap((element) => {
      if (
        !(element instanceof TerraformResource) ||
        !element.node.scopes.some((scope) => formerIdOf(scope) !== undefined)
      )
        return [];
      const type = element.terraformResourceType;
      const renamed = element.node.scopes.filter((scope) => formerIdOf(scope) !== undefined);
      const names = renamings(renamed.length).map((isFormer) =>
        this.addressName(element, (construct) => {
          const former = isFormer[renamed.indexOf(construct)] === true ? formerIdOf(construct) : undefined;
          return former ?? construct.node.id;
        }),
      );
      // DNS records and what has a fixed address are named after something else than their place in the tree.
      if (element.friendlyUniqueId !== names.at(-1)) return [];
      const steps = names.filter((name, index) => names.lastIndexOf(name) === index);
      return steps.slice(0, -1).map((name, index) => ({ from: `${type}.${name}`, to: `${type}.${steps[index + 1]}` }));
    });
    if (moves.length > 0) this.addOverride("moved", moves);
  }

  private pinProviders(): void {
    for (const provider of elementsOf(this)) {
      if (!TerraformProvider.isTerraformProvider(provider)) continue;
      const name = provider.terraformResourceType;
      if (name in PROVIDER_PINS) this.addOverride(`terraform.required_providers.${name}.version`, PROVIDER_PINS[name]);
    }
  }
}

/**
 * Which of several renamed things still have their former names, from all ways in which a state may know them to now.
 * Terraform follows one way only to an address, so all are on one: from step to step one thing gets its name.
 */
function renamings(count: number): boolean[][] {
  // The Gray code, backwards.
  return Array.from({ length: 2 ** count }, (_, index) => 2 ** count - 1 - index).map((index) =>
    Array.from({ length: count }, (_, bit) => (((index ^ (index >> 1)) >> bit) & 1) === 1),
  );
}

/** The Terraform elements of a stack, in the order of the tree. */
function elementsOf(construct: IConstruct, into: TerraformElement[] = []): TerraformElement[] {
  if (TerraformElement.isTerraformElement(construct)) into.push(construct);
  for (const child of construct.node.children) if (!TerraformStack.isStack(child)) elementsOf(child, into);
  return into;
}

function nest(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, part) => ({ [part]: inner }), value);
}
