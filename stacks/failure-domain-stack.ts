import {
  TerraformElement,
  TerraformOutput,
  TerraformProvider,
  TerraformResource,
  TerraformStack,
  type TerraformRemoteState,
} from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { addressName, formerNames, movesAlong } from "../constructs/lab/address-names";
import { HolderRegistry } from "../constructs/ledger/holder-registry";
import { Lab } from "../constructs/lab/lab";
import { isRecord, merge } from "../constructs/values/merge";
import { quote } from "../contract/text";
import { WorkloadContainer } from "../constructs/container/workload-container";
import { Backend } from "./backend";
import { PROVIDER_PINS } from "./provider-pins";
import { resolve } from "./resolve";

/** The type of the resources that make folders. They hold nothing themselves, so that any may go. */
const FOLDERS = "null_resource";

/** The type of containers. */
const CONTAINERS = "docker_container";

/** What every stack of a lab has. */
export interface FailureDomainStackProps {
  /**
   * Where the state is kept.
   *
   * @default Backend.local()
   */
  readonly backend?: Backend;
}

/**
 * The endpoints that fail together: one state, one plan, one deployment. It has a backend and exact providers, its
 * addresses can be read, and it takes nothing from another stack's state.
 */
export class FailureDomainStack extends TerraformStack {
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
    const addresses = this.addresses();
    this.moveRenamed(addresses);
    const overrides = this.overridesWithout(addresses);
    const elements = elementsOf(this);
    const metadata: Record<string, unknown> = {
      version: this.node.tryGetContext("cdktfVersion"),
      stackName: this.node.id,
      backend: "local",
    };
    if (Object.keys(this.overrides).length > 0) metadata.overrides = { stack: Object.keys(this.overrides) };
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
   * What is overridden, without what is of a container: that renders it by itself, so that its fingerprint has it, and
   * so have those who look at what a container may do.
   */
  private overridesWithout(addresses: ReadonlyMap<string, TerraformElement>): Record<string, unknown> {
    const { resource } = this.overrides;
    if (!isRecord(resource) || !isRecord(resource[CONTAINERS])) return this.overrides;
    const others = Object.entries(resource[CONTAINERS]).filter(([name, values]) => {
      const container = addresses.get(`${CONTAINERS}.${name}`);
      if (!(container instanceof WorkloadContainer)) return true;
      container.overrideByStack(values);
      return false;
    });
    return { ...this.overrides, resource: { ...resource, [CONTAINERS]: Object.fromEntries(others) } };
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

  /** The name of an element in its address: the ids on the way to it, in snake case. */
  protected override allocateLogicalId(element: TerraformElement): string {
    return addressName(element);
  }

  /** All addresses of the stack. Refuses two elements with one, also where the ledger or somebody says the name. */
  private addresses(): ReadonlyMap<string, TerraformElement> {
    const holders = HolderRegistry.of(this);
    const known = new Map<string, TerraformElement>();
    for (const element of elementsOf(this)) {
      const isResource = element instanceof TerraformResource;
      const type = isResource ? element.terraformResourceType : element.constructor.name;
      const address = `${type}.${element.friendlyUniqueId}`;
      const other = known.get(address);
      if (other !== undefined) {
        throw new Error(
          `stack ${quote(this.node.id)}: ${quote(other.node.path)} and ${quote(element.node.path)} would both have the address ${address}, rename one`,
        );
      }
      const key = isResource && type !== FOLDERS && !holders.keeps(element) ? holders.keyAt(this, address) : undefined;
      if (key !== undefined) {
        throw new Error(
          `stack ${quote(this.node.id)}: ${quote(element.node.path)} would have the address ${address}, by which a state may know the data of ${quote(key)} in the ledger, rename it`,
        );
      }
      known.set(address, element);
    }
    return known;
  }

  /**
   * Lets Terraform move what a renamed service or part left under its former address. What holds data is moved as the
   * ledger says. An address that something else has by now is moved nowhere: names were swapped, or taken again.
   */
  private moveRenamed(known: ReadonlyMap<string, TerraformElement>): void {
    const holders = HolderRegistry.of(this);
    const others = [...known].flatMap(([address, element]) => {
      if (!(element instanceof TerraformResource) || holders.keeps(element)) return [];
      const former = formerNames(element);
      // DNS records and what has a fixed address are named after something else than their place in the tree.
      if (former.length === 0 || element.friendlyUniqueId !== addressName(element)) return [];
      return [[...former.map((name) => `${element.terraformResourceType}.${name}`), address]];
    });
    const moved = new Set<string>();
    const all = [...holders.waysIn(this), ...others]
      .flatMap((way) => movesAlong(way.filter((one, index) => index === way.length - 1 || !known.has(one))))
      .filter(({ from }) => !moved.has(from) && moved.add(from));
    if (all.length > 0) this.addOverride("moved", all);
  }

  private pinProviders(): void {
    for (const provider of elementsOf(this)) {
      if (!TerraformProvider.isTerraformProvider(provider)) continue;
      const name = provider.terraformResourceType;
      if (name in PROVIDER_PINS) this.addOverride(`terraform.required_providers.${name}.version`, PROVIDER_PINS[name]);
    }
  }
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
