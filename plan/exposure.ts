import { GRANTS } from "../contract/host-privilege";
import type { Manifest } from "../contract/manifest";
import { containersOf, isOnHostNetwork, type WrittenLab } from "./containers";
import type { ExposureEntry } from "./exposure-entry";
import { holdsOf } from "./holds";
import { oncePerLab } from "./once-per-lab";
import { portEntries } from "./ports";
import { proxiesOf } from "./proxies";
import { isOpen, passes, peopleOf, Reach, type Person } from "./reach";

export type { ExposureEntry } from "./exposure-entry";

/** The version of the format. It changes when a reader of the old format would misread the new one. */
export const EXPOSURE_VERSION = 1;

/** Somebody, and where they pass to. */
export interface PassingPerson {
  /** Who: a subject of the rules, everybody with an account, or everybody. */
  readonly name: string;
  /** All routes that they pass to. */
  readonly addresses: readonly string[];
  /** Those of them that everybody with an account does not pass to; for these, those that need an account. */
  readonly ownAddresses: readonly string[];
}

/** Who reaches what of a lab. */
export interface ExposureReport {
  /** Version of this format. */
  readonly version: typeof EXPOSURE_VERSION;
  /** Everything that can be reached, by service and address. */
  readonly entries: readonly ExposureEntry[];
  /** For each kind of person that the rules speak of, the routes that they pass to. */
  readonly people: readonly PassingPerson[];
  /** What no code tells, in words: ports that a program may open as it likes, routers that a proxy has from elsewhere. */
  readonly unseen: readonly string[];
}

/**
 * Tells who reaches what: every route, published port, tunnel and database, with its guard. It asks what was written for
 * Terraform, whoever declared it.
 */
export const reportExposure = oncePerLab((lab): ExposureReport => {
  const { manifest } = lab;
  const people = peopleOf([manifest]);
  const reach = Reach.in(lab);
  const addresses = [...new Set(reach.addresses)].sort();
  const entries = [
    ...addresses.flatMap((address) => routeEntry(reach, address, people) ?? []),
    ...unreadEntries(reach),
    ...portEntries(lab),
    ...databaseEntries(manifest),
    ...tunnelEntries(manifest),
    ...privilegeEntries(lab),
  ];
  return {
    version: EXPOSURE_VERSION,
    entries: entries.sort((a, b) => compare(a.service ?? "~", b.service ?? "~") || compare(a.address, b.address)),
    people: passingPeople(reach, addresses, people),
    unseen: [
      ...containersOf(lab).flatMap((container) =>
        isOnHostNetwork(container) ? [`the ports that ${container.name} opens on ${container.host}`] : [],
      ),
      ...[...proxiesOf(lab).values()].flat().flatMap(({ unseen }) => unseen.map(({ what }) => what)),
    ],
  };
});

/** The report in a line or two. That nothing is open is said only where everything can be seen. */
export function exposureSummary({ entries, unseen }: ExposureReport): string {
  const open = entries.filter(({ isOpen }) => isOpen).map(({ address }) => address);
  const root = entries.filter(({ grants }) => grants === "root").map(({ container = "" }) => container);
  const said = [
    open.length > 0
      ? `Open to everybody on the internet, without signing in: ${open.join(", ")}.`
      : unseen.length > 0
        ? "Nothing that can be seen is open to everybody on the internet."
        : "Nothing is open to everybody on the internet.",
    ...(unseen.length === 0 ? [] : [`Not seen: ${unseen.join(", ")}.`]),
    ...(root.length === 0 ? [] : [`Root on its host, whoever is in it: ${[...new Set(root)].join(", ")}.`]),
  ];
  return said.join(" ");
}

function passingPeople(reach: Reach, addresses: readonly string[], people: readonly Person[]): PassingPerson[] {
  const passing = people.map((person) => ({
    person,
    found: addresses.filter((address) => (reach.of(address, [person])?.levels[0] ?? 0) > 0),
  }));
  const [anybody = [], account = []] = [
    passing.find(({ person }) => person.subjects === undefined)?.found,
    passing.find(({ person }) => person.subjects?.size === 0)?.found,
  ];
  return passing.map(({ person: { name, subjects }, found }) => {
    const others = subjects === undefined ? [] : subjects.size === 0 ? anybody : account;
    return {
      name: subjects === undefined ? "everybody, without signing in" : name,
      addresses: found,
      ownAddresses: found.filter((address) => !others.includes(address)),
    };
  });
}

function routeEntry(reach: Reach, address: string, people: readonly Person[]): ExposureEntry | undefined {
  const found = reach.of(address, people);
  if (!found) return undefined;
  const { service, part, container } = found;
  const from = found.reach === "lan" ? "lan" : "internet";
  const open = isOpen(found, people);
  return {
    kind: "route",
    address,
    ...(service !== undefined && { service }),
    part,
    container,
    from,
    who: passes(found, people),
    guard: open ? `none: ${found.reason ?? "its rules say so"}` : "sign-on",
    isOpen: open && from === "internet",
  };
}

/** What a router hands on before anybody reads it: the sign-on sees nothing of it. */
function unreadEntries(reach: Reach): ExposureEntry[] {
  return reach.unread.map(({ name, protocol, text, container, source }) => ({
    kind: "route",
    address: `${container.host}, ${protocol}: ${text}`,
    ...(container.service !== undefined && { service: container.service }),
    part: source,
    container: container.name,
    from: "internet",
    who: ["everybody"],
    guard: `none: router ${name} hands on connections before the sign-on`,
    isOpen: true,
  }));
}

function databaseEntries({ services, databaseServers }: Manifest): ExposureEntry[] {
  return services.flatMap(({ name, databases }) =>
    databases.map((database): ExposureEntry => {
      const server = databaseServers.find((known) => known.name === database.server);
      return {
        kind: "database",
        address: `${server?.host ?? database.server}:${server?.port ?? 5432}/${database.name}`,
        service: name,
        part: database.part,
        container: database.container,
        from: server?.managed ? "lan" : "unknown",
        who: database.roles.map((role) => `role ${role}`),
        guard: `a password for each role, which ${server?.revokesPublicConnect ? "no other database accepts" : "the server's databases postgres and template1 accept too"}`,
        isOpen: false,
      };
    }),
  );
}

function tunnelEntries({ zones }: Manifest): ExposureEntry[] {
  return zones.flatMap(({ name, entry }): ExposureEntry[] => {
    const host = entry?.kind === "tunnel" ? entry.host : undefined;
    if (host === undefined) return [];
    return [
      {
        kind: "tunnel",
        address: `${name} to ${host}`,
        from: "internet",
        who: ["whoever the routes of the zone let pass"],
        guard: "the routes of the zone",
        isOpen: false,
      },
    ];
  });
}

function privilegeEntries(lab: WrittenLab): ExposureEntry[] {
  return holdsOf(lab).map(({ service, host, part, container, means, grants, reason }) => ({
    kind: "privilege",
    address: `${GRANTS[grants]} ${host}, by ${means}`,
    ...(service !== undefined && { service }),
    ...(part !== undefined && { part }),
    container,
    from: "container",
    who: [`whoever is in container ${container}`],
    guard: `none${reason === undefined ? "" : `: ${reason}`}`,
    isOpen: false,
    grants,
  }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
