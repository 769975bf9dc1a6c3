import { parse } from "yaml";
import { MIDDLEWARES } from "../contract/middlewares";
import { breadthOf, type Breadth } from "./address-ranges";
import {
  containersOf,
  isOnHostNetwork,
  labelsOf,
  portsOf,
  uploadsOf,
  type LabContainer,
  type WrittenLab,
} from "./containers";
import { parseRule, type Rule } from "./traefik-rules";

/** A router that the labels of a container give to the proxy of its host. */
export interface Router {
  /** Its name. */
  readonly name: string;
  /** The container with the labels. */
  readonly container: LabContainer;
  /** Whether it looks at requests, or hands on connections before anybody reads them. */
  readonly protocol: "http" | "tcp" | "udp";
  /** The rule as text. */
  readonly text: string;
  /** The rule; none where it can't be read. */
  readonly rule?: Rule;
  /** Its priority; a higher one is asked first. */
  readonly priority: number;
  /** Whether it answers over TLS, by itself. */
  readonly isTls: boolean;
  /** The entry points; none named means all. */
  readonly entryPoints: readonly string[];
  /** The middlewares. */
  readonly middlewares: readonly string[];
  /** The container that gets the requests. */
  readonly target: string;
}

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

/** A proxy, by its configuration. */
export interface Proxy {
  /** The container. */
  readonly container: LabContainer;
  /** Its doors. */
  readonly entryPoints: readonly EntryPoint[];
}

/** How a request comes to a proxy. */
export interface Arrival {
  /** Whether it says for whom it was forwarded, and the proxy believes it. */
  readonly isForwarded: boolean;
  /** Whether whoever sends it is another proxy, whose address says nothing of the client. */
  readonly isByProxy: boolean;
  /** Whether the client itself may have written for whom it was forwarded. */
  readonly isMadeUp: boolean;
}

/** The middleware that asks the sign-on, and those that let pass the LAN alone: by who sends, by for whom. */
const { signOn: SIGN_ON, lan: LAN, lanForwarded: LAN_FORWARDED, strippedHeaders: STRIPPED } = MIDDLEWARES;

/** Whether the sign-on stands before what a router leads to. */
export function isGuarded({ protocol, middlewares }: Router): boolean {
  return protocol === "http" && middlewares.includes(SIGN_ON);
}

/** Whether a router answers the LAN alone, however the request comes: each middleware looks at one of two addresses. */
export function isOfLan({ protocol, middlewares }: Router, { isForwarded, isByProxy, isMadeUp }: Arrival): boolean {
  if (protocol !== "http") return false;
  if (!isByProxy) return middlewares.includes(LAN) || middlewares.includes(LAN_FORWARDED);
  return isForwarded && !isMadeUp && middlewares.includes(LAN_FORWARDED);
}

/** Every router of a lab, by host. */
export function routersOf(lab: WrittenLab): ReadonlyMap<string, readonly Router[]> {
  const found = new Map<string, Router[]>();
  for (const container of containersOf(lab)) {
    const known = found.get(container.host) ?? [];
    found.set(container.host, [...known, ...inLabels(container)]);
  }
  return found;
}

const ROUTER = /^traefik\.(http|tcp|udp)\.routers\.([^.]+)\.(.+)$/i;

/** https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/docker/ */
function inLabels(container: LabContainer): Router[] {
  const labels = new Map([...labelsOf(container)].map(([label, value]) => [label.toLowerCase(), value]));
  // The library's proxy shows nothing that does not ask for it.
  if (!/^(true|t|1)$/i.test(labels.get("traefik.enable") ?? "")) return [];
  const routers = new Map<string, Map<string, string>>();
  for (const [label, value] of labels) {
    const [, protocol, name, option] = ROUTER.exec(label) ?? [];
    if (protocol === undefined || name === undefined || option === undefined) continue;
    const key = `${protocol} ${name}`;
    routers.set(key, (routers.get(key) ?? new Map<string, string>()).set(option, value));
  }
  return [...routers].map(([key, options]): Router => {
    const [protocol = "http", name = ""] = key.split(" ");
    const text = options.get("rule") ?? `Host(\`${container.name}\`)`; // Traefik's own default
    const rule = parseRule(text);
    const list = (option: string): string[] =>
      (options.get(option) ?? "").split(",").flatMap((word) => (word.trim() === "" ? [] : [word.trim()]));
    return {
      name,
      container,
      protocol: protocol === "tcp" || protocol === "udp" ? protocol : "http",
      text: protocol === "udp" ? "every packet" : text,
      ...(rule && { rule }),
      priority: Number(options.get("priority") ?? 0) || Buffer.byteLength(text),
      isTls: [...options].some(
        ([option, value]) => /^tls\./.test(option) || (option === "tls" && /^(true|t|1)$/i.test(value)),
      ),
      entryPoints: list("entrypoints"),
      middlewares: list("middlewares"),
      // The library names a service after its container, and no container's name has an underscore.
      target: options.get("service")?.split(/[_@]/)[0] ?? container.name,
    };
  });
}

/** The proxies of a lab whose configuration is copied into them, by host. */
export function proxiesOf(lab: WrittenLab): ReadonlyMap<string, readonly Proxy[]> {
  const found = new Map<string, Proxy[]>();
  for (const container of containersOf(lab)) {
    const entryPoints = uploadsOf(container)
      .filter(({ file }) => /\/traefik\.ya?ml$/.test(file))
      .flatMap(({ content }) => entryPointsIn(content));
    if (entryPoints.length === 0) continue;
    found.set(container.host, [...(found.get(container.host) ?? []), { container, entryPoints }]);
  }
  return found;
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

/** https://doc.traefik.io/traefik/reference/install-configuration/entrypoints/ */
function entryPointsIn(content: string): EntryPoint[] {
  const { entryPoints = {} } = (parse(content) ?? {}) as {
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
  };
  return Object.entries(entryPoints).map(([name, options]): EntryPoint => {
    const [, port = "0", protocol = "tcp"] = /:(\d+)(?:\/(tcp|udp))?$/.exec(options?.address ?? "") ?? [];
    return {
      name,
      port: Number(port),
      protocol: protocol === "udp" ? "udp" : "tcp",
      redirects: options?.http?.redirections !== undefined,
      strips: options?.http?.middlewares?.includes(STRIPPED) ?? false,
      believes: believed(options?.forwardedHeaders ?? {}),
    };
  });
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
