/** What a router of Traefik answers for, and when it is asked. */
export interface RouterRule {
  /** Its name, unique on a host as far as the route's is. */
  readonly name: string;
  /** The rule, in Traefik's language. */
  readonly rule: string;
  /**
   * Its priority; a higher one is asked first.
   *
   * @default - the length of the rule, below that of every router with paths
   */
  readonly priority?: number;
}

/**
 * A router with paths is asked before one for the whole host, however many names that one has: by default Traefik
 * asks the longest rule first, and a guarded path must never lose to a longer rule that is open.
 */
const PATH_PRIORITY = 100_000;

/**
 * The routers of a route: one for each length of its paths, since a router has one priority, and a short path that
 * borrowed it from a longer one would be asked before what another route says of a path below it. Of paths with one
 * length no request matches two.
 */
export function routerRules(name: string, hosts: readonly string[], paths: readonly string[]): RouterRule[] {
  const lengths = [...new Set(paths.map(({ length }) => length))].sort((a, b) => b - a);
  if (lengths.length === 0) return [{ name, rule: ruleOf(hosts, []) }];
  return lengths.map((length) => ({
    name: lengths.length === 1 ? name : `${name}-${length}`,
    rule: ruleOf(
      hosts,
      paths.filter((path) => path.length === length),
    ),
    priority: PATH_PRIORITY + 3 * length, // one above for what somebody forwarded, one below for what is not there
  }));
}

/**
 * The router for requests of a rule that somebody forwarded, asked before the one for those that come directly. The
 * entry point has taken `X-Forwarded-For` from whoever it does not trust; what came through Cloudflare has a `Cf-Ray`,
 * which nobody can take out, also where `X-Forwarded-For` is missing.
 */
export function forwardedRule({ name, rule, priority }: RouterRule): RouterRule {
  return {
    name: `${name}-forwarded`,
    rule: `(${rule}) && (HeaderRegexp(\`X-Forwarded-For\`, \`.\`) || HeaderRegexp(\`Cf-Ray\`, \`.\`))`,
    ...(priority !== undefined && { priority: priority + 1 }),
  };
}

/**
 * The router that answers for a rule while Traefik knows none of its container: while that is stopped, not healthy or
 * being replaced. Without it a more open route of the same name would be asked for a guarded path.
 */
export function unavailableRule({ name, rule, priority }: RouterRule): RouterRule {
  return { name: `${name}-unavailable`, rule, priority: priority === undefined ? 1 : priority - 1 };
}

/** Host names and paths were checked: none holds a backtick. */
function ruleOf(hosts: readonly string[], paths: readonly string[]): string {
  const anyHost = hosts.map((host) => `Host(\`${host}\`)`).join(" || ");
  if (paths.length === 0) return anyHost;
  const anyPath = paths.map((path) => `Path(\`${path}\`) || PathPrefix(\`${path}/\`)`).join(" || ");
  return `${hosts.length > 1 ? `(${anyHost})` : anyHost} && (${anyPath})`;
}
