import {
  Access,
  Companion,
  DnsTarget,
  HomelabService,
  Ingress,
  Probe,
  Route,
  type RouteOptions,
} from "../../../constructs";
import type { Homelab, HomelabConfig } from "../../../stacks";
import {
  addresses,
  errorOf,
  host,
  labels,
  synthesizeLab,
  type StackJson,
  type Synthesis,
} from "../../support/synthesis";

const basic = { image: "example/app:1.0.0", port: 8080, health: Probe.none("test") } as const;

function routed(options: RouteOptions = {}, overrides: Partial<HomelabConfig> = {}): Synthesis {
  return synthesizeLab(
    (lab) =>
      new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        parts: { web: Route.in(lab.zone("example.com"), options) },
      }),
    overrides,
  );
}

function routeLabels(options: RouteOptions = {}): Record<string, string> {
  return labels(routed(options).stacks["app-01"]?.resource.docker_container?.app);
}

const zone = { zoneId: "0".repeat(32), accountId: "1".repeat(32) };

describe("the router", () => {
  test("has everything that Traefik needs, and two factors unless said otherwise", () => {
    const { "homelab.fingerprint": _fingerprint, ...router } = routeLabels();

    expect(router).toEqual({
      "traefik.enable": "true",
      "traefik.docker.network": "proxy",
      "traefik.http.routers.app_web.rule": "Host(`app.example.com`)",
      "traefik.http.routers.app_web.entrypoints": "websecure",
      "traefik.http.routers.app_web.tls": "true",
      "traefik.http.routers.app_web.tls.certresolver": "letsencrypt",
      "traefik.http.routers.app_web.service": "app_web",
      "traefik.http.routers.app_web.middlewares": "authelia@file",
      "traefik.http.services.app_web.loadbalancer.server.port": "8080",
    });
  });

  test("takes several hosts, paths, a scheme, a port and further middlewares", () => {
    const router = routeLabels({
      label: "docs",
      aliases: ["paper", "@"],
      paths: ["/a", "/b"],
      scheme: "https",
      port: 9,
      middlewares: ["secure@file"],
    });

    expect(router).toMatchObject({
      "traefik.http.routers.app_web.rule":
        "(Host(`docs.example.com`) || Host(`paper.example.com`) || Host(`example.com`)) && (Path(`/a`) || PathPrefix(`/a/`) || Path(`/b`) || PathPrefix(`/b/`))",
      "traefik.http.routers.app_web.middlewares": "authelia@file,secure@file",
      "traefik.http.services.app_web.loadbalancer.server.port": "9",
      "traefik.http.services.app_web.loadbalancer.server.scheme": "https",
    });
  });

  test("with paths is asked before one with a longer rule for the whole host", () => {
    const { stacks } = synthesizeLab((lab) => {
      const home = lab.zone("example.com");
      new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        parts: {
          web: Route.in(home, { aliases: ["b".repeat(60), "c".repeat(60)], access: Access.public({ reason: "test" }) }),
          admin: Route.in(home, { paths: ["/admin"] }),
        },
      });
    });
    const router = labels(stacks["app-01"]?.resource.docker_container?.app);
    const open = router["traefik.http.routers.app_web.rule"] ?? "";

    expect(router["traefik.http.routers.app_web.priority"]).toBeUndefined();
    expect(Number(router["traefik.http.routers.app_admin.priority"])).toBeGreaterThan(open.length);
    expect(router["traefik.http.routers.app_web.middlewares"]).toBeUndefined();
    expect(router["traefik.http.routers.app_admin.middlewares"]).toBe("authelia@file");
  });

  test("never lends the length of one path to another one", () => {
    const { stacks } = synthesizeLab((lab) => {
      const home = lab.zone("example.com");
      new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        parts: {
          web: Route.in(home, {
            paths: ["/api", "/some-much-longer-path", "/web"],
            access: Access.public({ reason: "test" }),
          }),
          admin: Route.in(home, { paths: ["/api/admin"] }),
        },
      });
    });
    const router = labels(stacks["app-01"]?.resource.docker_container?.app);
    const priority = (name: string): number => Number(router[`traefik.http.routers.${name}.priority`]);

    expect(router["traefik.http.routers.app_web-4.rule"]).toBe(
      "Host(`app.example.com`) && (Path(`/api`) || PathPrefix(`/api/`) || Path(`/web`) || PathPrefix(`/web/`))",
    );
    expect(router["traefik.http.routers.app_web-22.rule"]).toContain("PathPrefix(`/some-much-longer-path/`)");
    expect(priority("app_web-4")).toBeLessThan(priority("app_admin"));
    expect(priority("app_admin")).toBeLessThan(priority("app_web-22"));
    for (const name of ["app_web-4", "app_web-22"]) {
      expect(router[`traefik.http.routers.${name}.service`]).toBe("app_web");
      expect(router).not.toHaveProperty([`traefik.http.routers.${name}.middlewares`]);
    }
  });

  test("has a name that no other service's route can have", () => {
    const { stacks } = synthesizeLab((lab) => {
      const home = lab.zone("example.com");
      const route = (label: string) => Route.in(home, { label });
      new HomelabService(lab.host("app-01"), "paper", { ...basic, parts: { webApi: route("a") } });
      new HomelabService(lab.host("app-01"), "paper-web", { ...basic, parts: { api: route("b") } });
    });
    const { paper, paper_web } = stacks["app-01"]?.resource.docker_container ?? {};

    expect(labels(paper)).toHaveProperty(["traefik.http.routers.paper_web_api.rule"]);
    expect(labels(paper_web)).toHaveProperty(["traefik.http.routers.paper-web_api.rule"]);
  });

  test("of an internal name answers the LAN only, whoever asks the proxy for it and whoever forwards", () => {
    const { stacks } = synthesizeLab(
      (lab) =>
        new HomelabService(lab.host("app-01"), "app", {
          ...basic,
          parts: { web: Route.internal(lab.zone("example.com"), { paths: ["/admin", "/api"] }) },
        }),
    );
    const router = labels(stacks["app-01"]?.resource.docker_container?.app);
    const of = (name: string, field: string): string | undefined => router[`traefik.http.routers.${name}.${field}`];

    expect(of("app_web-6", "middlewares")).toBe("lan@file,authelia@file");
    expect(of("app_web-6-forwarded", "middlewares")).toBe("lan@file,lan-forwarded@file,authelia@file");
    expect(of("app_web-6-forwarded", "rule")).toBe(
      `(${of("app_web-6", "rule")}) && (HeaderRegexp(\`X-Forwarded-For\`, \`.\`) || HeaderRegexp(\`Cf-Ray\`, \`.\`))`,
    );
    const order = ["app_web-4", "app_web-4-forwarded", "app_web-6", "app_web-6-forwarded"];
    const priorities = order.map((name) => Number(of(name, "priority")));
    expect(priorities).toEqual([...priorities].sort((a, b) => a - b));
    expect(new Set(priorities).size).toBe(4);
    expect(stacks.edge?.resource.cloudflare_dns_record?.app_example_com_a).toMatchObject({
      content: "192.168.1.11",
      proxied: false,
    });
  });

  test("of a rate limit has a twin for what somebody forwarded, whose client is another than the peer", () => {
    const router = routeLabels({ middlewares: ["rate-limit@file", "own@file"] });

    expect(router["traefik.http.routers.app_web.middlewares"]).toBe("authelia@file,rate-limit@file,own@file");
    expect(router["traefik.http.routers.app_web-forwarded.middlewares"]).toBe(
      "authelia@file,rate-limit-forwarded@file,own@file",
    );
    expect(router["traefik.http.routers.app_web-forwarded.service"]).toBe("app_web");
  });
});

describe("the record", () => {
  test("leads to the host itself, proxied by default", () => {
    expect(routed().stacks.edge?.resource.cloudflare_dns_record).toEqual({
      app_example_com_a: {
        zone_id: zone.zoneId,
        name: "app.example.com",
        type: "A",
        content: "203.0.113.11",
        proxied: true,
        ttl: 1,
      },
    });
  });

  test("has both kinds of address, the long one shortened", () => {
    const { stacks } = routed(
      {},
      { hosts: [host("app-01", 11, { publicAddressV6: "2001:0db8:0000:0000:0000:0000:0000:0011" })] },
    );

    expect(records(stacks.edge)).toEqual([
      "cloudflare_dns_record.app_example_com_a",
      "cloudflare_dns_record.app_example_com_aaaa",
    ]);
    expect(stacks.edge?.resource.cloudflare_dns_record?.app_example_com_aaaa.content).toBe("2001:db8::11");
  });

  test.each<[string, HomelabConfig["zones"], string, string]>([
    ["a dynamic name", undefined, "CNAME", "home.dyn.example.org"],
    [
      "another host's address",
      { "example.com": { ...zone, ingress: Ingress.through(host("edge", 99)) } },
      "A",
      "203.0.113.99",
    ],
    [
      "a tunnel",
      {
        "example.com": {
          ...zone,
          ingress: Ingress.tunnel(host("edge", 99, { tunnelId: "6ff42ae2-765d-4adf-8112-31c55c1551ef" })),
        },
      },
      "CNAME",
      "6ff42ae2-765d-4adf-8112-31c55c1551ef.cfargotunnel.com",
    ],
  ])("leads to %s", (_what, zones, type, content) => {
    const { stacks } = routed(
      {},
      {
        hosts: [host("app-01", 11, { publicAddress: zones ? "203.0.113.11" : "home.dyn.example.org" })],
        ...(zones && { zones }),
      },
    );

    expect(stacks.edge?.resource.cloudflare_dns_record?.[`app_example_com_${type.toLowerCase()}`]).toMatchObject({
      type,
      content,
    });
  });

  test("leads where a route says, or nowhere", () => {
    expect(
      routed({ target: DnsTarget.alias("elsewhere.example.org.") }).stacks.edge?.resource.cloudflare_dns_record
        ?.app_example_com_cname.content,
    ).toBe("elsewhere.example.org");
    expect(records(routed({ target: DnsTarget.addresses("198.51.100.1", "2001:db8::1") }).stacks.edge)).toHaveLength(2);
    expect(records(routed({ target: DnsTarget.unmanaged() }).stacks.edge)).toEqual([]);
  });

  test("is one, when two routes of a service share the name", () => {
    const { stacks } = synthesizeLab((lab) => {
      const home = lab.zone("example.com");
      new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        parts: { web: Route.in(home), admin: Route.in(home, { paths: ["/admin"] }) },
      });
    });

    expect(records(stacks.edge)).toEqual(["cloudflare_dns_record.app_example_com_a"]);
  });

  test("keeps its address whichever part asks for it", () => {
    const { stacks } = synthesizeLab(
      (lab) =>
        new HomelabService(lab.host("app-02"), "other", {
          ...basic,
          parts: { page: Route.in(lab.zone("example.com"), { label: "app" }) },
        }),
    );

    expect(records(stacks.edge)).toEqual(["cloudflare_dns_record.app_example_com_a"]);
  });

  test("of names that begin with a digit or have hyphens has an address of its own", () => {
    const { stacks } = routed({ label: "2fa", aliases: ["a-b", "a.b"] });

    expect(records(stacks.edge)).toEqual(
      ["_2fa_example_com_a", "a-b_example_com_a", "a_b_example_com_a"].map((name) => `cloudflare_dns_record.${name}`),
    );
  });
});

describe("the visitor's address", () => {
  const rule = (stack: StackJson | undefined): any => stack?.resource.cloudflare_ruleset?.example_com_request_headers;

  test("is what Cloudflare sees, as soon as it proxies a name: it removes what visitors write", () => {
    const { stacks } = routed({ aliases: ["other"] });

    expect(Object.keys(stacks.edge?.resource.cloudflare_ruleset ?? {})).toEqual(["example_com_request_headers"]);
    expect(rule(stacks.edge)).toMatchObject({
      zone_id: zone.zoneId,
      kind: "zone",
      phase: "http_request_late_transform",
      rules: [
        {
          expression: "true",
          action: "rewrite",
          action_parameters: {
            headers: { "X-Forwarded-For": { operation: "remove" }, "X-Real-IP": { operation: "remove" } },
          },
        },
      ],
    });
  });

  test("is nobody's matter where Cloudflare proxies nothing, or somebody else owns the zone's rules", () => {
    const zones = { "example.com": { ...zone, ingress: Ingress.direct(), transformRules: "elsewhere" as const } };

    expect(rule(routed({ proxied: false }).stacks.edge)).toBeUndefined();
    expect(rule(routed({}, { zones }).stacks.edge)).toBeUndefined();
  });
});

test("the edge is deployed after the hosts that it leads to", () => {
  expect(routed().dependencies.edge).toEqual(["app-01"]);
});

describe("what no route can be", () => {
  const two = (first: RouteOptions, second: RouteOptions) => (lab: Homelab) => {
    new HomelabService(lab.host("app-01"), "one", {
      ...basic,
      parts: { web: Route.in(lab.zone("example.com"), first) },
    });
    new HomelabService(lab.host("app-02"), "two", {
      ...basic,
      parts: { web: Route.in(lab.zone("example.com"), second) },
    });
  };
  const single = (options: RouteOptions) => (lab: Homelab) =>
    new HomelabService(lab.host("app-01"), "app", {
      ...basic,
      parts: { web: Route.in(lab.zone("example.com"), options) },
    });

  test.each<[string, (lab: Homelab) => unknown, string]>([
    [
      "a name that another service has",
      two({ label: "docs" }, { label: "docs" }),
      `service "two", part "web": "docs.example.com" already leads to service "one", part "web"`,
    ],
    [
      "a name that leads to two hosts",
      two({ label: "docs" }, { label: "docs", paths: ["/a"] }),
      `want "docs.example.com" to be A "203.0.113.12" and A "203.0.113.11"`,
    ],
    [
      "a bad label",
      single({ label: "Graf ana" }),
      `service "app", part "web": 'label' must be lowercase letters, digits and inner hyphens, for example "grafana", got "Graf ana"`,
    ],
    ["a path without a slash", single({ paths: ["admin"] }), `'paths' must be paths below "/"`],
    ["a path that breaks out of a rule", single({ paths: ["/a`) || Host(`x"] }), `'paths' must be paths below "/"`],
    [
      "a middleware that is no name",
      single({ middlewares: ["a,b"] }),
      `'middlewares' must be names like "secure@file", got "a,b"`,
    ],
    ["an entry point that is no name", single({ entryPoint: "a b" }), `'entryPoint' must be a name`],
    [
      "a bypass outside of its paths",
      single({ paths: ["/a"], access: Access.twoFactor().bypass(["/b"], { reason: "x" }) }),
      `bypass() names "/b", which is not below`,
    ],
    [
      "a service without a port",
      (lab) =>
        new HomelabService(lab.host("app-01"), "app", {
          ...basic,
          port: undefined,
          parts: { web: Route.in(lab.zone("example.com")) },
        }),
      `service "app", part "web": the route needs the container's port`,
    ],
  ])("fails for %s", (_what, make, message) => {
    expect(errorOf(make)).toContain(message);
  });

  test("fails for two containers of a host that say one router differently", () => {
    const declare = (lab: Homelab): void => {
      for (const name of ["one", "two"])
        new HomelabService(lab.host("app-01"), name, basic).addLabel(
          "traefik.http.routers.shared.rule",
          `Host(\`${name}.example.com\`)`,
        );
    };

    expect(errorOf(declare)).toContain(
      'service "two": the router "shared" of the proxy on host "app-01" is also that of service "one", rename one',
    );
  });

  test("fails for two containers of one name, also where two stacks make them", () => {
    const declare = (lab: Homelab): void => {
      lab.postgres("main");
      new HomelabService(lab.host("app-01"), "postgres", {
        ...basic,
        parts: { main: Companion.container({ ...basic }) },
      });
    };
    const on = host("app-01", 11);

    expect(
      errorOf(declare, { hosts: [on], postgres: { main: { on, image: "docker.io/library/postgres:17.2" } } }),
    ).toContain('the container "postgres-main" of host "app-01" is also that of service "postgres-main", rename one');
  });

  test("fails on a host without a public address", () => {
    expect(errorOf(single({}), { hosts: [host("app-01", 11, { publicAddress: undefined })] })).toContain(
      `host "app-01" has no 'publicAddress'`,
    );
  });

  test("fails for a tunnel in a zone of an unknown account", () => {
    const ingress = Ingress.tunnel(host("edge", 99, { tunnelId: "6ff42ae2-765d-4adf-8112-31c55c1551ef" }));

    expect(errorOf(single({}), { zones: { "example.com": { zoneId: "0".repeat(32), ingress } } })).toContain(
      `zone "example.com": 'accountId' must be the 32 hexadecimal digits`,
    );
  });

  test("fails for a name of a tunnel that is not proxied", () => {
    const ingress = Ingress.tunnel(host("edge", 99, { tunnelId: "6ff42ae2-765d-4adf-8112-31c55c1551ef" }));

    expect(errorOf(single({ proxied: false }), { zones: { "example.com": { ...zone, ingress } } })).toContain(
      `'proxied' must not be false`,
    );
    expect(errorOf(single({}), { zones: { "example.com": { ...zone, ingress, proxied: false } } })).toContain(
      `zone "example.com": 'proxied' must not be false`,
    );
  });
});

function records(stack: StackJson | undefined): string[] {
  return addresses(stack).filter((address) => address.startsWith("cloudflare_dns_record."));
}
