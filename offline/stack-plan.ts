import { mapResources, type StackDocument } from "./providers";
import type { OfflineTerraform } from "./terraform";

/** What Terraform plans for one resource. */
export interface PlannedResource {
  /** The stack. */
  readonly stack: string;
  /** The resource's address. */
  readonly address: string;
  /** The type, for example `docker_container`. */
  readonly type: string;
  /** The name inside the address. */
  readonly name: string;
  /** The key of the instance, where the resource has several. */
  readonly index?: string | number;
  /** The address it is moved from. */
  readonly previousAddress?: string;
  /** What is done. */
  readonly action: "none" | "create" | "import" | "update" | "replace" | "delete" | "forget";
  /** Why, in Terraform's word, where it has one: `replace_by_triggers`. */
  readonly reason?: string;
  /** What forces a replacement: attributes, with the keys and indexes inside them. */
  readonly replacePaths: readonly (readonly (string | number)[])[];
  /** Top-level attributes whose planned values differ. */
  readonly changed: readonly string[];
}

/** The part of `terraform show -json` that is looked at here. */
interface ResourceChange {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly index?: string | number;
  readonly previous_address?: string;
  readonly action_reason?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
    readonly after_unknown?: Readonly<Record<string, unknown>>;
    readonly replace_paths?: readonly (readonly (string | number)[])[];
    readonly importing?: object;
  };
}

/**
 * Plans a stack against what it was before: the earlier document is applied, with its state in memory, and the later
 * one planned on top, each by the Terraform that has its providers. Without an earlier one everything is new. What Terraform would refuse to destroy is planned all
 * the same, so that the plan can be told: who reports it looks for it.
 */
export async function planStack(
  { forBase, forHead }: { readonly forBase: OfflineTerraform; readonly forHead: OfflineTerraform },
  before: StackDocument | undefined,
  after: StackDocument,
): Promise<PlannedResource[]> {
  const words = ["-input=false", "-no-color", "-lock=false"];
  if (before) {
    const folder = await forBase.prepare(before);
    const applied = await forBase.run(
      folder,
      ["apply", "-auto-approve", "-refresh=false", ...words],
      before.document.variable,
    );
    if (applied.status !== 0) {
      throw new Error(`stack ${JSON.stringify(before.name)} of the base can't be applied: ${applied.stderr.trim()}`);
    }
  }
  const head = withoutProtection(after);
  const folder = before && forBase === forHead ? forHead.replace(head) : await forHead.prepare(head);
  const planned = await forHead.run(folder, ["plan", "-refresh=false", "-out=plan", ...words], after.document.variable);
  if (planned.status !== 0) {
    throw new Error(`stack ${JSON.stringify(after.name)} can't be planned: ${planned.stderr.trim()}`);
  }
  const shown = await forHead.run(folder, ["show", "-json", "plan"], after.document.variable);
  if (shown.status !== 0) throw new Error(`the plan of ${JSON.stringify(after.name)} can't be read: ${shown.stderr}`);
  const { resource_changes: changes = [] } = JSON.parse(shown.stdout) as {
    readonly resource_changes?: readonly ResourceChange[];
  };
  return changes.flatMap((change) => (change.mode === "managed" ? told(after.name, change) : []));
}

function told(stack: string, resource: ResourceChange): PlannedResource[] {
  const { change, previous_address: previousAddress, action_reason: reason } = resource;
  const action = actionOf(change);
  if (action === "none" && previousAddress === undefined) return [];
  return [
    {
      stack,
      address: resource.address,
      type: resource.type,
      name: resource.name,
      index: resource.index,
      previousAddress,
      action,
      reason,
      replacePaths: change.replace_paths ?? [],
      changed: action === "update" || action === "replace" ? changedAttributes(change) : [],
    },
  ];
}

function actionOf({ actions, importing }: ResourceChange["change"]): PlannedResource["action"] {
  if (actions.length > 1) return "replace";
  const [action = "no-op"] = actions;
  if (importing && action === "no-op") return "import";
  if (action === "no-op" || action === "read") return "none";
  return action as "create" | "update" | "delete" | "forget"; // what else Terraform has (its JSON output format)
}

/** The values themselves stay here: nobody but Terraform needs them, and one may be secret. */
function changedAttributes({ before, after, after_unknown: unknown = {} }: ResourceChange["change"]): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {}), ...Object.keys(unknown)]);
  return [...names]
    .filter(
      (name) =>
        isUnknown(unknown[name]) || JSON.stringify(before?.[name] ?? null) !== JSON.stringify(after?.[name] ?? null),
    )
    .sort();
}

function isUnknown(mark: unknown): boolean {
  if (mark === true) return true;
  return typeof mark === "object" && mark !== null && Object.values(mark).some(isUnknown);
}

/** Terraform ends a plan that destroys what is protected, without telling the rest of it. */
function withoutProtection(stack: StackDocument): StackDocument {
  const document = mapResources(stack.document, ({ lifecycle, ...body }) => {
    if (typeof lifecycle !== "object" || lifecycle === null || !("prevent_destroy" in lifecycle)) {
      return lifecycle === undefined ? body : { ...body, lifecycle };
    }
    const { prevent_destroy: _protected, ...others } = lifecycle;
    return { ...body, lifecycle: others };
  });
  return { ...stack, document };
}
