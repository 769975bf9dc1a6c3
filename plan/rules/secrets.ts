import { secretLine } from "../lines";
import type { Rule } from "./rule";

/** Secrets whose values a deployer sets. */
export const secretFindings: Rule = ({ lists }) =>
  lists.secrets.map((report) => ({
    concern: "secrets",
    severity: "note",
    kind: report.why === "new" ? "secret-new" : "secret-rotated",
    subject: report.name,
    message: secretLine(report),
    list: "secrets",
  }));
