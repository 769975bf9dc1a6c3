import * as fs from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import { Lab } from "../constructs/lab/lab";
import { makeTemporaryFolder } from "../offline/temporary-folder";
import { compareLabs } from "../plan/compare";
import type { SynthesizedLab } from "../plan/labs";
import type { PlanReport } from "../plan/model";
import { reportPlan } from "../plan/report";
import { readLab } from "../plan/synthesize";
import { untilEnd } from "../process/until-end";

/** A lab to plan: what declares it in an app that is made for it, or an app of one's own. */
export type PlannedLab = ((app: App) => void) | App;

/** Options of `offlinePlan()`. */
export interface OfflinePlanOptions {
  /** The lab before the change, or `none` for an empty one. */
  readonly base: PlannedLab | "none";
  /**
   * The stacks to plan.
   *
   * @default - all
   */
  readonly stacks?: readonly string[];
}

/**
 * Plans a lab against an earlier one with a real Terraform, without registry, host or credential: what `homelab plan`
 * tells, as data. It needs Terraform 1.11 or newer and takes a few seconds.
 *
 * Labs that are given as functions are rehearsed: their ledger and generations are read, never written, and what the
 * base would add to them counts for the head. An app of one's own is synthesized as it is.
 *
 * @throws what the synthesis throws, or what Terraform says
 */
export async function offlinePlan(head: PlannedLab, options: OfflinePlanOptions): Promise<PlanReport> {
  const { base, stacks: names } = options;
  return untilEnd(async (defer) => {
    const folder = makeTemporaryFolder("rehearsal");
    defer(() => fs.rmSync(folder, { recursive: true, force: true }));
    const before = base === "none" ? undefined : rehearse(base, path.join(folder, "base"));
    const after = rehearse(head, path.join(folder, "head"), before?.lab);
    const labs = { base: before?.synthesized, head: after.synthesized };
    const { planned, notes } = await compareLabs(labs, { names, defer });
    return reportPlan(labs, { ref: base === "none" ? "none" : "the lab before" }, planned, notes);
  });
}

function rehearse(
  declared: PlannedLab,
  outdir: string,
  earlier?: Lab,
): { readonly synthesized: SynthesizedLab; readonly lab: Lab } {
  const app = typeof declared === "function" ? new App({ outdir }) : declared;
  const lab = Lab.of(app);
  if (typeof declared === "function") {
    lab.rehearse(earlier);
    declared(app);
  }
  app.synth();
  return { synthesized: readLab(app.outdir), lab };
}
