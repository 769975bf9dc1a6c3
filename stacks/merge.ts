/** Whether a value is a map and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Merges one document into another one, as cdktf does: maps key by key, lists one after the other, all else replaced. */
export function merge(target: Record<string, unknown>, source: unknown): void {
  if (!isRecord(source)) return;
  for (const [key, value] of Object.entries(source)) {
    const present = target[key];
    if (isRecord(present) && isRecord(value)) merge(present, value);
    else if (Array.isArray(present) && Array.isArray(value))
      target[key] = [...(present as unknown[]), ...(value as unknown[])];
    else if (value !== undefined) target[key] = value;
  }
}
