import { FIREWALL_STATE, RECORDS } from "./names-on-hosts";
import { elements, isExpression, isSet, mayBeHost, mayBeSet, withDynamicBlocks } from "./rendered-values";

/** What a hold on the host means. */
export type HostGrant =
  /** Root on the host. */
  | "root"
  /** The host's network: its addresses, its routes, its firewall. */
  | "host-network"
  /** What other services keep, or what is placed for them. */
  | "other-services"
  /** A device, and nothing beyond. */
  | "device";

/** Something that lets a container reach out to its host. */
export interface HostPrivilege {
  /** What it is: `privileged`, `pid_mode host`, `capability SYS_ADMIN`, `device /dev/sda`, `mount /etc`. */
  readonly means: string;
  /** What it gives to whoever is in the container. */
  readonly grants: HostGrant;
}

/** What is to be known of a host and a service to judge what its containers have. */
export interface HostFacts {
  /** The user that deploys, who may become root. */
  readonly deployer: string;
  /** The folders in which services keep data and files. */
  readonly folders: readonly string[];
  /** Names, as on the host, of the other services. */
  readonly others: readonly string[];
  /** Folders that hold the data of the service itself, and those with what is placed for it. */
  readonly own: readonly string[];
}

/** Sockets that whoever asks is root through; a mount that is read-only takes commands all the same. */
const SOCKETS = [
  "/run/docker.sock",
  "/run/containerd",
  "/run/podman/podman.sock",
  "/run/crio/crio.sock",
  "/run/systemd", // PID 1
  "/run/dbus/system_bus_socket", // PID 1 takes commands from uid 0, of a container too
];

/** What root of the host runs or obeys. */
const OBEYED = [
  "/bin",
  "/boot",
  "/etc",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/proc", // sys/kernel/core_pattern
  "/sbin",
  "/sys", // kernel/uevent_helper
  "/usr",
  "/var/lib/containerd",
  "/var/lib/docker",
  "/var/lib/dpkg", // scripts of packages
  FIREWALL_STATE,
  RECORDS,
  "/var/spool/cron",
];

/** Where Docker keeps the volumes of all services. */
const VOLUMES = ["/var/lib/docker"];

/**
 * Capabilities with which a container's root is the host's: it mounts, loads code into the kernel or another kernel,
 * writes to hardware, or opens any file by its number.
 */
const ROOT_CAPABILITIES = new Set([
  "ALL",
  "BPF",
  "DAC_READ_SEARCH",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_MODULE",
  "SYS_RAWIO",
]);

/** Disks, and memory: whoever writes there writes to any file, and to the kernel. */
const ROOT_DEVICES =
  /^\/dev(\/(sd|sg|hd|vd|xvd|nvme|mmcblk|md|dm-|loop|zd|nbd|ram|pmem|disk|mapper|block|mem|kmem|port|kcore|raw|mtd)[^/]*(\/.*)?)?$/;

/** What the mount of a host's path gives, or undefined for nothing of note. */
export function grantOfPath(path: string, readOnly: boolean, host: HostFacts): HostGrant | undefined {
  const place = path.replace(/^\/var\/run(?=\/|$)/, "/run");
  const overlaps = (other: string): boolean => isWithin(place, other) || isWithin(other, place);
  if (SOCKETS.some(overlaps)) return "root";
  const homes = ["/root", `/home/${host.deployer}`];
  // Of a home the hidden files are obeyed: keys that may log in, and what a shell runs first.
  const isObeyed = (home: string): boolean => isWithin(home, place) || place.startsWith(`${home}/.`);
  if (!readOnly && (OBEYED.some(overlaps) || homes.some(isObeyed))) return "root";
  if (host.own.some((folder) => isWithin(place, folder))) return undefined;
  const isOfAll = [...host.folders, ...VOLUMES].some((folder) => isWithin(folder, place)) || VOLUMES.some(overlaps);
  const isOfOther = host.folders.some((folder) => host.others.some((name) => isWithin(place, `${folder}/${name}`)));
  return isOfAll || isOfOther ? "other-services" : undefined;
}

/**
 * Everything in a rendered `docker_container` that reaches out to its host, by whatever way it was set there. What only
 * Terraform knows counts as the most that it can be.
 */
export function hostPrivileges(attributes: Readonly<Record<string, unknown>>, host: HostFacts): HostPrivilege[] {
  const container = withDynamicBlocks(attributes);
  const { privileged, pid_mode, ipc_mode, network_mode, gpus } = container;
  const added = elements(container.capabilities).flatMap(({ add }) => (Array.isArray(add) ? (add as unknown[]) : []));
  const found = [
    ...(mayBeSet(privileged) ? [{ means: "privileged", grants: "root" } as const] : []),
    ...(mayBeHost(pid_mode) ? [{ means: "pid_mode host", grants: "root" } as const] : []),
    ...(mayBeHost(ipc_mode) ? [{ means: "ipc_mode host", grants: "other-services" } as const] : []),
    ...(gpus !== undefined && gpus !== null ? [{ means: "gpus", grants: "device" } as const] : []),
    ...added.flatMap((name) => grantOfCapability(String(name), mayBeHost(network_mode))),
    ...elements(container.devices).map(({ host_path }): HostPrivilege => {
      const path = String(host_path);
      return { means: `device ${path}`, grants: ROOT_DEVICES.test(path) || isExpression(path) ? "root" : "device" };
    }),
    ...mountedPaths(container).flatMap(({ path, readOnly }): HostPrivilege[] => {
      const grants = isExpression(path) ? "root" : grantOfPath(path, readOnly, host);
      return grants === undefined ? [] : [{ means: meansOfPath(path), grants }];
    }),
  ];
  return [...new Map(found.map((one) => [one.means, one])).values()].sort((a, b) => (a.means < b.means ? -1 : 1));
}

/** How the mount of a path is called. */
export function meansOfPath(path: string): string {
  return `mount ${path}`;
}

/** What a grant is called in a sentence, before the host's name. */
export const GRANTS: Readonly<Record<HostGrant, string>> = {
  root: "root on host",
  "host-network": "the network and the firewall of host",
  "other-services": "what other services keep and read on host",
  device: "a device of host",
};

function grantOfCapability(name: string, onHostNetwork: boolean): HostPrivilege[] {
  const short = name.toUpperCase().replace(/^CAP_/, "");
  const means = `capability ${short}`;
  if (ROOT_CAPABILITIES.has(short) || isExpression(name)) return [{ means, grants: "root" }];
  return short === "NET_ADMIN" && onHostNetwork ? [{ means, grants: "host-network" }] : [];
}

/** The host's paths that a container mounts, by each way that the provider has for it. */
function mountedPaths(container: Readonly<Record<string, unknown>>): { path: string; readOnly: boolean }[] {
  const all = [
    ...elements(container.mounts).flatMap(({ type, source, read_only, volume_options }) => [
      { path: type === "bind" ? source : undefined, readOnly: isSet(read_only) },
      ...elements(volume_options).flatMap(({ driver_options }) =>
        elements(driver_options).map(({ device }) => ({ path: device, readOnly: isSet(read_only) })),
      ),
    ]),
    ...elements(container.volumes).map(({ host_path, read_only }) => ({ path: host_path, readOnly: isSet(read_only) })),
  ];
  return all.flatMap(({ path, readOnly }) =>
    typeof path === "string" && /^\/|^[$%]\{/.test(path) ? [{ path: normal(path), readOnly }] : [],
  );
}

function normal(path: string): string {
  if (isExpression(path)) return path;
  return path.replace(/\/+/g, "/").replace(/(?<=.)\/$/, "");
}

function isWithin(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}
