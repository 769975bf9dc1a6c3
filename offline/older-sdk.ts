import type { Behavior, RecordedBlock } from "./recording";
import { canonical, isMap, Unknown, type Value } from "./values";

/**
 * Whether a resource is of the older SDK (terraform-plugin-sdk): each has an `id` that may also be set, or a default
 * for what its schema does not call computed. Terraform lets it plan what the newer one may not.
 */
export function isOlderSdk(block: RecordedBlock, behavior: Behavior): boolean {
  const { id } = block.attributes ?? {};
  if (id?.optional === true && id.computed === true) return true;
  const paths = Object.keys(behavior.defaults);
  return (
    paths.some((path) => path.includes("[]") || block.attributes?.[path]?.computed !== true) ||
    (behavior.computed?.length ?? 0) > 0
  );
}

/**
 * A planned value in the words of the one before. The older SDK does not tell null from the zero of a type: a text that
 * is left out is an empty one, and a state that was read has one or the other. Neither is a change.
 */
export function inWordsOf(prior: Value, planned: Value): Value {
  if (isNothing(prior) && isNothing(planned)) return prior;
  if (Array.isArray(prior) && Array.isArray(planned)) return elementsInWordsOf(prior, planned);
  if (!isMap(prior) || !isMap(planned)) return planned;
  return Object.fromEntries(Object.entries(planned).map(([key, value]) => [key, inWordsOf(prior[key] ?? null, value)]));
}

function elementsInWordsOf(prior: readonly Value[], planned: readonly Value[]): Value {
  if (prior.length !== planned.length) return planned;
  // Those of a set have no order of their own.
  const known = new Map(prior.map((element) => [canonical(withoutNothing(element)), element]));
  return planned.map(
    (element, index) => known.get(canonical(withoutNothing(element))) ?? inWordsOf(prior[index] ?? null, element),
  );
}

function isNothing(value: Value): boolean {
  if (value instanceof Unknown) return false;
  if (typeof value !== "object" || value === null) return !value;
  return !(value instanceof Uint8Array) && Object.keys(value).length === 0;
}

function withoutNothing(value: Value): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).map(withoutNothing);
  if (!isMap(value)) return isNothing(value) ? null : value;
  const something = Object.entries(value).filter(([, inner]) => !isNothing(inner));
  return Object.fromEntries(something.map(([key, inner]) => [key, withoutNothing(inner)]));
}
