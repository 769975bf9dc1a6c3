import { GRANTS } from "../contract/host-privilege";
import type {
  AccessReport,
  AddressReport,
  PrivilegeReport,
  ResourceReport,
  SecretReport,
  ServiceReport,
} from "./model";

/** What becomes of a service, in a word or two. */
export function serviceChange({ change, renamedFrom, relocatedFrom, host, restarts }: ServiceReport): string {
  const said = [
    ...(change === "changed" ? [] : [change]),
    ...(renamedFrom === undefined ? [] : [`from ${renamedFrom}`]),
    ...(relocatedFrom === undefined || relocatedFrom === host ? [] : [`from ${relocatedFrom}`]),
    ...(restarts.length > 0 ? ["restarts"] : []),
  ];
  return said.join(", ") || "changes in place";
}

/** A hold on a host in a line. */
export function holdLine({ change, container, host, means, grants, reason }: PrivilegeReport): string {
  const gets = change === "appears" ? "gets" : "no longer has";
  const why = reason === undefined ? "" : ` (${reason})`;
  return `${container} ${gets} ${GRANTS[grants]} ${host}, by ${means}${why}`;
}

/** Who may pass to an address, and could before, in a line. */
export function accessLine({ address, change, before, after, becomesPublic }: AccessReport): string {
  const who = (names: readonly string[]): string => (names.length > 0 ? names.join(", ") : "nobody");
  const open = becomesPublic ? "PUBLIC, " : "";
  if (change === "appears") return `${open}${address} is new: ${who(after)}`;
  return `${open}${address} ${change}: ${who(before)} → ${who(after)}`;
}

/** What becomes of an address in a line. */
export function addressLine({ change, address, before = "", after = "", becomesPublic }: AddressReport): string {
  const target = change === "changes" ? `${before} → ${after}` : before || after;
  return `${becomesPublic === true ? "PUBLIC, " : ""}${address} ${change}${target ? ` (${target})` : ""}`;
}

/** A secret that a deployer sets, in a line. */
export function secretLine({ name, variable, stacks, why }: SecretReport): string {
  return `${variable}, for ${stacks.join(", ")}: ${why}${name === variable.slice(7) ? "" : `, ${name}`}`;
}

/** One resource in a line. */
export function resourceLine({ kind, stack, address, previousAddress, causes }: ResourceReport): string {
  const from = previousAddress === undefined ? "" : `, was ${previousAddress}`;
  const why = causes.length === 0 ? "" : `: ${causes.join(", ")}`;
  return `${kind} ${address} (${stack}${from})${why}`;
}
