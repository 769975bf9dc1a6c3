/**
 * Attributes of a rendered resource with what its `dynamic` blocks make: each as if it were one block more, whatever
 * their number, which only Terraform knows.
 */
export function withDynamicBlocks(attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const blocks = elements(attributes.dynamic).flatMap((dynamic) => Object.entries(dynamic));
  if (blocks.length === 0) return attributes;
  const found = { ...attributes };
  for (const [name, block] of blocks)
    found[name] = [...elements(found[name]), ...elements(block).flatMap(({ content }) => elements(content))];
  return found;
}

/** Whether an attribute is true, as Terraform reads it. */
export function isSet(value: unknown): boolean {
  return value === true || value === "true" || value === "1";
}

/** Whether an attribute is true, or an expression that may be. */
export function mayBeSet(value: unknown): boolean {
  return isSet(value) || isExpression(value);
}

/** Whether a mode is the host's, or an expression that may be: the name of a network or a container is not. */
export function mayBeHost(value: unknown): boolean {
  return value === "host" || (isExpression(value) && !/^\$\{docker_/.test(String(value)));
}

/** Whether a value is known to Terraform alone. */
export function isExpression(value: unknown): boolean {
  return typeof value === "string" && /^[$%]\{/.test(value);
}

/** Blocks as a list, whether one was written or several. */
export function elements(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const list: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [value];
  return list.filter((one): one is Record<string, unknown> => typeof one === "object" && one !== null);
}
