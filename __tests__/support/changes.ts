import type { App } from "cdktf";
import { Homelab, type HomelabConfig } from "../../stacks";
import type { Gate } from "../../plan/findings";
import { inventory } from "./synthesis";

/** One row of the table of changes: two labs, and what the plan from the one to the other must say. */
export interface Change {
  /** What somebody did, as the name of a test. */
  readonly name: string;
  /** The lab before. */
  readonly base: (app: App) => void;
  /** The lab after. */
  readonly head: (app: App) => void;
  /** The whole first line, or what it has to match. */
  readonly firstLine: string | RegExp;
  /** With `--exit-code`. */
  readonly exitCode: 0 | 2 | 3;
  /** All gates that are shut, without `any`, which is shut when one of them is. */
  readonly failsOn: readonly Exclude<Gate, "any">[];
}

/** A lab with the inventory of the tests, as a row wants it. */
export function lab(
  declare: (home: Homelab, app: App) => void,
  overrides: Partial<HomelabConfig> = {},
): (app: App) => void {
  return (app) => declare(new Homelab(app, inventory(overrides)), app);
}
