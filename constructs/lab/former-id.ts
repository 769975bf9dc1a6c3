import type { IConstruct } from "constructs";

/** The ids that renamed constructs had before. */
const formerIds = new WeakMap<IConstruct, string>();

/** Keeps the id that a construct had before it was renamed, so that its stack moves the addresses. */
export function rememberFormerId(construct: IConstruct, former: string): void {
  if (!formerIds.has(construct)) formerIds.set(construct, former);
}

/** The id that a construct had before it was renamed, or undefined. */
export function formerIdOf(construct: IConstruct): string | undefined {
  return formerIds.get(construct);
}

/** The names in the addresses of constructs that hold data. */
const keptNames = new WeakMap<IConstruct, readonly string[]>();

/**
 * Has everything in a construct addressed after what it holds, whatever it is called since.
 *
 * @param names - the names in the addresses that the holder had, the present one last
 */
export function keepNames(construct: IConstruct, names: readonly string[]): void {
  if (!keptNames.has(construct)) keptNames.set(construct, names);
}

/** The names in the addresses that a construct's data had, the present one last; none for one that holds nothing. */
export function keptNamesOf(construct: IConstruct): readonly string[] {
  return keptNames.get(construct) ?? [];
}
