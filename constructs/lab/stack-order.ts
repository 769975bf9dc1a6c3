import { TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { quote } from "../../contract/text";

/**
 * Deploys the stack of `first` before the stack of `then`. The order reads no state: what crosses between stacks is
 * plain text that is known at synthesis.
 */
export function connectStacks(then: IConstruct, first: IConstruct, subject: string): void {
  const later = TerraformStack.of(then);
  const earlier = TerraformStack.of(first);
  if (later === earlier || later.dependencies.includes(earlier)) return;
  if (earlier.dependsOn(later)) {
    throw new Error(
      `${subject}: stack ${quote(later.node.id)} would have to be deployed after ${quote(earlier.node.id)}, which already waits for it: put both services on one host, or remove one 'needs'`,
    );
  }
  later.addDependency(earlier);
}
