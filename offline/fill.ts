import { madeUp } from "./made-up";
import type { RecordedAttribute, RecordedBlock } from "./recording";
import { isMap, Unknown, type Value, type ValueMap } from "./values";

/** Replaces what is unknown, and with `computed` also what is null and computed. */
export function fillBlock(block: RecordedBlock, values: ValueMap, place: string, computed: boolean): ValueMap {
  const filled: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    filled[name] = fillAttribute(attribute, values[name] ?? null, `${place}.${name}`, computed);
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    const value = values[name] ?? null;
    const fill = (element: Value, at: string): Value =>
      isMap(element) ? fillBlock(nested.block, element, at, computed) : element;
    filled[name] = Array.isArray(value)
      ? (value as readonly Value[]).map((element, index) => fill(element, `${place}.${name}.${index}`))
      : fill(value, `${place}.${name}`);
  }
  return filled;
}

function fillAttribute(attribute: RecordedAttribute, value: Value, place: string, computed: boolean): Value {
  const absent = value instanceof Unknown || (computed && value === null && attribute.computed === true);
  const nested = attribute.nested_type;
  if (!nested) return absent ? madeUp(attribute.type, place) : fillUnknown(value, place);
  const fill = (element: Value, at: string): Value =>
    isMap(element) ? fillBlock({ attributes: nested.attributes ?? {} }, element, at, computed) : element;
  if (nested.nesting_mode === "single") return absent ? null : fill(value, place);
  if (absent) return nested.nesting_mode === "map" ? {} : [];
  if (Array.isArray(value))
    return (value as readonly Value[]).map((element, index) => fill(element, `${place}.${index}`));
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).map(([key, element]) => [key, fill(element, `${place}.${key}`)]))
    : value;
}

function fillUnknown(value: Value, place: string): Value {
  if (value instanceof Unknown) return madeUp("string", place);
  if (Array.isArray(value))
    return (value as readonly Value[]).map((element, index) => fillUnknown(element, `${place}.${index}`));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, element]) => [key, fillUnknown(element, `${place}.${key}`)]),
  );
}
