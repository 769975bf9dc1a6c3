import { MIDDLEWARES } from "../contract/middlewares";
import { containersOf, labelsOf, type LabContainer, type WrittenLab } from "./containers";
import { parseRule, type Rule } from "./traefik-rules";

/** A router that the labels of a container give to the proxy of its host, or that the proxy reads from a file. */
export interface Router {
  /** Its name. */
  readonly name: string;
  /** Where it is said: `label traefik.http.routers.docs`, `file more.yml, router docs`. */
  readonly source: string;
  /** The container with the labels, or the proxy. */
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
  /**
   * Where requests go that no container of its host gets: on to the proxy of another host, or nowhere.
   *
   * @default - the container gets them
   */
  readonly leads?: { readonly to: string } | "nowhere";
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

/** The middlewares that decide who passes. */
export const GUARDS: readonly string[] = [SIGN_ON, LAN, LAN_FORWARDED, STRIPPED];

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

/** Every router that labels declare, by host. */
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
      source: `label traefik.${protocol}.routers.${name}`,
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
