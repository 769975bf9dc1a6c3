import type { Manifest, ServiceManifest } from "../../contract/manifest";
import type { BackupFacts } from "../../contract/service-facts";
import type { Finding } from "../findings";
import type { Change, Rule } from "./rule";

/** How data is backed up, and was better. What is backed up no more is told with the data. */
export const backupFindings: Rule = ({ labs, lists }) => {
  const [base, head] = [labs.base?.manifest, labs.head.manifest];
  if (!base || !head) return [];
  return head.services.flatMap((service) => {
    const before = formerly(base, service, lists.services);
    if (!before) return [];
    const found = [...worse(before, service), ...uncovered(base, before, head, service)];
    return found.length > 0 ? found : otherwise(before, service);
  });
};

/** Not worse, as far as anybody can tell, and not the same. */
function otherwise(before: ServiceManifest, now: ServiceManifest): Finding[] {
  const told = ({ backups, unprotected }: ServiceManifest): string =>
    JSON.stringify([
      ...backups.map(({ part: _part, container: _container, holders: _holders, ...how }) => how),
      ...unprotected.map(({ reason }) => reason),
    ]);
  if (told(before) === told(now)) return [];
  return [
    {
      ...finding(now, `${now.name} is backed up otherwise than before`),
      severity: "note",
      kind: "backed-up-otherwise",
    },
  ];
}

function formerly(
  base: Manifest,
  { name }: ServiceManifest,
  services: Change["lists"]["services"],
): ServiceManifest | undefined {
  const former = services.find(({ service }) => service === name)?.renamedFrom ?? name;
  return base.services.find((one) => one.name === former);
}

/** The backups of a service before and after, of what both back up. */
function worse(before: ServiceManifest, now: ServiceManifest): Finding[] {
  if (before.backups.length === 0 || now.backups.length === 0) return [];
  const [was, is] = [before.backups, now.backups];
  const fewer = times(is).length < times(was).length;
  const shorter = PERIODS.filter((period) => copies(is, period) < copies(was, period));
  const lost = (["before", "after"] as const).flatMap((hook) =>
    commands(was, hook)
      .filter((command) => !commands(is, hook).includes(command))
      .map((command) => ({ hook, command })),
  );
  return [
    ...(fewer ? [`each day it is backed up at ${times(is).join(", ")}, and was at ${times(was).join(", ")}`] : []),
    ...shorter.map((period) => `${copies(is, period)} ${period} copies are kept, and ${copies(was, period)} were`),
    ...lost.map(({ hook, command }) => `${command} no longer runs ${hook === "before" ? "before" : "after"} it`),
  ].map((what) => finding(now, `${now.name}: ${what}`));
}

const PERIODS = ["daily", "weekly", "monthly", "yearly"] as const;

function times(backups: readonly BackupFacts[]): string[] {
  return [...new Set(backups.map(({ at }) => at))].sort();
}

function copies(backups: readonly BackupFacts[], period: (typeof PERIODS)[number]): number {
  return Math.max(...backups.map(({ keep }) => keep[period]));
}

function commands(backups: readonly BackupFacts[], hook: "before" | "after"): string[] {
  return backups.flatMap((backup) => backup[hook].map((command) => command.join(" ")));
}

/** Data that is new to a service, and that nobody backs up beside what somebody does. */
function uncovered(base: Manifest, before: ServiceManifest, head: Manifest, now: ServiceManifest): Finding[] {
  if (before.backups.length === 0) return [];
  const covered = new Set(now.backups.flatMap(({ holders }) => holders));
  return now.data
    .filter(({ key, kind }) => kind !== "role" && kind !== "extension" && !covered.has(key))
    .filter(({ kind, name }) => !before.data.some((one) => one.kind === kind && one.name === name))
    .filter(({ key }) => base.ledger[key] === undefined && head.ledger[key] !== undefined)
    .map(({ key, kind, name }) => finding(now, `${kind} ${name} of ${now.name} is new and in no backup`, key));
}

function finding({ name, container }: ServiceManifest, message: string, subject = name): Finding {
  return {
    concern: "not-backed-up",
    severity: "warning",
    kind: "backed-up-less",
    subject,
    message,
    service: name,
    container,
  };
}
