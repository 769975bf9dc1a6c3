import { parse, stringify } from "yaml";

/**
 * All that is not as synthesized, since it can't be had in a test; everything else is read by the programs as it was
 * written.
 *
 * - No ACME server can be reached, so that no certificate is issued: the proxies have one of the tests' own authority,
 *   by a further file beside the dynamic ones, and believe it by `SSL_CERT_FILE`.
 * - The same file, and a further container, have a route that tells which files and containers Traefik has read.
 * - Authelia keeps sessions in memory: its Redis is taken out of its configuration. Its database is a memory by how it
 *   is built.
 * - A proxy whose lab is exchanged while it runs does not wait two seconds between two configurations.
 */
export const CHANGES = {
  /** The further file of a proxy. */
  dynamic: (generation: number, entryPoint: string): string =>
    stringify({
      tls: { certificates: [{ certFile: "/tests/cert.pem", keyFile: "/tests/key.pem" }] },
      http: {
        routers: {
          "tests-file": {
            rule: `PathPrefix(\`/tests-file-${generation}\`)`,
            priority: 100_000,
            entryPoints: [entryPoint],
            tls: {},
            service: "tests@docker",
          },
        },
      },
    }),

  /** The labels of the further container. */
  labels: (generation: number, entryPoint: string): Readonly<Record<string, string>> => ({
    "traefik.enable": "true",
    "traefik.http.routers.tests.rule": `PathPrefix(\`/tests-docker-${generation}\`)`,
    "traefik.http.routers.tests.priority": "100000",
    "traefik.http.routers.tests.entrypoints": entryPoint,
    "traefik.http.routers.tests.tls": "true",
    "traefik.http.routers.tests.service": "tests",
    "traefik.http.services.tests.loadbalancer.server.port": "2376",
  }),

  /** Authelia's configuration. */
  authelia: (content: string): string => {
    const { session, ...rest } = parse(content);
    const { redis: _redis, ...kept } = session;
    return stringify({ ...rest, session: kept });
  },

  /** Traefik's static configuration. */
  static: (content: string, isExchanged: boolean): string => {
    if (!isExchanged) return content;
    const { providers, ...rest } = parse(content);
    return stringify({ ...rest, providers: { providersThrottleDuration: "50ms", ...providers } });
  },
} as const;
