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
