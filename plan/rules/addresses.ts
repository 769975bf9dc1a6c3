import type { Finding } from "../findings";
import { addressLine } from "../lines";
import type { AddressReport } from "../model";
import type { Rule } from "./rule";

const URL = "https://";

/** Addresses that appear, vanish or lead elsewhere. */
export const addressFindings: Rule = ({ lists }) =>
  lists.addresses.map((report) => ({
    ...weightOf(report),
    subject: report.address.startsWith(URL) ? report.address.slice(URL.length) : report.address,
    message: addressLine(report),
    service: report.service,
    part: report.part,
    container: report.container,
    list: "addresses",
  }));

function weightOf({ change, address }: AddressReport): Pick<Finding, "concern" | "severity" | "kind"> {
  if (change !== "vanishes") return { concern: "other", severity: "note", kind: `address-${change}` };
  const kind = address.startsWith(URL) ? "url-vanishes" : "address-vanishes";
  return { concern: "removed", severity: "note", kind };
}
