import type { PlannedResource } from "../offline/stack-plan";
import { reportAccess } from "./access";
import { reportAddresses } from "./addresses";
import { reportData } from "./data";
import { headline } from "./headline";
import { abandonedStacks, type ComparedLabs } from "./labs";
import { PLAN_VERSION, type BaseFacts, type PlanReport } from "./model";
import { notCarriedOut } from "./not-carried-out";
import { reportPrivileges } from "./privileges";
import { reportResources } from "./resources";
import { findingsOf } from "./rules";
import { reportSecrets } from "./secrets";
import { reportServices } from "./services";
import { reportSteps } from "./steps";
import { writtenLabs } from "./written-labs";

/** Tells what Terraform plans in the words of who runs the lab. */
export function reportPlan(
  labs: ComparedLabs,
  base: BaseFacts,
  planned: readonly PlannedResource[],
  notes: readonly string[] = [],
  only: readonly string[] = [],
): PlanReport {
  const resources = reportResources(labs, planned);
  const data = reportData(labs, planned);
  const services = isByService(labs) ? reportServices(labs, resources, data) : [];
  const both = writtenLabs(labs);
  const lists = {
    services,
    resources,
    addresses: both ? reportAddresses(both.base, both.head) : [],
    access: both ? reportAccess(both.base, both.head) : [],
    privileges: both ? reportPrivileges(both.base, both.head) : [],
    data,
    secrets: reportSecrets(labs),
    abandonedStacks: abandonedStacks(labs).map(({ name }) => name),
  } as const;
  const findings = findingsOf({ labs, planned, lists, only });
  return {
    version: PLAN_VERSION,
    base,
    headline: headline(findings, base),
    findings,
    ...lists,
    steps: reportSteps(labs, resources, services),
    notes: [
      ...notes,
      ...manifestNotes(labs),
      ...planned.flatMap((change) => notCarriedOut(change) ?? []),
      ...planned.flatMap((change) => lostHistory(change) ?? []),
      ...abandonedStacks(labs).map(({ name, document }) => {
        const count = Object.values(document.resource ?? {}).flatMap((named) => Object.keys(named)).length;
        return `the code no longer has stack ${name}: Terraform is not asked about its ${count} resources any more, and they stay where they are`;
      }),
    ],
  };
}

/** Whether both labs can be read as plain data, or there is nothing to compare with. */
function isByService({ base, head }: ComparedLabs): boolean {
  return head.manifest !== undefined && (base === undefined || base.manifest !== undefined);
}

/** What a base of another version of the library can't tell. */
function manifestNotes(labs: ComparedLabs): string[] {
  if (!isByService(labs)) return ["the plan is told by resource, since the two manifests can't be compared"];
  const hasCompanions = labs.head.manifest?.services.some(({ companions }) => companions.length > 0) ?? false;
  return labs.base?.isOlder === true && hasCompanions
    ? [
        "the base was written by a version of the library that does not tell what companions open: what is told as new of a companion may have been there",
      ]
    : [];
}

/** Uptime Kuma keeps what it saw with the monitor that saw it. */
function lostHistory({ type, address, stack, action }: PlannedResource): string | undefined {
  if (!type.startsWith("uptimekuma_monitor_") || (action !== "delete" && action !== "replace")) return undefined;
  return `${address} of ${stack} goes with everything that it recorded`;
}
