import { elements, isSet } from "../contract/rendered-values";
import type { LabContainer } from "./containers";
import { texts } from "./labs";

/** How much of its host a container has beside what is a hold on it, each as one fact that it has or has not. */
export interface Freedom {
  /** What it is; the same in another lab is the same freedom. */
  readonly what: string;
  /** What it means, after the container's name. */
  readonly means: string;
}

/** What a container may do that a tighter one may not. */
export function freedomsOf({ attributes }: LabContainer): Freedom[] {
  const { user, read_only, security_opts, capabilities, group_add, userns_mode, cgroupns_mode } = attributes;
  const options = texts(security_opts).map((option) => option.replace("=", ":"));
  const [listed] = elements(capabilities);
  const [added, dropped] = [texts(listed?.add).map(short), texts(listed?.drop).map(short)];
  const isRoot = typeof user !== "string" || /^(0|root)(:|$)/.test(user);
  return [
    ...(isRoot
      ? [
          {
            what: "root",
            means: user === undefined ? "may be root: it runs as the image says" : "is root in its container",
          },
        ]
      : []),
    ...(isSet(read_only)
      ? []
      : [{ what: "writable root", means: "may change its own programs: its root is not read-only" }]),
    ...(isHeld(options) ? [] : [{ what: "new privileges", means: "may get new privileges, by programs with set-uid" }]),
    ...options
      .filter((option) => /:(unconfined|disable)$/.test(option))
      .map((option) => ({ what: option, means: `is held by less of the kernel's, by ${option}` })),
    ...(dropped.includes("ALL")
      ? []
      : [{ what: "capabilities", means: "has Docker's own capabilities: they are not dropped" }]),
    ...added.map((name) => ({ what: `capability ${name}`, means: `has the capability ${name}` })),
    ...texts(group_add).map((group) => ({ what: `group ${group}`, means: `is in the group ${group}` })),
    ...(userns_mode === "host" ? [{ what: "users", means: "has the users of its host" }] : []),
    ...(cgroupns_mode === "host" ? [{ what: "cgroups", means: "sees the control groups of its host" }] : []),
    ...shared(attributes),
    ...writable(attributes),
  ];
}

/** Whether programs with set-uid give no rights; of several options the last one counts. */
function isHeld(options: readonly string[]): boolean {
  return /^no-new-privileges(:true)?$/.test(options.findLast((option) => option.startsWith("no-new-privileges")) ?? "");
}

function shared(attributes: LabContainer["attributes"]): Freedom[] {
  const names = { network_mode: "network", pid_mode: "processes", ipc_mode: "memory" } as const;
  return Object.entries(names).flatMap(([attribute, what]): Freedom[] => {
    const mode = attributes[attribute];
    if (typeof mode !== "string") return [];
    const [, other] = /^container:(.+)$/.exec(mode) ?? [];
    if (other !== undefined)
      return [{ what: `${attribute} ${mode}`, means: `shares the ${what} of container ${other}` }];
    // The host's processes and memory are holds of their own.
    return mode === "host" && attribute === "network_mode"
      ? [{ what: "network", means: "shares the network of its host: it reaches what listens on the host's loopback" }]
      : [];
  });
}

/** Paths of the host that it may write to; those that are root's are holds of their own as well. */
function writable(attributes: LabContainer["attributes"]): Freedom[] {
  const bound = elements(attributes.mounts).filter(({ type, read_only }) => type === "bind" && !isSet(read_only));
  const old = elements(attributes.volumes).filter(({ read_only }) => !isSet(read_only));
  const paths = [...bound.map(({ source }) => source), ...old.map(({ host_path }) => host_path)];
  return paths.flatMap((path) =>
    typeof path === "string" && path.startsWith("/")
      ? [{ what: `writes ${path}`, means: `may write to ${path} of its host` }]
      : [],
  );
}

/** The volumes that it mounts. */
export function volumesOf({ attributes }: LabContainer): string[] {
  const all = [
    ...elements(attributes.mounts).map(({ type, source }) => (type === "volume" ? source : undefined)),
    ...elements(attributes.volumes).map(({ volume_name }) => volume_name),
  ];
  return all.filter((name): name is string => typeof name === "string" && name !== "");
}

function short(capability: string): string {
  return capability.toUpperCase().replace(/^CAP_/, "");
}
