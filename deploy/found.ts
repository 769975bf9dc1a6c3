import type { HolderKind } from "../constructs/ledger-entry";
import type { Manifest } from "../constructs/manifest";
import type { StackDocument } from "../offline/providers";
import { holdersIn } from "./holders-in-state";
import type { StateResource } from "./stack-state";

/** Something that holds data, wherever it was found. */
export interface Found {
  /** What it is. */
  readonly kind: HolderKind;
  /**
   * The host that has it.
   *
   * @default - none, a database server has it
   */
  readonly host?: string;
  /**
   * The database server that has it.
   *
   * @default - none, a host has it
   */
  readonly server?: string;
  /** Its name there. */
  readonly name: string;
  /**
   * Its address.
   *
   * @default - no state has it
   */
  readonly address?: string;
  /** Where it was seen, in words. */
  readonly seen: string;
}

/** A stack, and what its state has. */
export interface DeployedStack extends StackDocument {
  readonly resources: readonly StateResource[];
}

/** What holds data, of what the states have. */
export function foundInStates(stacks: readonly DeployedStack[], manifest: Manifest): Found[] {
  return stacks.flatMap(({ name: stack, resources }) => {
    const host = hostOf(stack, manifest);
    const server = manifest.databaseServers.find((one) => one.stack === stack)?.name;
    return holdersIn(resources).flatMap((holder): Found[] => {
      const seen = `the state of ${stack}`;
      const isOnHost = holder.kind === "volume" || holder.kind === "folder";
      if (isOnHost) return host === undefined ? [] : [{ ...holder, host, seen }];
      return server === undefined ? [] : [{ ...holder, server, seen }];
    });
  });
}

/** The host that a stack deploys to: its own, or that of the services in it. */
function hostOf(stack: string, { hosts, services }: Manifest): string | undefined {
  return hosts.find((one) => one.stack === stack)?.name ?? services.find((one) => one.stack === stack)?.host;
}
