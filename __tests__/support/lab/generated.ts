import * as fc from "fast-check";
import {
  Access,
  Companion,
  DnsTarget,
  Probe,
  Route,
  type HomelabService,
  type IServicePart,
  type Parts,
  type Zone,
} from "../../../constructs";
import type { Homelab } from "../../../stacks";
import { served } from "./fixture";

/** A generated route. */
export interface GeneratedRoute {
  readonly label: string;
  readonly alias?: string;
  readonly paths: readonly string[];
  readonly access: "public" | "one" | "two" | "family" | "admins";
  /** What is open below the first of its paths, or anywhere. */
  readonly bypass?: string;
  readonly isInternal: boolean;
}

/** A generated router that somebody adds by labels, past the library. */
export interface GeneratedLabel {
  readonly name: (typeof LABELS)[number] | "extra";
  /** Whether the name is a pattern. */
  readonly isPattern: boolean;
  readonly path?: readonly ["Path" | "PathPrefix" | "!PathPrefix", string];
  /** Above every route, below those with paths, above or below those of whole hosts. */
  readonly priority: 900_000 | 100_001 | 500 | 2;
  readonly entryPoint?: "websecure" | "web";
  readonly isGuarded: boolean;
}

/** A generated service: its routes, and those of a companion. */
export interface GeneratedService {
  readonly label?: GeneratedLabel;
  readonly host: "edge-01" | "app-01";
  readonly routes: readonly GeneratedRoute[];
  readonly companion: readonly GeneratedRoute[];
}

/** Paths below each other, beside each other, and of quite other lengths. */
export const PATHS = [
  ...["/a", "/a/b", "/a/b/c", "/ab", "/api", "/api/admin", "/api/admin/users", "/b"],
  ...["/some-much-longer-path", "/some-much-longer-path/a"],
] as const;
export const LABELS = ["one", "two", "three"] as const;

const route: fc.Arbitrary<GeneratedRoute> = fc.record(
  {
    label: fc.constantFrom(...LABELS),
    alias: fc.constantFrom("other", "more"),
    paths: fc.uniqueArray(fc.constantFrom(...PATHS), { maxLength: 3 }),
    access: fc.constantFrom("public" as const, "one" as const, "two" as const, "family" as const, "admins" as const),
    bypass: fc.constantFrom("/a", "/b", "/admin", "/admin/users"),
    isInternal: fc.boolean(),
  },
  { requiredKeys: ["label", "paths", "access", "isInternal"] },
);

const label: fc.Arbitrary<GeneratedLabel> = fc.record(
  {
    name: fc.constantFrom(...LABELS, "extra" as const),
    isPattern: fc.boolean(),
    path: fc.tuple(
      fc.constantFrom("Path" as const, "PathPrefix" as const, "!PathPrefix" as const),
      fc.constantFrom(...PATHS),
    ),
    priority: fc.constantFrom(900_000 as const, 100_001 as const, 500 as const, 2 as const),
    entryPoint: fc.constantFrom("websecure" as const, "web" as const),
    isGuarded: fc.boolean(),
  },
  { requiredKeys: ["name", "isPattern", "priority", "isGuarded"] },
);

/** Labs of several services, of which some share a name. */
export const generatedLab: fc.Arbitrary<readonly GeneratedService[]> = fc
  .array(
    fc.record(
      {
        host: fc.constantFrom("edge-01" as const, "app-01" as const),
        routes: fc.array(route, { minLength: 1, maxLength: 3 }),
        companion: fc.array(route, { maxLength: 2 }),
        label,
      },
      { requiredKeys: ["host", "routes", "companion"] },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map(withoutDoubles);

/** The library refuses two routes for one address: the second one is left out. */
function withoutDoubles(services: readonly GeneratedService[]): GeneratedService[] {
  const claimed = new Set<string>();
  const free = (routes: readonly GeneratedRoute[]): GeneratedRoute[] =>
    routes.flatMap((one) => {
      const labels = [one.label, ...(one.alias === undefined ? [] : [one.alias])];
      const all = one.paths.length === 0 ? [""] : one.paths;
      const paths = all.filter((path) => labels.every((label) => !claimed.has(label + path)));
      for (const path of paths) for (const label of labels) claimed.add(label + path);
      return paths.length === 0 ? [] : [{ ...one, paths: paths.filter((path) => path !== "") }];
    });
  return services.map((service) => ({ ...service, routes: free(service.routes), companion: free(service.companion) }));
}

/** Further paths that are asked for, made of pieces of the others. */
export const generatedPaths: fc.Arbitrary<readonly string[]> = fc.array(
  fc
    .array(fc.constantFrom("a", "b", "c", "api", "admin", "users", "ab", "x", "some-much-longer-path"), {
      maxLength: 4,
    })
    .map((parts) => `/${parts.join("/")}`),
  { minLength: 4, maxLength: 8 },
);

/**
 * Declares a generated lab in a zone. One name is always there on both hosts, so that each is always before the other:
 * else their proxies would have to start anew, with each other in their static configuration.
 */
export function declareGenerated(lab: Homelab, zone: Zone, services: readonly GeneratedService[]): void {
  const always = { label: "always", access: Access.oneFactor() };
  served(lab.host("edge-01"), "always", { web: Route.in(zone, always) });
  served(lab.host("app-01"), "always-below", { web: Route.in(zone, { ...always, paths: ["/below"] }) });
  services.forEach(({ host, routes, companion, label: own }, number) => {
    const parts = (of: readonly GeneratedRoute[]): Parts =>
      Object.fromEntries(of.map((one, index) => [`route${index}`, partOf(one, zone)]));
    const service = served(lab.host(host), `s${number}`, {
      ...parts(routes),
      ...(companion.length > 0 && {
        panel: Companion.container({
          image: "docker.io/library/echo:1",
          port: 8081,
          health: Probe.command(["true"]),
          parts: parts(companion),
        }),
      }),
    });
    // Without a route the proxy does not reach the container.
    if (own && routes.length > 0) addRouter(service, own, zone.zoneName, number);
  });
}

function addRouter(service: HomelabService, label: GeneratedLabel, zone: string, number: number): void {
  const name = `${label.name}.${zone}`;
  const host = label.isPattern ? `HostRegexp(\`^${name.replaceAll(".", "\\.")}$\`)` : `Host(\`${name}\`)`;
  const rule = label.path ? `${host} && ${label.path[0]}(\`${label.path[1]}\`)` : host;
  const options = {
    rule,
    priority: `${label.priority + number}`, // of two with one priority Traefik takes either
    tls: "true",
    service: `s${number}_route0`,
    ...(label.entryPoint && { entrypoints: label.entryPoint }),
    ...(label.isGuarded && { middlewares: "authelia@file" }),
  };
  for (const [option, value] of Object.entries(options))
    service.addLabel(`traefik.http.routers.added-${number}.${option}`, value);
}

function partOf(
  { label, alias, paths, access, bypass, isInternal }: GeneratedRoute,
  zone: Zone,
): IServicePart<unknown> {
  const made = accessOf(access);
  const options = {
    label,
    paths,
    ...(alias !== undefined && { aliases: [alias] }),
    access:
      bypass === undefined || access === "public"
        ? made
        : made.bypass([`${paths[0] ?? ""}${bypass}`], { reason: "a test" }),
  };
  // A record for the LAN would contradict that of a public route of the same name.
  return isInternal ? Route.internal(zone, { ...options, target: DnsTarget.unmanaged() }) : Route.in(zone, options);
}

function accessOf(access: GeneratedRoute["access"]): Access {
  switch (access) {
    case "public":
      return Access.public({ reason: "a test" });
    case "one":
      return Access.oneFactor();
    case "two":
      return Access.twoFactor();
    case "family":
      return Access.oneFactor("group:family");
    case "admins":
      return Access.twoFactor("group:admins");
  }
}
