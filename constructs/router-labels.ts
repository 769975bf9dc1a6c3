import { LAN } from "./networks";
import { quote } from "./text";

/** What a router of Traefik is made of. */
export interface RouterOptions {
  /** The name of router and service. */
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
  /** The priority, if somebody chose one. */
  readonly priority: number | undefined;
  /** The network that Traefik reaches it by; undefined on the host's network. */
  readonly network: string | undefined;
  /** The entry point. */
  readonly entryPoint: string;
  /** The certificate resolver. */
  readonly certResolver: string;
  /** Who declared it, for messages. */
  readonly subject: string;
}

/**
 * A router with paths is asked before one for the whole host, however many names that one has: by default Traefik
 * asks the longest rule first, and a guarded path must never lose to a longer rule that is open.
 */
const PATH_PRIORITY = 100_000;

/** The labels of a router and its service for Traefik v3's docker provider. */
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
  const router = `traefik.http.routers.${name}`;
  const service = `traefik.http.services.${name}.loadbalancer`;
  const middlewares = [
    ...(reach === "lan" ? [`${name}-lan`] : []),
    // In the file provider: a middleware in a container's labels vanishes while that container is not healthy.
    ...(options.guarded ? ["authelia@file"] : []),
    ...options.middlewares,
  ];
  const priority = options.priority ?? pathPriority(options.paths);
  return {
    "traefik.enable": "true",
    ...(network !== undefined && { "traefik.docker.network": network }),
    [`${router}.rule`]: routerRule(options.hosts, options.paths),
    [`${router}.entrypoints`]: options.entryPoint,
    [`${router}.tls`]: "true",
    [`${router}.tls.certresolver`]: options.certResolver,
    [`${router}.service`]: options.internalService ?? name,
    ...(middlewares.length > 0 && { [`${router}.middlewares`]: middlewares.join(",") }),
    ...(priority !== undefined && { [`${router}.priority`]: String(priority) }),
    ...(reach === "lan" && { [`traefik.http.middlewares.${name}-lan.ipallowlist.sourcerange`]: LAN.join(",") }),
    ...(options.internalService === undefined && { [`${service}.server.port`]: String(options.port) }),
    ...(options.internalService === undefined &&
      options.scheme !== "http" && { [`${service}.server.scheme`]: options.scheme }),
  };
}

/** The rule of a router, in Traefik's language. Host names and paths were checked: none holds a backtick. */
export function routerRule(hosts: readonly string[], paths: readonly string[]): string {
  const anyHost = hosts.map((host) => `Host(\`${host}\`)`).join(" || ");
  if (paths.length === 0) return anyHost;
  const anyPath = paths.map((path) => `Path(\`${path}\`) || PathPrefix(\`${path}/\`)`).join(" || ");
  return `${hosts.length > 1 ? `(${anyHost})` : anyHost} && (${anyPath})`;
}

/** The priority of a router with paths; none for one without. */
export function pathPriority(paths: readonly string[]): number | undefined {
  return paths.length === 0 ? undefined : PATH_PRIORITY + Math.max(...paths.map((path) => path.length));
}
