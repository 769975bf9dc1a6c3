import type { IConstruct } from "constructs";

/** Metadata under which a renamed construct keeps the id that it had before. */
const FORMER_ID = "cdktf-homelab:formerly";

/** Keeps the id that a construct had before it was renamed, so that its stack moves the addresses. */
export function rememberFormerId(construct: IConstruct, former: string): void {
  if (formerIdOf(construct) === undefined) construct.node.addMetadata(FORMER_ID, former);
}

/** The id that a construct had before it was renamed, or undefined. */
export function formerIdOf(construct: IConstruct): string | undefined {
  return construct.node.metadata.find(({ type }) => type === FORMER_ID)?.data as string | undefined; // set above only
}

/** Metadata under which a construct that holds data keeps its address. */
const KEPT_NAMES = "cdktf-homelab:address";

/**
 * Has everything in a construct addressed after what it holds, whatever it is called since.
 *
 * @param names - the names in the addresses that the holder had, the present one last
 */
export function keepNames(construct: IConstruct, names: readonly string[]): void {
  construct.node.addMetadata(KEPT_NAMES, names);
}

/** The names in the addresses that a construct's data had, the present one last; none for one that holds nothing. */
export function keptNamesOf(construct: IConstruct): readonly string[] {
  const found = construct.node.metadata.find(({ type }) => type === KEPT_NAMES);
  return (found?.data ?? []) as readonly string[]; // set above only
}
