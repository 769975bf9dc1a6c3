import { MIDDLEWARES } from "../../contract/middlewares";
import { forwardedRule, routerRules, type RouterRule } from "../../contract/router-rules";
import { quote } from "../../contract/text";

/** What the routers of a route are made of. */
export interface RouterOptions {
  /** The name of the service and the routers, unique on the host. */
  readonly name: string;
  /** Host names; any matches. */
  readonly hosts: readonly string[];
  /** Paths; any matches, each with everything below it. */
  readonly paths: readonly string[];
  /** Whether it answers everybody or the LAN only. */
  readonly reach: "public" | "lan";
  /** The container's port. */
  readonly port: number;
  /** What the container speaks there. */
  readonly scheme: "http" | "https" | "h2c";
  /** A service of Traefik itself in place of the container. */
  readonly internalService: string | undefined;
  /** Whether sign-on guards it. */
  readonly guarded: boolean;
  /** Further middlewares. */
  readonly middlewares: readonly string[];
  /** The network that Traefik reaches it by; undefined on the host's network. */
  readonly network: string | undefined;
  /** The entry point. */
  readonly entryPoint: string;
  /** The certificate resolver. */
  readonly certResolver: string;
  /** Who declared it, for messages. */
  readonly subject: string;
}

/** Middlewares that look at the client's address, and those in their place where the peer is not the client. */
const FORWARDED: Readonly<Record<string, string>> = {
  [MIDDLEWARES.rateLimit]: MIDDLEWARES.rateLimitForwarded,
};

/** The labels of a route's routers and of their service, for Traefik v3's docker provider. */
export function routerLabels(options: RouterOptions): Record<string, string> {
  const { name, subject, reach, network } = options;
  for (const middleware of options.middlewares) {
    if (!/^[A-Za-z0-9_-]+(@[a-z]+)?$/.test(middleware)) {
      throw new Error(`${subject}: 'middlewares' must be names like "secure@file", got ${quote(middleware)}`);
    }
  }
  for (const [option, value] of Object.entries({
    entryPoint: options.entryPoint,
    certResolver: options.certResolver,
  })) {
    if (!/^[A-Za-z0-9_-]+$/.test(value))
      throw new Error(`${subject}: '${option}' must be a name like "websecure", got ${quote(value)}`);
  }
  const service = `traefik.http.services.${name}.loadbalancer`;
  // In the file provider: a middleware in a container's labels vanishes while that container is not healthy.
  const before = options.guarded ? [MIDDLEWARES.signOn] : [];
  const direct = [...(reach === "lan" ? [MIDDLEWARES.lan] : []), ...before, ...options.middlewares];
  const forwarded = [
    ...(reach === "lan" ? [MIDDLEWARES.lan, MIDDLEWARES.lanForwarded] : []),
    ...before,
    ...options.middlewares.map((middleware) => FORWARDED[middleware] ?? middleware),
  ];
  const routers = routerRules(name, options.hosts, options.paths).flatMap((router) => [
    routerLabel(router, direct, options),
    ...(direct.join() === forwarded.join() ? [] : [routerLabel(forwardedRule(router), forwarded, options)]),
  ]);
  return {
    "traefik.enable": "true",
    ...(network !== undefined && { "traefik.docker.network": network }),
    ...Object.fromEntries(routers.flatMap((router) => Object.entries(router))),
    ...(options.internalService === undefined && { [`${service}.server.port`]: String(options.port) }),
    ...(options.internalService === undefined &&
      options.scheme !== "http" && { [`${service}.server.scheme`]: options.scheme }),
  };
}

function routerLabel(
  { name, rule, priority }: RouterRule,
  middlewares: readonly string[],
  options: RouterOptions,
): Record<string, string> {
  const router = `traefik.http.routers.${name}`;
  return {
    [`${router}.rule`]: rule,
    [`${router}.entrypoints`]: options.entryPoint,
    [`${router}.tls`]: "true",
    [`${router}.tls.certresolver`]: options.certResolver,
    [`${router}.service`]: options.internalService ?? options.name,
    ...(middlewares.length > 0 && { [`${router}.middlewares`]: middlewares.join(",") }),
    ...(priority !== undefined && { [`${router}.priority`]: String(priority) }),
  };
}
