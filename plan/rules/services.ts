import type { Finding } from "../findings";
import type { ServiceReport } from "../model";
import { serviceChange } from "../lines";
import type { Rule } from "./rule";

/** What becomes of services as a whole. */
export const serviceFindings: Rule = ({ lists }) =>
  lists.services.map((report) => ({
    ...weightOf(report),
    message: `${report.service} on ${report.host}: ${serviceChange(report)}`,
    service: report.service,
    host: report.host,
    list: "services",
  }));

function weightOf({
  change,
  service,
  host,
  renamedFrom,
  relocatedFrom,
  restarts,
}: ServiceReport): Pick<Finding, "concern" | "severity" | "kind" | "subject"> {
  const note = { severity: "note", subject: service } as const;
  switch (change) {
    case "removed":
      return { ...note, concern: "removed", kind: "service-removed" };
    case "relocated": {
      const name = renamedFrom === undefined ? service : `${service}, which was ${renamedFrom},`;
      const where = relocatedFrom === host ? "its data" : `from ${relocatedFrom ?? ""} to ${host}`;
      return { ...note, concern: "restarts", kind: "service-moves", subject: `${name} moves ${where}` };
    }
    case "renamed":
      return {
        ...note,
        concern: "restarts",
        kind: "service-renamed",
        subject: `${renamedFrom ?? ""} becomes ${service}`,
      };
    case "added":
      return { ...note, concern: "other", kind: "service-new" };
    case "returns":
      return { ...note, concern: "other", kind: "service-returns" };
    case "changed":
    case "unchanged":
      return restarts.length > 0
        ? { ...note, concern: "restarts", kind: "service-restarts" }
        : { ...note, concern: "other", kind: "service-changes" };
  }
}
