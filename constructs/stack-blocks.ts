import type { TerraformStack } from "cdktf";
import type { Move } from "./address-names";

interface Blocks {
  readonly moves: Move[];
  readonly forgotten: Set<string>;
  /** The key of the holder that each address is or was of. */
  readonly keys: Map<string, string>;
}

/** What the stacks of a lab tell Terraform of addresses that holders had, whatever stack of cdktf's they are. */
export class StackBlocks {
  private readonly stacks = new Map<TerraformStack, Blocks>();

  /** Moves a holder along all addresses that it had. */
  public move(stack: TerraformStack, key: string, moves: readonly Move[]): void {
    const { moves: all, keys } = this.in(stack);
    all.push(...moves);
    for (const { from } of moves) keys.set(from, key);
  }

  /** Lets Terraform drop a holder from its state, and leave the thing itself alone. */
  public forget(stack: TerraformStack, key: string, addresses: readonly string[]): void {
    const { forgotten, keys } = this.in(stack);
    for (const address of addresses) {
      forgotten.add(address);
      keys.set(address, key);
    }
  }

  /** The moves of a stack. */
  public movesIn(stack: TerraformStack): readonly Move[] {
    return this.stacks.get(stack)?.moves ?? [];
  }

  /** The key of the holder that an address was of. */
  public keyAt(stack: TerraformStack, address: string): string | undefined {
    return this.stacks.get(stack)?.keys.get(address);
  }

  /** Adds the blocks to the stacks. */
  public write(): void {
    for (const [stack, { moves, forgotten }] of this.stacks) {
      if (moves.length > 0) stack.addOverride("moved", moves);
      if (forgotten.size > 0) {
        const removed = [...forgotten].sort().map((from) => ({ from, lifecycle: { destroy: false } }));
        stack.addOverride("removed", removed);
      }
    }
  }

  private in(stack: TerraformStack): Blocks {
    const known = this.stacks.get(stack) ?? { moves: [], forgotten: new Set(), keys: new Map() };
    this.stacks.set(stack, known);
    return known;
  }
}
