import type { HolderKind } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import type { StackDocument } from "../offline/providers";
import { holdersIn, type HolderInState } from "./holders-in-state";
import type { StateResource } from "./stack-state";

/** Something that holds data, wherever it was found. */
export interface Found {
  /** What it is. */
  readonly kind: HolderKind;
  /**
   * The host that has it.
   *
   * @default - none, a database server has it, or nobody knows where it is
   */
  readonly host?: string;
  /**
   * The database server that has it.
   *
   * @default - none, a host has it, or nobody knows where it is
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
  /**
   * The stack of that state.
   *
   * @default - no state has it
   */
  readonly stack?: string;
  /**
   * The key that it has by the stack which has it.
   *
   * @default - what its address or its name says
   */
  readonly key?: string;
  /**
   * The database that a role may use, or that an extension is in.
   *
   * @default - it is neither, or nobody asked
   */
  readonly database?: string;
  /** Where it was seen, in words. */
  readonly seen: string;
  /**
   * Why it may be somebody else's, in words.
   *
   * @default - nothing says so
   */
  readonly foreign?: string;
}

/** What was found in a place, and what could not be asked there, a sentence each. */
export interface Looked {
  readonly found: readonly Found[];
  readonly unasked: readonly string[];
}

/** A stack, and what its state has. */
export interface DeployedStack extends StackDocument {
  readonly resources: readonly StateResource[];
}

/**
 * What holds data, of what the states have. A stack may have something on a host of which nothing else says that it is its:
 * a database server that the lab runs no longer. Then it is where it was found on a host.
 */
export function foundInStates(
  stacks: readonly DeployedStack[],
  manifest: Manifest,
  elsewhere: readonly Found[],
): Found[] {
  return stacks.flatMap(({ name: stack, resources }) => {
    const known = hostOf(stack, manifest);
    const server = manifest.databaseServers.find((one) => one.stack === stack)?.name;
    return holdersIn(resources).map((holder): Found => {
      const one = { ...holder, stack, seen: `the state of ${stack}` };
      const isOnHost = holder.kind === "volume" || holder.kind === "folder";
      if (!isOnHost) return { ...one, ...(server !== undefined && { server }) };
      const host = known ?? hostWith(holder, manifest, elsewhere);
      const key = server === undefined ? undefined : `postgres-${server}/data`;
      return { ...one, ...(host !== undefined && { host }), ...(key !== undefined && { key }) };
    });
  });
}

/** The only host that has something, or that there is. */
function hostWith({ kind, name }: HolderInState, { hosts }: Manifest, elsewhere: readonly Found[]): string | undefined {
  const having = elsewhere.flatMap((one) => (one.kind === kind && one.name === name ? (one.host ?? []) : []));
  const [host, ...others] = having.length > 0 ? having : hosts.map((one) => one.name);
  return others.length === 0 ? host : undefined;
}

/** The host that a stack deploys to: its own, or that of the services in it. */
function hostOf(stack: string, { hosts, services }: Manifest): string | undefined {
  return hosts.find((one) => one.stack === stack)?.name ?? services.find((one) => one.stack === stack)?.host;
}

/** The names of the lab's containers: those that are declared, and those that were deployed. */
export function containersOf(
  stacks: readonly (StackDocument & Partial<Pick<DeployedStack, "resources">>)[],
): ReadonlySet<string> {
  const bodies = stacks.flatMap(({ document, resources = [] }) => [
    ...Object.values((document.resource?.docker_container ?? {}) as Readonly<Record<string, { name?: unknown }>>),
    ...resources.filter(({ type }) => type === "docker_container").flatMap(({ instances }) => instances),
  ]);
  return new Set(bodies.map(({ name }) => String(name)));
}
