import { shortSource } from "../offline/provider-source";
import { recordedVersions, requiredProviders, type StackDocument } from "../offline/providers";
import { planStack, type PlannedResource } from "../offline/stack-plan";
import { OfflineTerraform } from "../offline/terraform";
import { inParallel } from "../process/in-parallel";
import { StateStore } from "../offline/state-store";
import type { ComparedLabs } from "./labs";

/** What Terraform plans from one lab to another. */
export interface Comparison {
  /** What happens to resources. */
  readonly planned: readonly PlannedResource[];
  /** What a reader must know of how it was found. */
  readonly notes: readonly string[];
}

/** Applies the base offline and plans the head against it: one Terraform for each stack and step, two at a time. */
export async function compareLabs(
  { base, head }: ComparedLabs,
  options: {
    /** The stacks to plan; none named means all. */
    readonly names?: readonly string[];
    /** Takes what has to be ended whatever happens. */
    readonly defer: (end: () => Promise<void>) => void;
  },
): Promise<Comparison> {
  const { names = [], defer } = options;
  const pairs = head.stacks
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map((after) => ({ after, before: base?.stacks.find(({ name }) => name === after.name) }))
    // What is written the same can't be planned as a change.
    .filter(({ after, before }) => !before || written(before) !== written(after));
  if (pairs.length === 0) return { planned: [], notes: [] };
  const befores = pairs.flatMap(({ before }) => before ?? []);
  const { stacks: oldStacks, notes } = withRecordedProviders(
    befores,
    pairs.map(({ after }) => after),
  );
  const states = await StateStore.start();
  defer(() => states.close());
  // What the head no longer requires it may still have to destroy.
  const [was, is] = [requiredProviders(oldStacks), requiredProviders(pairs.map(({ after }) => after))];
  const forHead = await OfflineTerraform.start({ ...was, ...is }, { states });
  defer(() => forHead.close());
  const isShared = Object.entries(was).every(([source, version]) => (is[source] ?? version) === version);
  const forBase = isShared ? forHead : await OfflineTerraform.start({ ...is, ...was }, { states });
  if (!isShared) defer(() => forBase.close());
  const planned = await inParallel(pairs, ({ before, after }) =>
    planStack(
      { forBase, forHead },
      oldStacks.find(({ name }) => name === before?.name),
      after,
    ),
  );
  return { planned, notes };
}

function written({ document }: StackDocument): string {
  const { "//": _comment, ...rest } = document as Record<string, unknown>;
  const { backend: _backend, ...terraform } = document.terraform ?? {};
  return JSON.stringify({ ...rest, terraform });
}

/** An earlier version of a provider that is not recorded is played by the head's. */
function withRecordedProviders(
  befores: readonly StackDocument[],
  afters: readonly StackDocument[],
): { readonly stacks: readonly StackDocument[]; readonly notes: readonly string[] } {
  const now = requiredProviders(afters);
  const notes = new Set<string>();
  const stacks = befores.map((stack) => {
    const required = Object.entries(stack.document.terraform?.required_providers ?? {}).map(([name, requirement]) => {
      const source = shortSource(requirement.source);
      const recorded = recordedVersions(source);
      const { version } = requirement;
      const instead = now[source] ?? recorded.at(-1);
      if (version === undefined || recorded.includes(version) || instead === undefined)
        return [name, requirement] as const;
      notes.add(`the base pins ${source} ${version}, which is not recorded: it was applied as ${instead}`);
      return [name, { ...requirement, version: instead }] as const;
    });
    const terraform = { ...stack.document.terraform, required_providers: Object.fromEntries(required) };
    return { ...stack, document: { ...stack.document, terraform } };
  });
  return { stacks, notes: [...notes] };
}
