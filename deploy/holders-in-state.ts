import { fileOfTrigger } from "../contract/names-on-hosts";
import { kindOf, type HolderKind } from "../contract/ledger-entry";
import type { StateResource } from "./stack-state";

/** Something that holds data, as a state has it. */
export interface HolderInState {
  /** Its address there. */
  readonly address: string;
  /** What it is. */
  readonly kind: HolderKind;
  /** Its name on the host or server. */
  readonly name: string;
}

/** What holds data, of the resources of a state. */
export function holdersIn(resources: readonly StateResource[]): HolderInState[] {
  return resources.flatMap(({ address, type, instances }) => {
    const kind = kindOf({ address: `${type}.x` });
    if (kind === undefined) return [];
    return instances.flatMap((attributes) => {
      const name = nameIn(kind, attributes);
      return name === undefined ? [] : [{ address, kind, name }];
    });
  });
}

function nameIn(kind: HolderKind, attributes: Readonly<Record<string, unknown>>): string | undefined {
  const { name, database, triggers } = attributes;
  if (kind === "folder") return folderOf(triggers);
  if (typeof name !== "string") return undefined;
  return kind === "extension" ? `${String(database)}.${name}` : name;
}

/** The path of a folder that holds data. Other scripts have other triggers, or those of files beside their path. */
function folderOf(triggers: unknown): string | undefined {
  if (typeof triggers !== "object" || triggers === null || !("path" in triggers)) return undefined;
  const places = Object.keys(triggers).some((trigger) => fileOfTrigger(trigger) !== undefined);
  return typeof triggers.path === "string" && !places ? triggers.path : undefined;
}
