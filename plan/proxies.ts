import { MIDDLEWARES } from "../contract/middlewares";
import { breadthOf, type Breadth } from "./address-ranges";
import { filesOf, unknownIn, type ContainerFile } from "./container-files";
import { containersOf, imageOf, isOnHostNetwork, portsOf, type LabContainer, type WrittenLab } from "./containers";
import { nameOfImage } from "./image-reference";
import { isWithin } from "./mounted";
import { oncePerLab } from "./once-per-lab";
import { parseOnce } from "./parse-once";
import type { Router } from "./routers";
import { routersInFiles, type Unseen } from "./traefik-files";

/** A door of a proxy. */
export interface EntryPoint {
  /** Its name. */
  readonly name: string;
  /** The port that the proxy listens on. */
  readonly port: number;
  /** The protocol. */
  readonly protocol: "tcp" | "udp";
  /** Whether it only leads to another one. */
  readonly redirects: boolean;
  /** Whether it takes from requests what they say of themselves, which the sign-on relies on. */
  readonly strips: boolean;
  /** Whom it believes for whom they forward a request. */
  readonly believes: Breadth | "lan";
}

/** A door that leads to routers, and that somebody outside its containers can knock at. */
export type Door = Pick<EntryPoint, "name" | "strips" | "believes">;

/** A Traefik, by its configuration. */
export interface Proxy {
  /** The container. */
  readonly container: LabContainer;
  /** Its doors; none where its configuration is not in the code. */
  readonly entryPoints: readonly EntryPoint[];
  /** The routers that it reads from files. */
  readonly routers: readonly Router[];
  /** What else it does that the code does not tell. */
  readonly unseen: readonly Unseen[];
}

/** The proxies of a lab, by host. */
export const proxiesOf = oncePerLab((lab): ReadonlyMap<string, readonly Proxy[]> => {
  const found = new Map<string, Proxy[]>();
  for (const container of containersOf(lab)) {
    const proxy = proxyIn(lab, container);
    if (proxy) found.set(container.host, [...(found.get(container.host) ?? []), proxy]);
  }
  return found;
});

function proxyIn(lab: WrittenLab, container: LabContainer): Proxy | undefined {
  const files = filesOf(lab, container);
  const file = files.find(({ path }) => /\/traefik\.ya?ml$/.test(path));
  if (!file && nameOfImage(imageOf(lab, container)) !== "traefik") return undefined;
  const configuration = parsed(file?.read());
  if (!configuration) {
    const what = `the routers of ${container.name}, whose configuration is not in the code`;
    return { container, entryPoints: [], routers: [], unseen: [{ what, ...(file && { version: file.version }) }] };
  }
  const provider = configuration.providers?.file ?? {};
  const read = routersInFiles(container, filesIn(files, provider), lab.manifest.hosts);
  const folder = provider.directory ?? provider.filename;
  const mounted = folder === undefined ? [] : unknownIn(lab, container, folder);
  return {
    container,
    entryPoints: entryPointsIn(configuration),
    routers: read.routers,
    unseen: [
      ...read.unseen,
      ...mounted.map((source) => ({ what: `the routers that ${container.name} reads from ${source}` })),
      ...otherProviders(configuration).map((by) => ({ what: `the routers that ${container.name} gets ${by}` })),
    ],
  };
}

/** Where a proxy gets routers from beside labels and files. */
function otherProviders({ providers }: StaticConfiguration): string[] {
  const { file: _file, docker, providersThrottleDuration: _duration, ...others } = providers ?? {};
  const isAsked = !docker || (docker.exposedByDefault === false && docker.defaultRule === undefined);
  return [
    ...(isAsked ? [] : ["of containers that do not ask for them"]),
    ...Object.keys(others).map((name) => `by its provider ${name}`),
  ];
}

/** https://doc.traefik.io/traefik/reference/install-configuration/configuration-options/ */
interface StaticConfiguration {
  readonly entryPoints?: Readonly<
    Record<
      string,
      {
        readonly address?: string;
        readonly forwardedHeaders?: { readonly trustedIPs?: readonly string[]; readonly insecure?: boolean };
        readonly http?: { readonly redirections?: unknown; readonly middlewares?: readonly string[] };
      } | null
    >
  >;
  readonly providers?: {
    readonly docker?: { readonly exposedByDefault?: boolean; readonly defaultRule?: string } | null;
    readonly file?: FileProvider | null;
    readonly providersThrottleDuration?: string;
  };
}

interface FileProvider {
  readonly directory?: string;
  readonly filename?: string;
}

function parsed(text: string | undefined): StaticConfiguration | undefined {
  return text === undefined ? undefined : (parseOnce(text) ?? {});
}

/** The files that a proxy reads routers from. */
function filesIn(files: readonly ContainerFile[], { directory, filename }: FileProvider): ContainerFile[] {
  return files.filter(({ path }) =>
    directory === undefined ? path === filename : isWithin(path, directory) && /\.(ya?ml|toml)$/.test(path),
  );
}

/** https://doc.traefik.io/traefik/reference/install-configuration/entrypoints/ */
function entryPointsIn({ entryPoints = {} }: StaticConfiguration): EntryPoint[] {
  return Object.entries(entryPoints).map(([name, options]): EntryPoint => {
    const [, port = "0", protocol = "tcp"] = /:(\d+)(?:\/(tcp|udp))?$/.exec(options?.address ?? "") ?? [];
    return {
      name,
      port: Number(port),
      protocol: protocol === "udp" ? "udp" : "tcp",
      redirects: options?.http?.redirections !== undefined,
      strips: options?.http?.middlewares?.includes(MIDDLEWARES.strippedHeaders) ?? false,
      believes: believed(options?.forwardedHeaders ?? {}),
    };
  });
}

/** The door behind a published port, if a proxy listens there. */
export function entryPointAt(proxy: Proxy, internal: number, protocol: "tcp" | "udp"): EntryPoint | undefined {
  return proxy.entryPoints.find((one) => one.port === internal && one.protocol === protocol);
}

/** The doors of proxies that lead to routers and that somebody outside their containers can knock at. */
export function doorsOf(proxies: readonly Proxy[]): Door[] {
  return proxies.flatMap(({ container, entryPoints }) =>
    entryPoints
      .filter(({ redirects }) => !redirects)
      .filter(
        ({ port, protocol }) =>
          isOnHostNetwork(container) ||
          portsOf(container).some((one) => one.internal === port && one.protocol === protocol),
      ),
  );
}

function believed({
  trustedIPs = [],
  insecure = false,
}: {
  readonly trustedIPs?: readonly string[];
  readonly insecure?: boolean;
}): EntryPoint["believes"] {
  if (insecure) return "everybody";
  const breadth = breadthOf(trustedIPs);
  return trustedIPs.length > 0 && breadth === "none" ? "lan" : breadth;
}
