import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { DataOwners } from "./data-owners";
import { placeIn, stacksOf, type Keyed, type OwnStacks, type Where } from "../../contract/holder-stacks";
import type { Lab } from "../lab/lab";
import { addressesOf, kindOf, type HolderPlace, type LedgerEntry } from "../../contract/ledger-entry";
import { placeName } from "./ledger-names";
import { StackBlocks } from "../lab/stack-blocks";
import { quote } from "../../contract/text";

/** Which states have what the ledger lists, and what their stacks tell Terraform of it. */
export class HolderStates implements OwnStacks {
  /** The blocks that move and release. */
  public readonly blocks = new StackBlocks();

  private readonly owners: DataOwners;

  public constructor(private readonly lab: Lab) {
    this.owners = DataOwners.of(lab);
  }

  /** The stack of a host. */
  public host(name: string): string | undefined {
    return stackNameOf(this.owners.host(name));
  }

  /** The stack of a database server. */
  public server(name: string): string | undefined {
    return stackNameOf(this.owners.server(name));
  }

  /** Whether the state of a stack may have what is in a place. */
  public isIn(stack: string, keyed: Keyed, place: HolderPlace): boolean {
    return stacksOf(keyed, place, this).includes(stack);
  }

  /** A place in the state of a stack, which it names where the ledger would not know it otherwise. */
  public placeIn(stack: string, keyed: Keyed, place: Where): Where {
    return placeIn(stack, keyed, place, this);
  }

  /** Whether what a stack has on a host belongs to a database server that the lab runs there. */
  public isOfServer(stack: string, { host }: Where): boolean {
    return host !== undefined && stack !== this.host(host);
  }

  /** Moves a holder along the addresses that the state of its stack may know it by. No other state may keep it. */
  public keep(stack: TerraformStack, key: string, entry: LedgerEntry): void {
    this.blocks.move(stack, key, addressesOf(entry));
    for (const other of this.stacksWith({ ...entry, key }, entry))
      if (other !== stack) this.blocks.forget(other, key, addressesOf(entry));
  }

  /** Has all states that may have it let go of what is in a place, and leave it there. Returns a finding, if any. */
  public release(keyed: Keyed, place: HolderPlace): string[] {
    const { key } = keyed;
    if (!this.owners.of(place)) {
      return [
        `${this.lab.ledger.label}: ${quote(key)} holds data on ${placeName(place)}, which is not in the lab: put it back, or retire the data with "homelab retire ${key}"`,
      ];
    }
    const kind = kindOf(place);
    if (kind === "folder") return []; // its resource holds nothing: it may be destroyed
    if (kind === "role") this.owners.of(place)?.releaseRole?.(place);
    for (const stack of this.stacksWith(keyed, place)) {
      if (kind === "role") this.blocks.move(stack, key, addressesOf(place));
      else this.blocks.forget(stack, key, addressesOf(place));
    }
    return [];
  }

  /**
   * Lets a stack reach the engine of whatever its state may have there, also when it has nothing of its own there any more:
   * Terraform asks for that engine to take away what ran beside it, and would ask the one of the machine that it runs on.
   */
  public reachEngines(): void {
    const { ledger } = this.lab;
    for (const [key, entry] of [...ledger.entries, ...ledger.retired]) {
      for (const place of [entry, ...(entry.previous ?? [])]) {
        const host = this.owners.host(place.host ?? "");
        if (!host) continue;
        for (const stack of this.stacksWith({ ...entry, key }, place)) {
          if (stack === TerraformStack.of(host)) continue;
          if (!stack.node.findAll().some((one) => one instanceof DockerProvider)) host.addProviderTo?.(stack);
        }
      }
    }
  }

  /** The stacks that may have what is in a place. One that the code no longer has is deployed by nobody. */
  private stacksWith(keyed: Keyed, place: HolderPlace): TerraformStack[] {
    const owner = this.owners.of(place);
    if (!owner) return [];
    const own = TerraformStack.of(owner);
    return stacksOf(keyed, place, this).flatMap((name) => {
      const stack = name === own.node.id ? own : owner.node.root.node.tryFindChild(name);
      return TerraformStack.isStack(stack) ? [stack] : [];
    });
  }
}

function stackNameOf(owner: IConstruct | undefined): string | undefined {
  return owner && TerraformStack.of(owner).node.id;
}
