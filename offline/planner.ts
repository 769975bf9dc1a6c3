import { inWordsOf, isOlderSdk } from "./older-sdk";
import type { Behavior, RecordedAttribute, RecordedBlock, RecordedNestedBlock } from "./recording";
import { canonical, isMap, same, Unknown, UNKNOWN, type Value, type ValueMap } from "./values";

/** One step of a path: a name, or the index of a list's element. */
export type PathStep = string | number;

/** What a provider plans for a resource. */
export interface Plan {
  /** The state after the change; what is known later is unknown. */
  readonly planned: ValueMap;
  /** What forces a replacement. */
  readonly requiresReplace: readonly (readonly PathStep[])[];
}

/**
 * Plans a change as the recorded provider does: what is left out gets its default, what only the provider knows is
 * unknown, and what the provider can't change in place forces a replacement.
 */
export function planChange(
  block: RecordedBlock,
  behavior: Behavior,
  prior: Value,
  proposed: ValueMap,
  config: ValueMap,
): Plan {
  const before = isMap(prior) ? prior : undefined;
  const wanted = new StatePlanner(behavior, before === undefined).block(block, proposed, config, before, "");
  if (!before) return { planned: wanted, requiresReplace: [] };
  const settled = isOlderSdk(block, behavior) ? inWordsOf(before, wanted) : wanted;
  const planned = isMap(settled) ? settled : wanted;
  return { planned, requiresReplace: replacements(block, behavior, before, planned, config) };
}

/** Plans the state of one resource, along paths as the recorded behaviour writes them. */
class StatePlanner {
  public constructor(
    private readonly behavior: Behavior,
    /** Whether the resource is made: what only the provider knows is then unknown. */
    private readonly isNew: boolean,
  ) {}

  public block(
    block: RecordedBlock,
    proposed: ValueMap,
    config: ValueMap,
    prior: ValueMap | undefined,
    at: string,
  ): ValueMap {
    const planned: Record<string, Value> = {};
    for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
      const value = this.attribute(attribute, proposed[name] ?? null, config[name] ?? null, at + name);
      const isKept = !value && this.behavior.kept?.includes(at + name);
      planned[name] = attribute.write_only ? null : isKept ? (prior?.[name] ?? value) : value;
    }
    for (const [name, nested] of Object.entries(block.block_types ?? {})) {
      planned[name] = this.nested(nested, proposed[name] ?? null, prior?.[name] ?? null, at + name);
    }
    return planned;
  }

  private attribute(attribute: RecordedAttribute, proposed: Value, config: Value, at: string): Value {
    if (config === null) {
      const known = this.behavior.defaults[at];
      if (known !== undefined) return known;
      return attribute.computed && this.isNew && proposed === null ? UNKNOWN : proposed;
    }
    const { nested_type: nested } = attribute;
    if (!nested) return proposed;
    const inner = { attributes: nested.attributes ?? {} };
    if (nested.nesting_mode === "single") return this.element(inner, proposed, undefined, `${at}.`);
    if (Array.isArray(proposed))
      return elements(proposed).map((value) => this.element(inner, value, undefined, `${at}[].`));
    if (!isMap(proposed)) return proposed;
    const entries = Object.entries(proposed);
    return Object.fromEntries(entries.map(([key, value]) => [key, this.element(inner, value, undefined, `${at}{}.`)]));
  }

  private nested({ block, nesting_mode: mode }: RecordedNestedBlock, proposed: Value, prior: Value, at: string): Value {
    if (mode === "single" || mode === "group")
      return this.element(block, proposed, isMap(prior) ? prior : undefined, `${at}.`);
    if (!Array.isArray(proposed)) return proposed;
    // Removing every element of a block that the provider computes as well plans nothing.
    if (proposed.length === 0 && this.behavior.computed?.includes(at) && Array.isArray(prior)) return elements(prior);
    return elements(proposed).map((value) => this.element(block, value, undefined, `${at}[].`));
  }

  /** An element's own configuration is what was proposed for it: nothing else was written. */
  private element(block: RecordedBlock, value: Value, prior: ValueMap | undefined, at: string): Value {
    return isMap(value) ? this.block(block, value, value, prior, at) : value;
  }
}

function replacements(
  block: RecordedBlock,
  behavior: Behavior,
  prior: ValueMap,
  planned: ValueMap,
  config: ValueMap,
): PathStep[][] {
  const found = new Map<string, PathStep[]>();
  for (const path of behavior.replace) {
    if (behavior.replace_if_configured?.includes(path) && (config[path] ?? null) === null) continue;
    for (const steps of changed(block, path.split("."), { prior, planned, config }, []))
      found.set(JSON.stringify(steps), steps);
  }
  return [...found.values()];
}

/** One place of a resource: before the change, after it, and as it was written. */
interface Place {
  readonly prior: Value;
  readonly planned: Value;
  readonly config: Value;
}

/** The places along one recorded path at which the two states differ. */
function changed(block: RecordedBlock, path: readonly string[], place: Place, at: readonly PathStep[]): PathStep[][] {
  const [step = "", ...rest] = path;
  const name = step.replace(/(\[\]|\{\})$/, "");
  const [prior, planned, config] = [place.prior, place.planned, place.config].map((value) =>
    isMap(value) ? (value[name] ?? null) : null,
  );
  const inside: Place = { prior: prior ?? null, planned: planned ?? null, config: config ?? null };
  const here = [...at, name];
  const nested = block.block_types?.[name];
  const attribute = block.attributes?.[name];
  if (rest.length === 0) return differs(nested !== undefined, attribute, inside) ? [here] : [];
  const inner = nested?.block ?? { attributes: attribute?.nested_type?.attributes ?? {} };
  const mode = nested?.nesting_mode ?? attribute?.nested_type?.nesting_mode;
  if (mode === "single" || mode === "group") return changed(inner, rest, inside, here);
  if (mode === "set") return sameSet(rest, inside.prior, inside.planned) ? [] : [here];
  return elements(inside.planned).flatMap((element, index) => {
    const one = {
      prior: elements(inside.prior)[index] ?? null,
      planned: element,
      config: elements(inside.config)[index] ?? null,
    };
    return changed(inner, rest, one, [...here, index]);
  });
}

function differs(
  isBlock: boolean,
  attribute: RecordedAttribute | undefined,
  { prior, planned, config }: Place,
): boolean {
  // A block counts its elements; a change inside one has a path of its own.
  if (isBlock && Array.isArray(prior) && Array.isArray(planned)) return prior.length !== planned.length;
  // What the provider itself fills in forces nothing; what is written and known later does.
  if (planned instanceof Unknown) return config !== null;
  if (isSet(attribute)) return members(prior) !== members(planned);
  return !same(prior, planned);
}

function isSet(attribute: RecordedAttribute | undefined): boolean {
  return Array.isArray(attribute?.type) && attribute.type[0] === "set";
}

function members(set: Value): string {
  return Array.isArray(set) ? elements(set).map(canonical).sort().join() : canonical(set);
}

function elements(value: Value): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}

/** Whether two sets hold the same values along a path, in whatever order. */
function sameSet(path: readonly string[], before: Value, after: Value): boolean {
  const values = (set: Value): string[] =>
    elements(set)
      .map((element) => canonical(along(element, path)))
      .sort();
  const [one, two] = [values(before), values(after)];
  // More or fewer elements are the block's own change.
  return one.length !== two.length || one.every((value, index) => value === two[index]);
}

function along(value: Value, path: readonly string[]): Value {
  return path.reduce<Value>(
    (inner, step) => (isMap(inner) ? (inner[step.replace(/(\[\]|\{\})$/, "")] ?? null) : null),
    value,
  );
}
