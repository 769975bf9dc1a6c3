import type { PlannedResource } from "../../offline/stack-plan";
import type { Finding } from "../findings";
import type { ComparedLabs } from "../labs";
import type { PlanReport } from "../model";

/** What a rule is asked about: the two labs, what Terraform plans, and the lists that tell details. */
export interface Change {
  /** The lab before and after. */
  readonly labs: ComparedLabs;
  /** What Terraform does. */
  readonly planned: readonly PlannedResource[];
  /** The lists of the report. */
  readonly lists: Lists;
  /** The stacks that alone were planned; none means all. */
  readonly only: readonly string[];
}

/** The lists of a report, without what follows from them. */
export type Lists = Pick<
  PlanReport,
  "services" | "resources" | "addresses" | "access" | "privileges" | "data" | "secrets" | "abandonedStacks"
>;

/** A pure function that finds one kind of thing in a change. */
export type Rule = (change: Change) => readonly Finding[];
