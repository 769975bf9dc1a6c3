import type { Manifest } from "../contract/manifest";
import { containersOf, foundAt, isSameThing, type SynthesizedContainer } from "./mounted";
import { heirsOf, type Heirs } from "./heirs";
import { repositoryOf } from "./image-reference";
import { elements, type ComparedLabs } from "./labs";

/** Two labs, container by container. */
export interface ComparedContainers extends Heirs {
  /** The manifest of the base. */
  readonly was: Manifest;
  /** The manifest of the head. */
  readonly is: Manifest;
  /** The containers of the base. */
  readonly before: readonly SynthesizedContainer[];
  /** The containers of the head. */
  readonly after: readonly SynthesizedContainer[];
  /** For each container of the base the one that goes on as it. */
  readonly containers: ReadonlyMap<SynthesizedContainer, SynthesizedContainer>;
}

/** Holds two labs against each other, container by container; undefined where there is nothing to compare. */
export function compareContainers(labs: ComparedLabs): ComparedContainers | undefined {
  const { base, head } = labs;
  if (!base?.manifest || !head.manifest) return undefined;
  const [was, is] = [base.manifest, head.manifest];
  const heirs = heirsOf(was, is);
  const [before, after] = [containersOf(base), containersOf(head)];
  const context = { heirs, before, after, was, moves: movesOf(labs) };
  const containers = new Map(
    before.flatMap((container) => {
      const heir = heirOf(container, context);
      return heir ? [[container, heir] as const] : [];
    }),
  );
  return { ...heirs, was, is, before, after, containers };
}

interface Context {
  readonly heirs: Heirs;
  readonly before: readonly SynthesizedContainer[];
  readonly after: readonly SynthesizedContainer[];
  readonly was: Manifest;
  readonly moves: ReadonlyMap<string, string>;
}

/**
 * The container that goes on as another one: the one that the names say; where that runs another program, one with the
 * same program that has the same things in the same places.
 */
function heirOf(container: SynthesizedContainer, context: Context): SynthesizedContainer | undefined {
  const named = byName(container, context);
  if (named && isSameProgram(named, container)) return named;
  const same = context.after.find(
    (other) =>
      isSameProgram(other, container) &&
      container.mounts.some(
        ({ path, found }) =>
          (found.kind === "volume" || found.kind === "path") && isSameThing(found, foundAt(other, path)),
      ),
  );
  return same ?? named;
}

function isSameProgram(one: SynthesizedContainer, other: SynthesizedContainer): boolean {
  return repositoryOf(one.image) === repositoryOf(other.image);
}

function byName(
  container: SynthesizedContainer,
  { heirs, before, after, was, moves }: Context,
): SynthesizedContainer | undefined {
  const { stack, address, service, part } = container;
  const moved = moves.get(`${stack} ${address}`);
  const there = after.find((other) => other.stack === stack && other.address === (moved ?? address));
  if (!service) return there;
  const heir = heirs.services.get(service.name)?.service;
  const own = after.filter((other) => heir && other.service?.name === heir.name);
  const parts = [
    companionByHolders(service.name, part, heirs, was),
    ...(moved !== undefined && there && own.includes(there) ? [there.part] : []),
    part,
  ];
  const named = parts.flatMap((wanted) => own.find((other) => other.part === wanted) ?? [])[0];
  // A companion of another name that runs the same program is mostly a rename that nobody declared.
  const known = before.flatMap((other) => (other.service === service ? other.part : []));
  return named ?? own.find((other) => !known.includes(other.part) && isSameProgram(other, container));
}

/** The companion that has what another one held. */
function companionByHolders(service: string, part: string, { keys }: Heirs, { ledger }: Manifest): string | undefined {
  const path = part === "" ? [] : part.split(".");
  const own = [service, ...path].join("/");
  for (const [key, is] of keys) {
    const steps = is.split("/");
    const isOwn = key.startsWith(`${own}/`) && key.split("/").length === path.length + 2;
    if (isOwn && ledger[key]?.released === false && steps.length === path.length + 2)
      return steps.slice(1, -1).join(".");
  }
  return undefined;
}

/** Where the head moves the containers of the base to, by stack and address. */
function movesOf({ head }: ComparedLabs): ReadonlyMap<string, string> {
  const moves = new Map<string, string>();
  for (const { name, document } of head.stacks) {
    const blocks = elements((document as { readonly moved?: unknown }).moved);
    const next = new Map(blocks.map(({ from, to }) => [String(from), String(to)]));
    for (const from of next.keys()) {
      let to = from;
      for (let steps = 0; steps < next.size; steps += 1) to = next.get(to) ?? to;
      moves.set(`${name} ${from}`, to);
    }
  }
  return moves;
}
