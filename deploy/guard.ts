import { stacksIn, stacksOf } from "../contract/holder-stacks";
import { addressesOf, type LedgerEntry } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import { quote } from "../contract/text";
import type { StackDocument } from "../offline/providers";
import { holdersIn, type HolderInState } from "./holders-in-state";
import type { StateResource } from "./stack-state";

/** What a command does to the stacks that it is for. */
export type Deed = "deploys" | "destroys";

/** What a command does, by its words: also a script of that name. Undefined for one that only looks. */
export function deedOf(words: readonly string[]): Deed | undefined {
  const tokens = words.flatMap((word) => word.split(/[\s;&|()"'`]+/)).map((token) => token.replace(/^.*\//, ""));
  const has = (word: string): boolean => tokens.some((token) => new RegExp(`(^|[^a-z])${word}([^a-z]|$)`).test(token));
  if (has("destroy") && !has("plan")) return "destroys";
  return has("deploy") || has("apply") || has("watch") ? "deploys" : undefined;
}

/**
 * Why a command must not be handed a stack, one sentence or none: its state has data that the command would destroy. Nothing in the
 * configuration of a commit names what that commit never knew, so Terraform takes it for removed.
 */
export function refusal(
  deed: Deed,
  stack: StackDocument,
  resources: readonly StateResource[],
  manifest: Manifest,
): string[] {
  // Terraform may let go of a folder as it likes: destroying what made it removes nothing.
  const left = addressesIn(stack.name, manifest, ({ kind, retired }) => retired === true || kind === "folder");
  const holders = holdersIn(resources).filter(({ address }) => !left.has(address));
  if (deed === "destroys") {
    const lost = holders.filter(({ kind }) => kind !== "folder");
    if (lost.length === 0) return [];
    return [
      `stack ${quote(stack.name)} has ${named(lost)}, which "destroy" would destroy: remove what declares it from the code and deploy, which leaves the data where it is, or retire it then with "homelab retire" and deploy; destroy the stack afterwards`,
    ];
  }
  const unknown = unknownTo(stack, holders);
  if (unknown.length === 0) return [];
  return [
    `stack ${quote(stack.name)} has ${named(unknown)}, of which this code knows nothing, so that Terraform would destroy it: merge the commit that declared it, or have it found again with "homelab ledger --recover", and if it may go "homelab retire" it then`,
  ];
}

/** The holders that no resource, move or removal of a stack leads to, or that another one keeps from being moved. */
function unknownTo({ document }: StackDocument, holders: readonly HolderInState[]): HolderInState[] {
  const { resource = {}, moved, removed } = document as StackDocument["document"] & Readonly<Record<string, unknown>>;
  const next = new Map(blocks(moved).map(({ from, to }) => [from, to]));
  const kept = new Set([
    ...Object.entries(resource).flatMap(([type, byName]) => Object.keys(byName).map((name) => `${type}.${name}`)),
    ...blocks(removed).flatMap(({ from, lifecycle }) => (keeps(lifecycle) ? [from] : [])),
  ]);
  const ends = new Map<string, { holder: HolderInState; steps: number }>();
  const unknown: HolderInState[] = [];
  for (const holder of holders) {
    const way = wayOf(holder.address, next);
    const end = way.at(-1) ?? holder.address;
    const other = ends.get(end);
    if (!kept.has(end)) unknown.push(holder);
    else if (other === undefined || other.holder.address === holder.address)
      ends.set(end, { holder, steps: way.length });
    else {
      // Terraform moves nothing to where something is.
      const [stays, lost] = other.steps <= way.length ? [other.holder, holder] : [holder, other.holder];
      ends.set(end, { holder: stays, steps: Math.min(other.steps, way.length) });
      unknown.push(lost);
    }
  }
  return unknown;
}

/** The addresses from one to where `moved` blocks lead it. */
function wayOf(address: string, next: ReadonlyMap<unknown, unknown>): string[] {
  const way = [address];
  for (let to = next.get(address); typeof to === "string" && !way.includes(to); to = next.get(to)) way.push(to);
  return way;
}

function blocks(value: unknown): Readonly<Record<string, unknown>>[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one): one is Readonly<Record<string, unknown>> => typeof one === "object" && one !== null);
}

function keeps(lifecycle: unknown): boolean {
  return blocks(lifecycle).some(({ destroy }) => destroy === false);
}

/** The addresses that some entries of the ledger have, or had, in a stack. */
function addressesIn(stack: string, manifest: Manifest, chosen: (entry: LedgerEntry) => boolean): ReadonlySet<string> {
  const own = stacksIn(manifest);
  return new Set(
    [...Object.entries(manifest.ledger), ...Object.entries(manifest.retired ?? {})]
      .filter(([, entry]) => chosen(entry))
      .flatMap(([key, entry]) =>
        [entry, ...(entry.previous ?? [])].filter((place) => stacksOf({ ...entry, key }, place, own).includes(stack)),
      )
      .flatMap(addressesOf),
  );
}

function named(holders: readonly HolderInState[]): string {
  return holders.map(({ kind, name, address }) => `${kind} ${quote(name)} (${address})`).join(", ");
}
