import { hasData } from "../contract/ledger";
import type { Manifest, ServiceManifest } from "../contract/manifest";
import { NO_FACTS, type PartFacts } from "../contract/service-facts";
import { colors } from "./colors";

/** What is shown of a service under one heading, each value on a line of its own. */
type Section = readonly [heading: string, of: (service: ServiceManifest, lab: Manifest) => readonly string[]];

const SECTIONS: readonly Section[] = [
  ["host", ({ host, stack }) => [`${host}, deployed by stack ${stack}`]],
  ["container", ({ container }) => [container]],
  ["image", (service) => [image(service)]],
  ["health", ({ health }) => [health === "checked" ? "checked" : `not checked: ${health.none}`]],
  ["routes", ({ routes }) => routes.map(routeLine)],
  [
    "open paths",
    ({ routes }) =>
      routes.flatMap(({ bypass }) => bypass.map(({ paths, reason }) => `${paths.join(", ")} (${reason})`)),
  ],
  [
    "ports",
    ({ ports }) => ports.map(({ ip, external, internal, protocol }) => `${ip}:${external}/${protocol} to ${internal}`),
  ],
  [
    "databases",
    ({ databases }) => databases.map(({ server, name, roles }) => `${name} on ${server}, roles ${roles.join(", ")}`),
  ],
  ["data", ({ data }) => data.filter(hasData).map(({ key, kind, name }) => `${key}: ${kind} ${name}`)],
  ["host paths", ({ hostPaths }) => hostPaths.map(({ path, readOnly }) => `${path}${readOnly ? ", read-only" : ""}`)],
  ["backups", ({ backups }) => backups.map(backupLine)],
  ["no backup", ({ unprotected }) => unprotected.map(({ reason }) => reason)],
  [
    "secrets",
    ({ secrets }) =>
      secrets.map(
        ({ name, generation, persisted }) =>
          `${name}, generation ${generation}${persisted === undefined ? "" : `, rests in the state (${persisted})`}`,
      ),
  ],
  [
    "monitors",
    ({ monitors }) => monitors.map(({ kind, target, engaged }) => `${kind} ${target}${engaged ? "" : ", paused"}`),
  ],
  ["jobs", ({ jobs }) => jobs.map(({ schedule, command }) => `${schedule}: ${command.join(" ")}`)],
  ["people", ({ people = [] }) => people.map(({ name, groups }) => [name, ...groups].join(", "))],
  ["companions", ({ companions }) => companions.map((one) => `${one.container}: ${image(one)}`)],
  ["needs", ({ needs }) => needs.map((need) => `${need.service}${need.restart ? ", restarts with it" : ""}`)],
  [
    "needed by",
    ({ name }, lab) =>
      lab.services.filter(({ needs }) => needs.some((need) => need.service === name)).map((other) => other.name),
  ],
  ["exceptions", ({ acknowledged }) => Object.entries(acknowledged).map(([rule, reason]) => `${rule}: ${reason}`)],
];

/** One service: what the library knows of it, and what parts that it does not know say. */
export function showService(lab: Manifest, service: ServiceManifest): string {
  const sections = [
    ...SECTIONS.map(([heading, of]) => [heading, of(service, lab)] as const),
    ...Object.entries(furtherLists(service)).map(([list, facts]) => [list, facts.map(factLine)] as const),
  ];
  const lines = sections.flatMap(([heading, values]) =>
    values.map((value, index) => `${colors.bold((index === 0 ? heading : "").padEnd(11))} ${value}`),
  );
  return [colors.bold(colors.cyan(service.name)), ...lines].join("\n");
}

/** Who gets in by a route. */
export function accessOf({ policy, subjects, reach, paths }: ServiceManifest["routes"][number]): string {
  const who = subjects.map((subject) => (typeof subject === "string" ? subject : subject.join(" and "))).join(", ");
  const asked = policy === "bypass" ? colors.yellow("open") : policy.replace("_", " ");
  return [asked, who, reach === "lan" ? "LAN only" : "", paths.length > 0 ? paths.join(" ") : ""]
    .filter(Boolean)
    .join(" ");
}

/** The lists of parts that were written elsewhere: whatever has a part and a container and is none of the library's. */
function furtherLists(service: ServiceManifest): Readonly<Record<string, readonly PartFacts[]>> {
  const own = new Set([...Object.keys(NO_FACTS), "ports", "dataFormats", "privileges"]);
  return Object.fromEntries(
    Object.entries(service).filter(
      (entry): entry is [string, PartFacts[]] =>
        !own.has(entry[0]) && Array.isArray(entry[1]) && entry[1].length > 0 && entry[1].every(isFact),
    ),
  );
}

function isFact(value: unknown): value is PartFacts {
  return typeof value === "object" && value !== null && "part" in value && "container" in value;
}

function factLine({ part, container: _container, ...fact }: PartFacts): string {
  const said = Object.entries(fact).map(
    ([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${part}: ${said.join(", ")}`;
}

function routeLine(route: ServiceManifest["routes"][number]): string {
  const names = route.hosts.map((host) => `https://${host}`).join(", ");
  const paths = route.paths.length > 0 ? ` ${route.paths.join(", ")}` : "";
  return `${names}${paths}: ${accessOf(route)}${route.reason === undefined ? "" : ` (${route.reason})`}`;
}

function backupLine({ at, keep, holders, exclude, quiesce }: ServiceManifest["backups"][number]): string {
  const kept = Object.entries(keep).map(([period, count]) => `${count} ${period}`);
  const without = Object.entries(exclude).map(([part, reason]) => `; not ${part} (${reason})`);
  const quiet = quiesce === undefined ? "" : `; ${quiesce}s its containers`;
  return `${at}: ${holders.join(", ")}; keeps ${kept.join(", ")}${quiet}${without.join("")}`;
}

function image({ image: reference, unpinned }: { readonly image: string; readonly unpinned?: string }): string {
  return unpinned === undefined ? reference : `${reference}, not pinned (${unpinned})`;
}
