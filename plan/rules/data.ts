import type { Finding } from "../findings";
import type { DataReport } from "../model";
import type { Rule } from "./rule";

/** What becomes of data. */
export const dataFindings: Rule = ({ lists }) =>
  lists.data.map(({ risk, holder, kind, name, service, message }) => ({
    ...WEIGHTS[risk],
    subject: risk === "starts-empty" || risk === "relocated" ? holder : `${kind} ${name}`,
    message,
    ...(service !== undefined && { service }),
    list: "data",
  }));

const WEIGHTS: Readonly<Record<DataReport["risk"], Pick<Finding, "concern" | "severity" | "kind">>> = {
  destroyed: { concern: "destroyed", severity: "danger" },
  "starts-empty": { concern: "starts-empty", severity: "danger" },
  relocated: { concern: "relocated", severity: "danger" },
  "not-backed-up": { concern: "not-backed-up", severity: "danger" },
  released: { concern: "removed", severity: "note", kind: "released" },
  returns: { concern: "other", severity: "note", kind: "data-returns" },
};
