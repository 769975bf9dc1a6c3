/** Whether a value is a map and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Merges one document into another one, as cdktf does: maps key by key, into a list by index, lists one after the other,
 * all else replaced.
 */
export function merge(target: object, source: unknown): void {
  if (isRecord(source)) mergeInto(target as Record<string, unknown>, source); // a list has its elements by index
}

function mergeInto(target: Record<string, unknown>, source: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(source)) {
    const present = target[key];
    if (typeof present === "object" && present !== null && isRecord(value)) merge(present, value);
    else if (Array.isArray(present) && Array.isArray(value))
      target[key] = [...(present as unknown[]), ...(value as unknown[])];
    else if (value !== undefined) target[key] = value;
  }
}
