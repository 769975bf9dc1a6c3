import { isIP } from "node:net";
import { pathPriority, routerRule, type Forward } from "../../constructs";

/**
 * Routes of other hosts, for the file provider of the Traefik that they are reached through. It hands requests on to
 * the other host's Traefik, which shows a certificate for the name and asks for the sign-on.
 */
export function forwardedRoutes(forwards: readonly Forward[], entryPoint: string, certResolver: string): unknown {
  if (forwards.length === 0) return {};
  const named = forwards.map((forward) => [nameOf(forward), forward] as const);
  const names = [...new Set(forwards.flatMap(({ hosts }) => hosts))].sort();
  return {
    http: {
      routers: Object.fromEntries(
        named.map(([name, { hosts, paths }]) => {
          const priority = pathPriority(paths);
          const rule = routerRule(hosts, paths);
          const tls = { certResolver };
          return [
            name,
            { rule, entryPoints: [entryPoint], tls, service: name, ...(priority !== undefined && { priority }) },
          ];
        }),
      ),
      services: Object.fromEntries(
        named.map(([name, { host, hosts }]) => {
          const { lanAddress } = host.props;
          const url = `https://${isIP(lanAddress) === 6 ? `[${lanAddress}]` : lanAddress}:443`;
          return [name, { loadBalancer: { servers: [{ url }], serversTransport: transport(hosts[0] ?? "") } }];
        }),
      ),
      // An address has no name to ask a certificate for: the transport says which one is expected.
      serversTransports: Object.fromEntries(names.map((name) => [transport(name), { serverName: name }])),
    },
  };
}

function nameOf({ hosts, paths }: Forward): string {
  return [...hosts.slice(0, 1), ...paths.slice(0, 1)].join("").replace(/[^A-Za-z0-9]+/g, "-");
}

function transport(hostName: string): string {
  return hostName.replaceAll(".", "-");
}
