import { MIDDLEWARES, middlewareName } from "../../contract/middlewares";
import { CLOUDFLARE, LAN } from "../../contract/networks";

/** Ten requests a second, with bursts of fifty. */
const LIMIT = { average: 10, burst: 50 };

/**
 * The middlewares that look at the client's address, each twice: for who asks directly, and for what somebody
 * forwarded, whose client stands in `X-Forwarded-For`. Traefik knows one way for each; a route has a router for both.
 *
 * @param forwarders - whom a request may have passed on its way
 */
export function clientAddress(forwarders: readonly string[]): unknown {
  // The last address that is none of theirs: one of them wrote it, and what is left of it was written by the client.
  const after = (excludedIPs: readonly string[]): object | undefined =>
    excludedIPs.length > 0 ? { ipStrategy: { excludedIPs } } : undefined;
  // Cloudflare is no part of the LAN: what it says of the client before it opens nothing.
  const ofLab = forwarders.filter((network) => !CLOUDFLARE.includes(network));
  return {
    http: {
      middlewares: {
        [middlewareName(MIDDLEWARES.lan)]: { ipAllowList: { sourceRange: LAN } },
        [middlewareName(MIDDLEWARES.lanForwarded)]: { ipAllowList: { sourceRange: LAN, ...after(ofLab) } },
        [middlewareName(MIDDLEWARES.rateLimit)]: { rateLimit: LIMIT },
        [middlewareName(MIDDLEWARES.rateLimitForwarded)]: {
          rateLimit: { ...LIMIT, ...(forwarders.length > 0 && { sourceCriterion: after(forwarders) }) },
        },
      },
    },
  };
}
