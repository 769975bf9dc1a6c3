import type { HostGrant } from "../constructs/host-privilege";
import { exposures, isAtRisk, isEmpty, newHolds, type PlanReport } from "./model";

/**
 * The line that a reviewer reads first: what is lost, then who gets hold of a host, then what stops, then what is open,
 * then the rest.
 */
export function headline(report: Omit<PlanReport, "headline">): string {
  if (isEmpty({ ...report, headline: "" })) return "Nothing changes.";
  const said = [
    ...data(report),
    ...holds(report),
    ...services(report),
    ...addresses(report),
    ...abandoned(report),
    ...shared(report),
  ];
  return `${said.join("; ")}.`;
}

function data({ data: all, base }: Omit<PlanReport, "headline">): string[] {
  const risky = all.filter(isAtRisk);
  const destroyed = risky.filter(({ risk }) => risk === "destroyed").map(({ kind, name }) => `${kind} ${name}`);
  const moved = risky.filter(({ risk }) => risk === "relocated").map(({ holder }) => holder);
  const empty = risky.filter(({ risk }) => risk === "starts-empty").map(({ holder }) => holder);
  return [
    ...(destroyed.length > 0 ? [`DATA IS DESTROYED: ${destroyed.join(", ")}`] : []),
    ...(empty.length > 0 ? [`DATA IS LEFT BEHIND by ${empty.join(", ")}`] : []),
    ...(moved.length > 0 ? [`DATA MUST BE COPIED: ${moved.join(", ")}`] : []),
    ...(risky.length === 0 && base.ref !== "none" ? ["No data is lost"] : []),
  ];
}

function holds(report: Omit<PlanReport, "headline">): string[] {
  const of = (one: HostGrant): string[] => [
    ...new Set(
      newHolds(report).flatMap(({ grants, container, host }) => (grants === one ? `${container} on ${host}` : [])),
    ),
  ];
  return [
    ...list(of("root"), "gets ROOT ON ITS HOST", "get ROOT ON THEIR HOSTS"),
    ...list(of("host-network"), "rules the network of its host", "rule the networks of their hosts"),
    ...list(of("other-services"), "gets hold of other services", "get hold of other services"),
  ];
}

function services(report: Omit<PlanReport, "headline">): string[] {
  const of = (...changes: readonly string[]): string[] =>
    report.services.filter(({ change }) => changes.includes(change)).map(({ service }) => service);
  const renamed = report.services.flatMap(({ renamedFrom, service }) =>
    renamedFrom === undefined ? [] : [`${renamedFrom} becomes ${service}`],
  );
  const moved = report.services.flatMap(({ change, relocatedFrom = "", host, service }) =>
    change === "relocated"
      ? [`${service} moves${relocatedFrom === host ? " its data" : ` from ${relocatedFrom} to ${host}`}`]
      : [],
  );
  const restarted = report.services
    .filter(({ change, restarts }) => restarts.length > 0 && change === "changed")
    .map(({ service }) => service);
  const others = report.services
    .filter(({ change, restarts }) => restarts.length === 0 && change === "changed")
    .map(({ service }) => service);
  return [
    ...list(of("removed"), "is removed", "are removed"),
    ...moved,
    ...renamed,
    ...list(restarted, "restarts", "restart"),
    ...list(of("added"), "is new", "are new"),
    ...list(of("returns"), "returns", "return"),
    ...list(others, "changes without a restart", "change without a restart"),
  ];
}

function addresses({ access, addresses: all }: Omit<PlanReport, "headline">): string[] {
  const open = exposures({ access, addresses: all });
  const wider = access.filter(
    ({ change, becomesPublic }) => change !== "narrows" && change !== "appears" && !becomesPublic,
  );
  const narrower = access.filter(({ change }) => change === "narrows");
  const vanished = all.filter(({ change, address }) => change === "vanishes" && address.startsWith("https://"));
  return [
    ...(open.length > 0 ? [`${open.join(", ")} ${open.length === 1 ? "becomes" : "become"} PUBLIC`] : []),
    ...list(
      wider.map(({ address }) => address),
      "is open to others than before",
      "are open to others than before",
    ),
    ...list(
      narrower.map(({ address }) => address),
      "is open to fewer",
      "are open to fewer",
    ),
    ...list(
      vanished.map(({ address }) => address.slice("https://".length)),
      "vanishes",
      "vanish",
    ),
  ];
}

function abandoned({ abandonedStacks }: Omit<PlanReport, "headline">): string[] {
  const names = abandonedStacks.map((name) => `stack ${name}`);
  return list(names, "is no longer in the code", "are no longer in the code");
}

function shared({ resources, services: reported }: Omit<PlanReport, "headline">): string[] {
  const known = new Set(reported.map(({ service }) => service));
  const count = resources
    .filter(({ service }) => service === undefined || !known.has(service))
    .filter(({ address }) => address !== WHAT_IS_DECLARED).length;
  return count === 0 ? [] : [`${count} ${count === 1 ? "resource" : "resources"} of no single service`];
}

/** What a host's stack removes there follows what its services gain and lose, and is told with these. */
const WHAT_IS_DECLARED = "null_resource.declared";

/** At most five names, and how many there are besides. */
function list(names: readonly string[], one: string, several: string): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, 5);
  const rest = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
  return [`${shown.join(", ")}${rest} ${names.length === 1 ? one : several}`];
}
