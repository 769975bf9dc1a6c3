import type { Finding } from "../findings";
import type { DataReport } from "../model";
import type { Rule } from "./rule";

/** What becomes of data. */
export const dataFindings: Rule = ({ lists }) =>
  lists.data.map((report) => ({
    ...WEIGHTS[report.risk],
    ...(report.severity !== undefined && { severity: report.severity }),
    subject: subjectOf(report),
    message: report.message,
    ...(report.service !== undefined && { service: report.service }),
    ...(report.container !== undefined && { container: report.container }),
    list: "data",
  }));

function subjectOf({ risk, holder, kind, name, container }: DataReport): string {
  if (risk === "starts-empty" || risk === "relocated" || risk === "kept") return holder;
  return risk === "irreversible" && container !== undefined ? container : `${kind} ${name}`;
}

const WEIGHTS: Readonly<Record<DataReport["risk"], Pick<Finding, "concern" | "severity" | "kind">>> = {
  destroyed: { concern: "destroyed", severity: "danger" },
  "starts-empty": { concern: "starts-empty", severity: "danger" },
  relocated: { concern: "relocated", severity: "danger" },
  irreversible: { concern: "irreversible", severity: "danger" },
  "not-backed-up": { concern: "not-backed-up", severity: "danger" },
  kept: { concern: "other", severity: "note", kind: "data-kept" },
  released: { concern: "removed", severity: "note", kind: "released" },
  returns: { concern: "other", severity: "note", kind: "data-returns" },
};
