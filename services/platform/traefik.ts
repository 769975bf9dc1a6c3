import { MIDDLEWARES, middlewareName } from "../../contract/middlewares";
import {
  Access,
  Backup,
  Companion,
  ConfigFile,
  Content,
  HomelabService,
  HostPath,
  Port,
  Probe,
  Reload,
  Route,
  Secret,
  SecretFile,
  Volume,
  type ConfigFileHandle,
  type Host,
  type IServicePart,
  type Zone,
} from "../../constructs";
import { Forwards } from "../../constructs/parts";
import { checkReason } from "../../constructs/values/names";
import { quote } from "../../contract/text";
import { clientAddress } from "./client-address";
import { forwardedRoutes } from "./forwarded-routes";
import { encodedCharacters, refusedPaths, type AllowedInPaths } from "./refused-paths";
import { STRIPPED_HEADERS } from "./stripped-headers";
import { unavailableRoutes } from "./unavailable-routes";

/** Options of `traefik()`. */
export interface TraefikOptions {
  /** The zone in which the dashboard has its name. */
  readonly zone: Zone;
  /** The sign-on that guards routes, on this host or another one. */
  readonly signOn: HomelabService;
  /** The address that the certificate authority writes to. */
  readonly email: string;
  /**
   * Who sees the dashboard.
   *
   * @default Access.twoFactor("group:admins")
   */
  readonly dashboard?: Access;
  /**
   * Characters that paths may have all the same, each with the reason. Programs read them differently: some serve
   * `/api%2Fx` and `/api;v=1/x` as `/api/x`, and so get around what holds for `/api`. Forgejo's packages need the
   * slash, files with such names the percent, the hash and the question mark.
   *
   * @default - none: paths with an encoded slash, backslash, percent, question mark or hash, and with a semicolon,
   * encoded or not, are answered with 400
   */
  readonly allowInPaths?: AllowedInPaths;
  /**
   * The image, Traefik 3.7.6 or newer.
   *
   * @default "docker.io/library/traefik:3.7.9"
   */
  readonly image?: string;
  /**
   * The image of the filter before Docker's socket.
   *
   * @default "docker.io/tecnativa/docker-socket-proxy:0.3.0"
   */
  readonly socketProxyImage?: string;
}

const DYNAMIC = "/etc/traefik/dynamic";

/**
 * Traefik v3, the proxy of one host: certificates by DNS challenge, HTTP to HTTPS, the sign-on, and the routes of other
 * hosts that are reached through this one. It sees Docker through a filter that lets it list containers and no more.
 *
 * The secret `homelab.cloudflare.dns_token` is a token of Cloudflare with the one right `Zone / DNS / Edit`.
 */
export function traefik(host: Host, options: TraefikOptions): HomelabService {
  const { zone, signOn, email, dashboard = Access.twoFactor("group:admins"), allowInPaths = {} } = options;
  const forwards = Forwards.of(host);
  const signOnUrl = signOn.reachableFrom(host).url;
  const name = `traefik-${host.hostName}`;
  for (const reason of Object.values(allowInPaths)) checkReason(reason, `service ${quote(name)}, 'allowInPaths'`);
  const forwarders = (): string[] => forwards.forwardersOf(host.hostName);
  const dynamic = (file: string, content: () => unknown): IServicePart<ConfigFileHandle> =>
    ConfigFile.at(
      `${DYNAMIC}/${file}.yml`,
      Content.collected(() => Content.yaml(content())),
      {
        onChange: Reload.watched(),
      },
    );
  return new HomelabService(host, name, {
    image: options.image ?? "docker.io/library/traefik:3.7.9", // https://github.com/traefik/traefik/releases
    port: 443,
    user: "0:0", // it listens below 1024
    health: Probe.command(["traefik", "healthcheck"]), // https://doc.traefik.io/traefik/reference/install-configuration/cli/
    parts: {
      http: Port.publish(80, { on: "everywhere", guard: "only leads to HTTPS" }),
      https: Port.publish(443, { on: "everywhere", guard: "each route its own" }),
      docker: Companion.container({
        image: options.socketProxyImage ?? "docker.io/tecnativa/docker-socket-proxy:0.3.0", // https://github.com/Tecnativa/docker-socket-proxy
        port: 2375,
        health: Probe.command(["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:2375/_ping"]),
        parts: {
          socket: HostPath.at("/var/run/docker.sock", {
            from: "/var/run/docker.sock",
            reason: "it is the filter that lets Traefik list containers, and do no more",
          }),
        },
        environment: { CONTAINERS: 1, EVENTS: 1, PING: 1, VERSION: 1, POST: 0 },
      }),
      dashboard: Route.internal(zone, { label: name, access: dashboard, internalService: "api@internal" }),
      dnsToken: SecretFile.at("/run/secrets/dns_token", Secret.shared("homelab.cloudflare.dns_token")),
      certificates: Volume.at("/acme"),
      none: Backup.none("certificates are issued anew"),
    },
    files: ({ docker }) => ({
      configuration: ConfigFile.at(
        "/etc/traefik/traefik.yml",
        Content.collected(() =>
          Content.yaml(
            staticConfiguration({
              docker: `tcp://${docker.host}:${docker.port}`,
              network: host.proxy.network,
              entryPoint: host.proxy.entryPoint,
              certResolver: host.proxy.certResolver,
              email,
              forwarders: forwarders(),
              allowInPaths,
            }),
          ),
        ),
      ),
      signOn: dynamic("sign-on", () => signOnMiddleware(signOnUrl)),
      tls: dynamic("tls", () => TLS),
      headers: dynamic("headers", () => HEADERS),
      paths: dynamic("paths", () => refusedPaths(host.proxy.entryPoint, allowInPaths)),
      clientAddress: dynamic("client-address", () => clientAddress(forwards.allForwardersOf(host.hostName))),
      forwards: dynamic("forwards", () =>
        forwardedRoutes(forwards.through(host.hostName), host.proxy.entryPoint, host.proxy.certResolver),
      ),
      unavailable: dynamic("unavailable", () =>
        unavailableRoutes(forwards.on(host.hostName), host.proxy.entryPoint, host.proxy.certResolver),
      ),
    }),
    environment: ({ dnsToken }) => ({ CF_DNS_API_TOKEN_FILE: dnsToken.path }), // https://go-acme.github.io/lego/dns/cloudflare/
  });
}

/** https://doc.traefik.io/traefik/reference/install-configuration/configuration-options/ */
function staticConfiguration(options: {
  readonly docker: string;
  readonly network: string;
  readonly entryPoint: string;
  readonly certResolver: string;
  readonly email: string;
  readonly forwarders: readonly string[];
  readonly allowInPaths: AllowedInPaths;
}): unknown {
  const { forwarders } = options;
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: "INFO" },
    accessLog: { format: "json", fields: { headers: { defaultMode: "drop" } } },
    api: { dashboard: true },
    ping: {},
    entryPoints: {
      web: {
        address: ":80",
        http: { redirections: { entryPoint: { to: options.entryPoint, scheme: "https", permanent: true } } },
      },
      [options.entryPoint]: {
        address: ":443",
        http: {
          // Without the first one no router works, and so nothing gets past it.
          middlewares: [MIDDLEWARES.strippedHeaders, MIDDLEWARES.securityHeaders],
          underscoreHeadersStrategy: "delete",
          encodedCharacters: encodedCharacters(options.allowInPaths),
        },
        ...(forwarders.length > 0 && { forwardedHeaders: { trustedIPs: forwarders } }),
      },
    },
    providers: {
      docker: { endpoint: options.docker, exposedByDefault: false, network: options.network },
      file: { directory: DYNAMIC, watch: true },
    },
    certificatesResolvers: {
      [options.certResolver]: {
        acme: { email: options.email, storage: "/acme/acme.json", dnsChallenge: { provider: "cloudflare" } },
      },
    },
  };
}

/** https://www.authelia.com/integration/proxies/traefik/ */
function signOnMiddleware(url: string): unknown {
  const forwardAuth = {
    address: `${url}/api/authz/forward-auth`,
    // The client's address arrives, which the entry point believes of whom it trusts; the rest was stripped there.
    trustForwardHeader: true,
    maxResponseBodySize: 8192,
    authResponseHeaders: ["Remote-User", "Remote-Groups", "Remote-Email", "Remote-Name"],
  };
  return { http: { middlewares: { [middlewareName(MIDDLEWARES.signOn)]: { forwardAuth } } } };
}

const TLS = { tls: { options: { default: { minVersion: "VersionTLS12", sniStrict: true } } } };

const HEADERS = {
  http: {
    middlewares: {
      [middlewareName(MIDDLEWARES.strippedHeaders)]: {
        headers: { customRequestHeaders: Object.fromEntries(STRIPPED_HEADERS.map((name) => [name, ""])) },
      },
      [middlewareName(MIDDLEWARES.securityHeaders)]: {
        headers: {
          stsSeconds: 31_536_000,
          contentTypeNosniff: true,
          customFrameOptionsValue: "SAMEORIGIN",
          referrerPolicy: "strict-origin-when-cross-origin",
          customResponseHeaders: { Server: "", "X-Powered-By": "" },
        },
      },
    },
  },
};
