import { dependable, TerraformResource, TerraformStack, type ITerraformDependable } from "cdktf";
import type { IConstruct } from "constructs";

/**
 * What a resource waits for, as `depends_on` has it. A resource of the same stack is known by its address when the stack
 * is written; all else is left to cdktf, which refuses what it can't refer to.
 */
export function waitingFor(scope: IConstruct, dependencies: readonly ITerraformDependable[]): string[] {
  const stack = TerraformStack.of(scope);
  return dependencies.map((one) =>
    one instanceof TerraformResource && TerraformStack.of(one) === stack
      ? `${one.terraformResourceType}.${one.friendlyUniqueId}`
      : dependable(one),
  );
}
