import { DECLARED } from "../../contract/names-on-hosts";
import { resourceLine } from "../lines";
import type { Rule } from "./rule";

/** Stacks that the code no longer has, and resources that no service of the report accounts for. */
export const resourceFindings: Rule = ({ lists }) => {
  const known = new Set(lists.services.map(({ service }) => service));
  return [
    ...lists.abandonedStacks.map((name) => ({
      concern: "removed" as const,
      severity: "warning" as const,
      kind: "stack-removed",
      subject: `stack ${name}`,
      message: `the code no longer has stack ${name}: what it made stays where it is`,
      list: "stacks" as const,
    })),
    ...lists.resources
      .filter(({ service }) => service === undefined || !known.has(service))
      .map((report) => ({
        concern: "other" as const,
        severity: "note" as const,
        // What a host's stack removes there follows what its services gain and lose, and is told with these.
        kind: report.address === DECLARED.address ? "follows" : "resource",
        subject: report.address,
        message: resourceLine(report),
        list: "resources" as const,
      })),
  ];
};
