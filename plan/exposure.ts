import { GRANTS, type HostGrant } from "../constructs/host-privilege";
import type { Manifest } from "../constructs/manifest";
import { isOpen, passes, peopleOf, Reach, type Person } from "./reach";

/** The version of the format. It changes when a reader of the old format would misread the new one. */
export const EXPOSURE_VERSION = 1;

/** Something that can be reached. */
export interface ExposureEntry {
  /** What it is. */
  readonly kind: "route" | "port" | "tunnel" | "database" | "privilege";
  /** How it is reached: `docs.example.com/api`, `192.168.1.11:2222/tcp`; for a privilege what it is, and on which host. */
  readonly address: string;
  /** The service behind it; none for what all share. */
  readonly service?: string;
  /** The part of the service that opens it; one of a companion is `companion.part`. */
  readonly part?: string;
  /** The container behind it. */
  readonly container?: string;
  /** From where: the internet, the LAN, the host itself, a container on it, or a network that the lab says nothing of. */
  readonly from: "internet" | "lan" | "host" | "container" | "unknown";
  /** Who passes, in words. */
  readonly who: readonly string[];
  /** What stands before it, or the reason why nothing does. */
  readonly guard: string;
  /** Whether everybody on the internet reaches it without signing in. */
  readonly isOpen: boolean;
  /** For a privilege: what it gives to whoever is in the container. */
  readonly grants?: HostGrant;
}

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
}

/** Tells who reaches what: every route, published port, tunnel and database, with its guard. */
export function reportExposure(manifest: Manifest): ExposureReport {
  const people = peopleOf([manifest]);
  const reach = new Reach(manifest);
  const addresses = [...new Set(reach.addresses)].sort();
  const entries = [
    ...addresses.flatMap((address) => routeEntry(reach, address, people) ?? []),
    ...portEntries(manifest),
    ...databaseEntries(manifest),
    ...tunnelEntries(manifest),
    ...privilegeEntries(manifest),
  ];
  return {
    version: EXPOSURE_VERSION,
    entries: entries.sort((a, b) => compare(a.service ?? "~", b.service ?? "~") || compare(a.address, b.address)),
    people: passingPeople(reach, addresses, people),
  };
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
  const { route, service } = found;
  const path = address.replace(/^[^/]*/, "");
  const bypass = route.bypass.find(({ paths }) => paths.some((own) => path === own || path.startsWith(`${own}/`)));
  const from = route.reach === "lan" ? "lan" : "internet";
  const open = isOpen(found, people);
  return {
    kind: "route",
    address,
    service,
    part: route.part,
    container: route.container,
    from,
    who: passes(found, people),
    guard: open ? `none: ${bypass?.reason ?? route.reason ?? "its rules say so"}` : "sign-on",
    isOpen: open && from === "internet",
  };
}

function portEntries({ services, hosts }: Manifest): ExposureEntry[] {
  return services.flatMap(({ name, host, container, ports, hostNetwork }) => {
    const { lanAddress, publicAddress } = hosts.find((known) => known.name === host) ?? {};
    if (hostNetwork) {
      const from = publicAddress === undefined ? "lan" : "internet";
      const who = [publicAddress === undefined ? "everybody on the LAN" : "everybody"];
      const guard = "the service's own: it shares the host's network, with every port that it opens";
      return [
        {
          kind: "port" as const,
          address: `${host}, any port`,
          service: name,
          container,
          from,
          who,
          guard,
          isOpen: from === "internet",
        },
      ];
    }
    return ports.map(({ ip, external, internal, protocol, from: networks, guard, ...where }): ExposureEntry => {
      const from =
        ip === lanAddress ? "lan" : /^127\.|^::1$/.test(ip) ? "host" : publicAddress === undefined ? "lan" : "internet";
      return {
        kind: "port",
        address: `${ip === "0.0.0.0" || ip === "::" ? host : ip}:${external}/${protocol}`,
        service: name,
        part: where.part,
        container: where.container,
        from,
        who: networks ?? [{ lan: "everybody on the LAN", host: "whoever is on the host", internet: "everybody" }[from]],
        guard: guard ?? `${networks ? "the host's firewall, and " : ""}the service's own, on its port ${internal}`,
        isOpen: from === "internet" && networks === undefined && guard === undefined,
      };
    });
  });
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
  return zones.flatMap(({ name, ingress }): ExposureEntry[] => {
    const host = /^tunnel (.*)$/.exec(ingress)?.[1];
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

function privilegeEntries({ services }: Manifest): ExposureEntry[] {
  return services.flatMap(({ name, host, privileges }) =>
    privileges.map(({ part, container, means, grants, reason }): ExposureEntry => ({
      kind: "privilege",
      address: `${GRANTS[grants]} ${host}, by ${means}`,
      service: name,
      ...(part !== undefined && { part }),
      container,
      from: "container",
      who: [`whoever is in container ${container}`],
      guard: `none${reason === undefined ? "" : `: ${reason}`}`,
      isOpen: false,
      grants,
    })),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
