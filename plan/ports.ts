import type { Manifest } from "../contract/manifest";
import type { FirewallFacts } from "../contract/host-facts";
import { CONTAINERS, LAN } from "../contract/networks";
import { breadthOf, isPublicAddress } from "./address-ranges";
import { containersOf, isAny, isOnHostNetwork, portsOf, type LabContainer, type WrittenLab } from "./containers";
import type { ExposureEntry } from "./exposure-entry";
import { entryPointAt, proxiesOf, type Proxy } from "./proxies";

type Host = Manifest["hosts"][number];

/** From where packets get to a port: everywhere, or some networks; none where nothing lets them through. */
type Sources = "everywhere" | readonly string[];

/** Something that listens on a host. */
interface Listener {
  /** The address that it listens on; any where none is said. */
  readonly address?: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Whether it is a container's published port, not a program of the host. */
  readonly isPublished: boolean;
}

/** What is reached on the hosts of a lab past every route: by what the firewalls let through. */
export function portEntries(lab: WrittenLab): ExposureEntry[] {
  const proxies = proxiesOf(lab);
  const containers = containersOf(lab).flatMap((container) => {
    const host = lab.manifest.hosts.find(({ name }) => name === container.host);
    const own = (proxies.get(container.host) ?? []).filter((proxy) => proxy.container === container);
    return isOnHostNetwork(container)
      ? onHostNetwork(lab.manifest, host, container)
      : published(lab.manifest, host, container, own);
  });
  return [...containers, ...lab.manifest.hosts.flatMap((host) => ofHost(lab.manifest, host))];
}

/** From where a firewall lets packets through to what listens; without one all that can find their way. */
export function letsThrough(host: Pick<Host, "lanAddress" | "ssh" | "firewall">, listener: Listener): Sources {
  const { address, port, protocol, isPublished } = listener;
  const { firewall } = host;
  const isOnAll = address === undefined || isAny(address);
  if (!firewall) return isOnAll || isPublicAddress(address) ? "everywhere" : LAN;
  const matching = firewall.ports.filter(
    (open) =>
      open.port === port &&
      open.protocol === protocol &&
      (open.address === undefined || isOnAll || open.address === address) &&
      !(isPublished && open.onHost), // its packets go on to the container, past the rules for programs of the host
  );
  const isSsh = !isPublished && protocol === "tcp" && port === (host.ssh?.port ?? 22);
  return together(
    [...matching.map(({ from }) => from), ...(isSsh ? [firewall.ssh] : [])].map((from) => sourcesOf(from, firewall)),
    address,
  );
}

function sourcesOf(from: FirewallFacts["ports"][number]["from"], { lan }: FirewallFacts): Sources {
  return from === "lan" ? lan : from;
}

/** All of them; of those that reach an address, the ones of its family. */
function together(all: readonly Sources[], address: string | undefined): Sources {
  if (all.includes("everywhere")) return "everywhere";
  const networks = [...new Set(all.flatMap((sources) => (sources === "everywhere" ? [] : sources)))];
  return address === undefined
    ? networks
    : networks.filter((network) => network.includes(":") === address.includes(":"));
}

function published(
  { services }: Manifest,
  host: Host | undefined,
  container: LabContainer,
  proxies: readonly Proxy[],
): ExposureEntry[] {
  const declared = services.find(({ name }) => name === container.service)?.ports ?? [];
  return portsOf(container).map(({ ip, external, internal, protocol }): ExposureEntry => {
    const said = declared.find((one) => one.ip === ip && one.external === external && one.protocol === protocol);
    const place = isAny(ip) ? container.host : ip;
    const door = proxies.flatMap((proxy) => entryPointAt(proxy, internal, protocol) ?? [])[0];
    const isRouted = door !== undefined && (door.redirects || door.strips);
    const held = host?.firewall ? "the host's firewall, and " : "";
    const own = `${held}the service's own${internal > 0 ? `, on its port ${internal}` : ""}`;
    return entry(host, sourcesOfPort(host, ip, external, protocol), {
      address: external === undefined ? `${place}, a port that the engine chooses` : `${place}:${external}/${protocol}`,
      ...placeOf(container, said?.part),
      internal,
      guard:
        door && !isRouted
          ? `none: entry point ${door.name} leaves in requests what the sign-on believes`
          : (said?.guard ?? own),
      isRouted,
    });
  });
}

function sourcesOfPort(host: Host | undefined, ip: string, port: number | undefined, protocol: "tcp" | "udp"): Sources {
  if (/^127\.|^::1$/.test(ip)) return [];
  if (!host) return "everywhere";
  // No firewall of the lab's knows a port that nobody declared.
  if (port === undefined) return host.firewall ? [] : letsThrough(host, { ...ANYWHERE, port: 0 });
  const address = ip === "::" ? undefined : ip;
  return letsThrough(host, { address, port, protocol, isPublished: true });
}

const ANYWHERE = { protocol: "tcp", isPublished: true } as const;

/** A container that has the network of its host: whatever its program listens on is one of the host's ports. */
function onHostNetwork({ services }: Manifest, host: Host | undefined, container: LabContainer): ExposureEntry[] {
  const service = services.find(({ name }) => name === container.service);
  const firewall = host?.firewall;
  const told = { address: `${container.host}, any port`, ...placeOf(container) };
  const guard = "the service's own: it shares the host's network, with every port that it opens";
  if (!host || !firewall) return [entry(host, "everywhere", { ...told, guard })];
  // What the firewall opens for others leads to whoever listens there.
  const open = openPorts(firewall);
  if (open.length > 0) {
    const at = `the host's firewall, which opens ${open.join(", ")} to everybody whoever listens there, and ${guard}`;
    return [entry(host, "everywhere", { ...told, guard: at })];
  }
  const port = container.companion === undefined ? service?.port : undefined;
  const own = port === undefined ? [] : letsThrough(host, { port, protocol: "tcp", isPublished: false });
  return [entry(host, own, { ...told, guard: `the host's firewall, and ${guard}` })];
}

/** The ports that a firewall opens to everybody. */
function openPorts({ ports, lan }: FirewallFacts): string[] {
  const isOpen = ({ from }: FirewallFacts["ports"][number]): boolean =>
    from === "everywhere" || breadthOf(from === "lan" ? lan : from) === "everybody";
  return [...new Set(ports.filter(isOpen).map(({ port, protocol }) => `${port}/${protocol}`))].sort();
}

/** What the host itself has open: sshd, what its firewall lets in besides, all that it runs where it has no firewall. */
function ofHost(manifest: Manifest, host: Host): ExposureEntry[] {
  const { name, firewall, ssh } = host;
  if (firewall === undefined) return []; // an earlier version did not tell
  const port = ssh?.port ?? 22;
  const listens = { protocol: "tcp", isPublished: false } as const;
  const sshd = entry(host, letsThrough(host, { ...listens, port }), {
    address: `${name}:${port}/tcp`,
    guard: "sshd, which takes the keys of those who deploy",
  });
  if (firewall === null) {
    const guard = "the programs' own: the host has no firewall of the lab's";
    return [sshd, entry(host, "everywhere", { address: `${name}, whatever else it runs`, guard })];
  }
  const openings = firewall.ports.filter((one) => one.onHost && !isOfService(manifest, host, one));
  const ports = new Map(openings.map((one) => [`${one.port}/${one.protocol}`, one]));
  return [
    sshd,
    ...[...ports].map(([at, { port: number, protocol, by }]) =>
      entry(host, letsThrough(host, { port: number, protocol, isPublished: false }), {
        address: `${name}:${at}`,
        guard: `the program's own: ${by}`,
        isForAll: openings.some(({ port: other, from }) => other === number && from === "everywhere"),
      }),
    ),
  ];
}

/** Whether a port is let in for a service on the host's network, which is told with the service. */
function isOfService({ services }: Manifest, host: Host, { by, port, from }: FirewallFacts["ports"][number]): boolean {
  const isLan = from === "lan" || (from !== "everywhere" && breadthOf(from) === "none");
  return isLan && services.some((one) => one.host === host.name && one.container === by && one.port === port);
}

function placeOf(
  { service, name }: LabContainer,
  part?: string,
): Pick<ExposureEntry, "service" | "part" | "container"> {
  return { ...(service !== undefined && { service }), ...(part !== undefined && { part }), container: name };
}

/** An entry of the report; by where packets come from it is told who reaches it. */
function entry(
  host: Host | undefined,
  sources: Sources,
  told: Pick<ExposureEntry, "address" | "service" | "part" | "container" | "internal" | "guard"> & {
    /** Whether a proxy listens there, whose routes say who passes. */
    readonly isRouted?: boolean;
    /** Whether somebody said that it is for everybody, whatever the inventory knows of the host. */
    readonly isForAll?: boolean;
  },
): ExposureEntry {
  const { isRouted = false, isForAll = false, ...rest } = told;
  const { from, who, isWide } = reached(host, sources, isForAll);
  return { kind: "port", ...rest, from, who, isOpen: from === "internet" && isWide && !isRouted };
}

function reached(
  host: Host | undefined,
  sources: Sources,
  isForAll: boolean,
): Pick<ExposureEntry, "from" | "who"> & { readonly isWide: boolean } {
  const onLan = { from: "lan", who: ["everybody on the LAN"], isWide: false } as const;
  if (sources === "everywhere")
    return isForAll || !host || isOnInternet(host) ? { from: "internet", who: ["everybody"], isWide: true } : onLan;
  if (sources.length === 0) return { from: "host", who: ["whoever is on the host"], isWide: false };
  const breadth = breadthOf(sources);
  const lan = host?.firewall?.lan ?? LAN;
  const others = sources.filter((network) => !CONTAINERS.includes(network));
  if (breadth === "none" && others.join() === lan.filter((one) => others.includes(one)).join() && others.length > 0)
    return onLan;
  return { from: breadth === "none" ? "lan" : "internet", who: sources, isWide: breadth === "everybody" };
}

/** Whether the internet reaches a host by itself: the inventory says so, or its address in the LAN is no private one. */
export function isOnInternet({ publicAddress, lanAddress }: Pick<Host, "publicAddress" | "lanAddress">): boolean {
  return publicAddress !== undefined || isPublicAddress(lanAddress);
}
