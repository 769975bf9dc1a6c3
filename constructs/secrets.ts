import { TerraformStack, TerraformVariable } from "cdktf";
import type { IConstruct } from "constructs";
import { secretVariable } from "./text";

/** Where the values of secrets come from when a stack is planned or applied. */
export interface ISecrets {
  /** What the store is called in the manifest. */
  readonly kind: string;
  /**
   * A Terraform expression, without `${}`, for the value of a secret inside the stack of `scope`. The value is
   * ephemeral: Terraform keeps it in no state and no plan.
   */
  reference(scope: IConstruct, name: string): string;
  /**
   * The value as a token, for what can't take an ephemeral one. It rests in the state of that stack.
   */
  persistedValue(scope: IConstruct, name: string): string;
}

/** The stores that secrets come from. */
export class Secrets {
  /**
   * Each secret is an ephemeral Terraform variable, whose value is the environment variable `TF_VAR_` and the
   * secret's name with underscores: `TF_VAR_webservices_paperless_db_pass`.
   */
  public static fromEnvironment(): ISecrets {
    return {
      kind: "environment",
      reference: (scope, name) => `var.${variable(scope, secretVariable(name), { ephemeral: true }).friendlyUniqueId}`,
      persistedValue: (scope, name) =>
        variable(scope, `${secretVariable(name)}_persisted`, { ephemeral: false }).stringValue,
    };
  }

  private constructor() {}
}

function variable(scope: IConstruct, name: string, { ephemeral }: { readonly ephemeral: boolean }): TerraformVariable {
  const stack = TerraformStack.of(scope);
  const id = `Secret ${name}`;
  const known = stack.node.tryFindChild(id);
  if (known instanceof TerraformVariable) return known;
  const created = new TerraformVariable(stack, id, { type: "string", sensitive: true });
  created.overrideLogicalId(name);
  if (ephemeral) created.addOverride("ephemeral", true);
  return created;
}
