import { isIP } from "node:net";
import { routerRules, type Forward } from "../../constructs/parts";

/**
 * Routes of other hosts, for the file provider of the Traefik that they are reached through. It hands requests on to
 * the other host's Traefik, which shows a certificate for the name and asks for the sign-on.
 */
export function forwardedRoutes(forwards: readonly Forward[], entryPoint: string, certResolver: string): unknown {
  if (forwards.length === 0) return {};
  const names = [...new Set(forwards.flatMap(({ hosts }) => hosts))].sort();
  return {
    http: {
      routers: Object.fromEntries(
        forwards.flatMap((forward) =>
          routerRules(nameOf(forward), forward.hosts, forward.paths).map(({ name, ...router }) => [
            name,
            { ...router, entryPoints: [entryPoint], tls: { certResolver }, service: nameOf(forward) },
          ]),
        ),
      ),
      services: Object.fromEntries(
        forwards.map((forward) => {
          const { lanAddress } = forward.host.props;
          const url = `https://${isIP(lanAddress) === 6 ? `[${lanAddress}]` : lanAddress}:443`;
          return [nameOf(forward), { loadBalancer: { servers: [{ url }], serversTransport: forward.hosts[0] } }];
        }),
      ),
      // An address has no name to ask a certificate for: the transport says which one is expected.
      serversTransports: Object.fromEntries(names.map((name) => [name, { serverName: name }])),
    },
  };
}

/** The name of the route at its own host is unique there, and no host's name has an underscore. */
function nameOf({ host, name }: Forward): string {
  return `${host.hostName}_${name}`;
}
