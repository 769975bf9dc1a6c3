import { holdLine } from "../lines";
import type { Rule } from "./rule";

/** What containers get of their hosts, or no longer have. */
export const privilegeFindings: Rule = ({ lists }) =>
  lists.privileges.map((report) => ({
    concern: "host-root",
    severity: report.change === "vanishes" ? "note" : report.grants === "device" ? "warning" : "danger",
    kind: report.change === "appears" ? report.grants : "hold-vanishes",
    subject: `${report.container} on ${report.host}`,
    message: holdLine(report),
    service: report.service,
    part: report.part,
    container: report.container,
    host: report.host,
    list: "privileges",
  }));
