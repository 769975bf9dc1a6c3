import { TerraformStack, type App } from "cdktf";
import {
  Backup,
  Companion,
  Hardening,
  HomelabService,
  HostPath,
  Probe,
  StorageLayout,
  Volume,
  type Contribution,
  type HomelabServiceProps,
  type IServicePart,
  type Parts,
} from "../../constructs";
import { lab, type Change } from "../support/changes";
import { host } from "../support/synthesis";

const basic = { image: "example/app:1.0.0", health: Probe.none("a test") } as const;
const firewall = { ssh: ["192.168.1.0/24"] } as const;
const hosts = [host("app-01", 11, { publicAddress: undefined, firewall })];
const tight = { user: "1000:1000", hardening: Hardening.strict() } as const;

type Props = Partial<HomelabServiceProps<Parts>>;
type Overrides = Readonly<Record<string, unknown>>;

/** A service that is locked down, with a companion that is too, beside one that has data. */
function made(options: {
  readonly app?: Props;
  readonly queue?: Props;
  readonly overrides?: { readonly app?: Overrides; readonly queue?: Overrides };
  readonly stack?: Overrides;
  readonly add?: Contribution;
  readonly folders?: boolean;
}): (app: App) => void {
  const storage = options.folders === true ? StorageLayout.serviceFolders("/srv/services") : undefined;
  return lab(
    (home) => {
      const at = home.host("app-01");
      const { parts: own = {}, ...queue } = options.queue ?? {};
      const { parts = {}, ...props } = options.app ?? {};
      new HomelabService(at, "other", { ...basic, parts: { data: Volume.at("/data"), none: Backup.none("a test") } });
      const app = new HomelabService(at, "app", {
        ...basic,
        ...tight,
        parts: {
          media: HostPath.at("/media", { from: "/mnt/media" }),
          queue: Companion.container({ ...basic, ...tight, port: 6379, parts: own, ...queue }),
          ...parts,
        },
        ...props,
      });
      if (options.add) app.add(options.add);
      for (const [attribute, value] of Object.entries(options.overrides?.app ?? {}))
        app.container.addOverride(attribute, value);
      for (const [where, value] of Object.entries(options.stack ?? {}))
        TerraformStack.of(app).addOverride(where, value);
      const companion = app.service.container("app-queue");
      for (const [attribute, value] of Object.entries(options.overrides?.queue ?? {}))
        companion?.container.addOverride(attribute, value);
    },
    { hosts: hosts.map((one) => ({ ...one, ...(storage && { storage }) })) },
  );
}

const ROOT = /on app-01 gets ROOT ON ITS HOST/;
const FREER = /on app-01 has more of its host than before/;
const OTHERS = /on app-01 gets hold of other services/;

function rowOf(name: string, head: (app: App) => void, firstLine: RegExp, isDanger: boolean): Change {
  return { name, base: made({}), head, firstLine, exitCode: 2, failsOn: isDanger ? ["host-privilege"] : [] };
}

/** The same of the service's own container and of its companion's. */
function each(name: string, props: Props, firstLine: RegExp, isDanger: boolean): Change[] {
  return [
    rowOf(name, made({ app: props }), firstLine, isDanger),
    rowOf(`${name}, in a companion`, made({ queue: props }), firstLine, isDanger),
  ];
}

function mounts(name: string, part: IServicePart<unknown>, firstLine: RegExp, isDanger = true): Change[] {
  return each(name, { parts: { more: part } }, firstLine, isDanger);
}

/** An attribute that is set past the library, with the reason that a hold needs. */
function overrides(name: string, attributes: Overrides, means: string | undefined, firstLine: RegExp): Change[] {
  const acknowledge = (of: string): Props =>
    means === undefined ? {} : { acknowledge: { [`host-privilege:${of}${means}`]: "a test" } };
  return [
    rowOf(name, made({ app: acknowledge(""), overrides: { app: attributes } }), firstLine, means !== undefined),
    rowOf(
      `${name}, in a companion`,
      made({ app: acknowledge("queue."), overrides: { queue: attributes } }),
      firstLine,
      means !== undefined,
    ),
  ];
}

/** An attribute of a container that `addOverride()` of its stack sets. */
function byStack(
  name: string,
  attribute: string,
  value: unknown,
  means: string | undefined,
  firstLine: RegExp,
): Change {
  const app: Props = means === undefined ? {} : { acknowledge: { [`host-privilege:${means}`]: "a test" } };
  const stack = { [`resource.docker_container.app.${attribute}`]: value };
  return rowOf(`${name}, by the stack`, made({ app, stack }), firstLine, means !== undefined);
}

/** A container that nobody declared as a service, written into the stack. */
function pastLibrary(name: string, attributes: Overrides, firstLine: RegExp): Change {
  const stack = { "resource.docker_container.raw": { name: "raw", image: "example/raw:1", ...attributes } };
  return rowOf(name, made({ stack }), firstLine, true);
}

const path = (from: string, writable = false): IServicePart<unknown> =>
  HostPath.at("/more", { from, writable, reason: "a test" });

/** What containers may do on their hosts and could not. */
export const rows: readonly Change[] = [
  ...mounts("Docker's socket", path("/var/run/docker.sock"), ROOT),
  ...mounts("the socket of containerd", path("/run/containerd/containerd.sock"), ROOT),
  ...mounts("all of the host", path("/", true), ROOT),
  ...mounts("all of the host to read", path("/"), ROOT),
  ...mounts("the configuration of the host", path("/etc", true), ROOT),
  ...mounts("Docker's folder", path("/var/lib/docker"), OTHERS),
  ...mounts("Docker's folder to write", path("/var/lib/docker", true), ROOT),
  ...mounts("the folder of another service's volume", path("/var/lib/docker/volumes/other_data/_data"), OTHERS),
  ...mounts("another folder of the host to read", path("/mnt/more"), /^No data is lost; app restarts\.$/, false),
  ...mounts("another folder of the host to write", path("/mnt/more", true), FREER, false),
  {
    ...rowOf(
      "a folder of another service",
      made({ folders: true, app: { parts: { more: path("/srv/services/other/data") } } }),
      OTHERS,
      true,
    ),
    base: made({ folders: true }),
  },
  rowOf(
    "a folder of the host may be written to",
    made({ app: { parts: { media: HostPath.at("/media", { from: "/mnt/media", writable: true }) } } }),
    FREER,
    false,
  ),
  rowOf(
    "a volume of another service",
    made({ add: { mounts: [{ target: "/o", source: "other_data", type: "volume", readOnly: true }] } }),
    OTHERS,
    true,
  ),

  ...each("hardening is dropped", { hardening: Hardening.standard() }, FREER, false),
  ...each("a capability", { capabilities: ["NET_RAW"] }, FREER, false),
  ...each("the user is root", { user: "0:0" }, FREER, false),
  ...each("the user is root without its group", { user: "0" }, FREER, false),
  ...each("the user is the image's", { user: undefined }, FREER, false),
  ...each("a device", { devices: ["/dev/dri"] }, /on app-01 has more of its host than before/, false),
  ...each("another user that is not root", { user: "1001:1001" }, /^No data is lost; app restarts\.$/, false),

  ...overrides("privileged", { privileged: true }, "privileged", ROOT),
  byStack("privileged", "privileged", true, "privileged", ROOT),
  byStack("a mount of the host", "mounts", [{ type: "bind", source: "/etc", target: "/x" }], "mount /etc", ROOT),
  byStack("a root that is not read-only", "read_only", false, undefined, FREER),
  pastLibrary("a container that is no service's is privileged", { privileged: true }, ROOT),
  pastLibrary(
    "a container that is no service's mounts what is another one's",
    { volumes: [{ host_path: "/var/lib/docker/volumes/other_data/_data", container_path: "/x", read_only: true }] },
    OTHERS,
  ),
  ...overrides("the host's processes", { pid_mode: "host" }, "pid_mode host", ROOT),
  ...overrides("the host's memory", { ipc_mode: "host" }, "ipc_mode host", OTHERS),
  ...overrides("the host's users", { userns_mode: "host" }, undefined, FREER),
  ...overrides("the host's network", { network_mode: "host" }, undefined, FREER),
  ...overrides("another container's network", { network_mode: "container:other" }, undefined, FREER),
  ...overrides("another container's processes", { pid_mode: "container:other" }, undefined, FREER),
  ...overrides("new privileges", { security_opts: ["no-new-privileges:false"] }, undefined, FREER),
  ...overrides(
    "no filter of calls",
    { security_opts: ["no-new-privileges:true", "seccomp=unconfined"] },
    undefined,
    FREER,
  ),
  ...overrides("a root that is not read-only", { read_only: false }, undefined, FREER),
  ...overrides("a group of the host", { group_add: ["docker"] }, undefined, FREER),
  ...overrides(
    "a capability that is root",
    { capabilities: { add: ["SYS_ADMIN"], drop: ["ALL"] } },
    "capability SYS_ADMIN",
    ROOT,
  ),
];
