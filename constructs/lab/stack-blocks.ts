import type { TerraformStack } from "cdktf";
import { movesAlong } from "./address-names";

interface Blocks {
  /** All addresses of each holder, the present one last. */
  readonly ways: (readonly string[])[];
  readonly forgotten: Set<string>;
  /** The key of the holder that each address is or was of. */
  readonly keys: Map<string, string>;
}

/** What the stacks of a lab tell Terraform of addresses that holders had, whatever stack of cdktf's they are. */
export class StackBlocks {
  private readonly stacks = new Map<TerraformStack, Blocks>();

  /** Moves a holder along all addresses that it had. */
  public move(stack: TerraformStack, key: string, addresses: readonly string[]): void {
    const { ways, keys } = this.in(stack);
    ways.push(addresses);
    for (const former of addresses.slice(0, -1)) keys.set(former, key);
  }

  /** Lets Terraform drop a holder from its state, and leave the thing itself alone. */
  public forget(stack: TerraformStack, key: string, addresses: readonly string[]): void {
    const { forgotten, keys } = this.in(stack);
    for (const address of addresses) {
      forgotten.add(address);
      keys.set(address, key);
    }
  }

  /** The ways of a stack's holders, each to its present address. */
  public waysIn(stack: TerraformStack): readonly (readonly string[])[] {
    return this.stacks.get(stack)?.ways ?? [];
  }

  /** The key of the holder that an address was of. */
  public keyAt(stack: TerraformStack, address: string): string | undefined {
    return this.stacks.get(stack)?.keys.get(address);
  }

  /** Adds the blocks to the stacks. */
  public write(): void {
    for (const [stack, { ways, forgotten }] of this.stacks) {
      const moves = ways.flatMap((addresses) => movesAlong(addresses));
      if (moves.length > 0) stack.addOverride("moved", moves);
      if (forgotten.size > 0) {
        const removed = [...forgotten].sort().map((from) => ({ from, lifecycle: { destroy: false } }));
        stack.addOverride("removed", removed);
      }
    }
  }

  private in(stack: TerraformStack): Blocks {
    const known = this.stacks.get(stack) ?? { ways: [], forgotten: new Set(), keys: new Map() };
    this.stacks.set(stack, known);
    return known;
  }
}
