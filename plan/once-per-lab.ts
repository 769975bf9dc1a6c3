import type { Manifest } from "../contract/manifest";
import type { StackDocument } from "../offline/providers";
import type { WrittenLab } from "./written-lab";

/** Makes something of a lab once, however often it is asked for: what was written does not change while it is read. */
export function oncePerLab<T>(make: (lab: WrittenLab) => T): (lab: WrittenLab) => T {
  const known = new WeakMap<Manifest, WeakMap<readonly StackDocument[], { readonly value: T }>>();
  return (lab) => {
    const byStacks = known.get(lab.manifest) ?? new WeakMap<readonly StackDocument[], { readonly value: T }>();
    known.set(lab.manifest, byStacks);
    const made = byStacks.get(lab.stacks) ?? { value: make(lab) };
    byStacks.set(lab.stacks, made);
    return made.value;
  };
}
