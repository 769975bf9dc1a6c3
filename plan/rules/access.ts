import type { Finding } from "../findings";
import type { AccessReport } from "../model";
import { accessLine } from "../lines";
import type { Rule } from "./rule";

/** Whose access becomes another; what becomes public is told with all that does. */
export const accessFindings: Rule = ({ lists }) =>
  lists.access
    .filter(({ becomesPublic }) => !becomesPublic)
    .map((report) => ({
      ...weightOf(report),
      subject: report.address,
      message: accessLine(report),
      service: report.service,
      part: report.part,
      container: report.container,
      list: "access",
    }));

function weightOf({ change }: AccessReport): Pick<Finding, "concern" | "severity" | "kind"> {
  switch (change) {
    case "appears":
      return { concern: "other", severity: "note", kind: "access-appears" };
    case "narrows":
      return { concern: "people", severity: "note", kind: "access-narrows" };
    case "widens":
    case "differs":
      return { concern: "people", severity: "danger", kind: "access-widens" };
  }
}
