import { routerRules, unavailableRule, type Forward } from "../../constructs/parts";

/**
 * Every route of a host once more, for the file provider of its Traefik, below the containers' own: answered with 503
 * while the container is stopped, not healthy or being replaced. The docker provider could keep such routers itself,
 * but their service has an address without a host then, and the answer is 500 (seen with Traefik 3.7.9).
 */
export function unavailableRoutes(routes: readonly Forward[], entryPoint: string, certResolver: string): unknown {
  if (routes.length === 0) return {};
  return {
    http: {
      routers: Object.fromEntries(
        routes
          .flatMap(({ name, hosts, paths }) => routerRules(name, hosts, paths))
          .map(unavailableRule)
          .map(({ name, ...router }) => [
            name,
            { ...router, entryPoints: [entryPoint], tls: { certResolver }, service: "unavailable" },
          ]),
      ),
      services: { unavailable: { loadBalancer: { servers: [] } } },
    },
  };
}
