import type { StackDocument } from "./providers";
import type { OfflineTerraform } from "./terraform";

/** What one construct's resource goes through. */
export interface PlannedChange {
  /** The stack. */
  readonly stack: string;
  /** The resource's address. */
  readonly address: string;
  /** The construct that made it. */
  readonly path: string | undefined;
  /** `create`, `import`, `update`, `replace`, `delete` or `forget`. */
  readonly action: string;
}

interface ResourceChange {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly change: { readonly actions: readonly string[] };
}

/** Plans a stack that was never applied. */
export async function planFirst(terraform: OfflineTerraform, stack: StackDocument): Promise<PlannedChange[]> {
  const { name, document } = stack;
  const folder = await terraform.prepare(stack);
  const planned = await terraform.run(folder, ["plan", "-input=false", "-no-color", "-out=plan"], document.variable);
  if (planned.status !== 0) throw new Error(`stack ${JSON.stringify(name)} can't be planned: ${planned.stderr.trim()}`);
  const { stdout } = await terraform.run(folder, ["show", "-json", "plan"], document.variable);
  const { resource_changes: changes = [] } = JSON.parse(stdout) as { resource_changes?: readonly ResourceChange[] };
  return changes
    .filter(({ mode, change }) => mode === "managed" && change.actions.join() !== "no-op")
    .map(({ address, type, name: resource, change }) => ({
      stack: name,
      address,
      path: document.resource?.[type]?.[resource]?.["//"]?.metadata?.path,
      action: change.actions.length > 1 ? "replace" : (change.actions[0] ?? "no-op"),
    }));
}
