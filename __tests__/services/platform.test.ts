import { parse } from "yaml";
import { Access, DnsTarget, HomelabService, Ingress, Probe, Route, type AccessControlDocument } from "../../constructs";
import { CLOUDFLARE, LAN } from "../../contract/networks";
import { authelia, cloudflared, traefik, Users } from "../../services";
import type { Homelab, HomelabConfig } from "../../stacks";
import {
  errorOf,
  host,
  labels,
  placedFiles,
  placement,
  scriptOf,
  synthesizeLab,
  type Synthesis,
} from "../support/synthesis";

const TUNNEL = "6ff42ae2-765d-4adf-8112-31c55c1551ef";
const [app, edge] = [host("app-01", 11), host("edge-01", 99, { tunnelId: TUNNEL })];
const id = { zoneId: "0".repeat(32), accountId: "1".repeat(32) };
const users = Users.file({ anna: { displayName: 'Anna "A." ${x}', email: "anna@example.com", groups: ["admins"] } });

/** A lab with the platform on two hosts and a service for each way in. */
function platform(
  ingress: Ingress,
  declare: (lab: Homelab) => void = () => undefined,
  config: Partial<HomelabConfig> = {},
): Synthesis {
  return synthesizeLab(
    (lab) => {
      const zone = lab.zone("example.com");
      const signOn = authelia(lab.host("app-01"), { zones: [zone], users });
      for (const name of ["app-01", "edge-01"]) traefik(lab.host(name), { zone, signOn, email: "a@example.com" });
      service(lab, "wiki", {});
      declare(lab);
    },
    { hosts: [app, edge], zones: { "example.com": { ...id, ingress } }, ...config },
  );
}

function service(lab: Homelab, name: string, options: Parameters<typeof Route.in>[1], on = "app-01"): void {
  new HomelabService(lab.host(on), name, {
    image: "example/app:1",
    port: 80,
    health: Probe.none("test"),
    parts: { web: Route.in(lab.zone("example.com"), options) },
  });
}

function file(lab: Synthesis, stack: string, name: string): any {
  const found = Object.entries(placedFiles(lab.stacks[stack])).filter(([path]) => path.endsWith(name));
  expect(found).toHaveLength(1);
  return parse(found[0]?.[1] ?? "");
}

const trusted = (lab: Synthesis, stack: string): string[] =>
  file(lab, stack, "traefik.yml").entryPoints.websecure.forwardedHeaders?.trustedIPs ?? [];

test("a public name of another host is forwarded by the host with the public address, and by no other", () => {
  const lab = platform(Ingress.through(edge), (lab) => {
    service(lab, "api", { label: "wiki", paths: ["/api"] }, "edge-01");
    service(lab, "files", { label: "wiki", paths: ["/files", "/dav"] });
    service(lab, "hyphen", { label: "a-b" });
    service(lab, "dot", { label: "a.b" });
  });

  const { routers, services, serversTransports } = file(lab, "edge-01", "forwards.yml").http;
  expect(Object.keys(routers).sort()).toEqual([
    "app-01_authelia_portal_example_com",
    "app-01_dot_web",
    "app-01_files_web-4",
    "app-01_files_web-6",
    "app-01_hyphen_web",
    "app-01_wiki_web",
  ]);
  expect(routers["app-01_wiki_web"]).toMatchObject({ rule: "Host(`wiki.example.com`)", service: "app-01_wiki_web" });
  expect(routers["app-01_files_web-4"].rule).toContain("Path(`/dav`)");
  expect(routers["app-01_files_web-4"].service).toBe("app-01_files_web");
  expect(routers["app-01_files_web-4"].priority).toBeGreaterThan(100_000);
  expect(routers["app-01_files_web-6"].priority).toBeGreaterThan(routers["app-01_files_web-4"].priority);
  expect(services["app-01_wiki_web"].loadBalancer.servers).toEqual([{ url: "https://192.168.1.11:443" }]);
  expect(serversTransports[services["app-01_wiki_web"].loadBalancer.serversTransport]).toEqual({
    serverName: "wiki.example.com",
  });
  expect(Object.values<any>(serversTransports).map(({ serverName }) => serverName)).toEqual([
    ...["a-b.example.com", "a.b.example.com", "auth.example.com", "wiki.example.com"],
  ]);
  expect(trusted(lab, "app-01")).toEqual(["192.168.1.99"]);
});

test("a host hands on what another one serves of its names, and nothing else", () => {
  const lab = platform(Ingress.through(edge), (lab) => {
    service(lab, "api", { label: "wiki", paths: ["/api"] }, "edge-01");
    new HomelabService(lab.host("edge-01"), "admin", {
      image: "example/app:1",
      port: 80,
      health: Probe.none("test"),
      parts: {
        web: Route.internal(lab.zone("example.com"), {
          label: "auth",
          paths: ["/admin"],
          target: DnsTarget.unmanaged(),
        }),
      },
    });
  });

  const { routers } = file(lab, "app-01", "forwards.yml").http;
  expect(Object.keys(routers)).toEqual(["edge-01_admin_web", "edge-01_api_web"]);
  expect(routers["edge-01_admin_web"].rule).toBe(
    "Host(`auth.example.com`) && (Path(`/admin`) || PathPrefix(`/admin/`))",
  );
  expect(trusted(lab, "edge-01")).toContain("192.168.1.11");
});

test("the client's address is the peer's, or what the last of the lab's own forwarders wrote", () => {
  const { middlewares } = file(platform(Ingress.through(edge)), "app-01", "client-address.yml").http;

  expect(middlewares.lan).toEqual({ ipAllowList: { sourceRange: LAN } });
  expect(middlewares["lan-forwarded"]).toEqual({
    ipAllowList: { sourceRange: LAN, ipStrategy: { excludedIPs: ["192.168.1.99"] } },
  });
  expect(middlewares["rate-limit"].rateLimit.sourceCriterion).toBeUndefined();
  expect(middlewares["rate-limit-forwarded"].rateLimit.sourceCriterion.ipStrategy.excludedIPs).toEqual([
    "192.168.1.99",
    ...CLOUDFLARE,
  ]);
});

test("what is not there answers 503, and never by a more open route of the same name", () => {
  const lab = platform(Ingress.direct(), (lab) => service(lab, "admin", { label: "wiki", paths: ["/admin", "/x"] }));
  const { routers, services } = file(lab, "app-01", "unavailable.yml").http;
  const label = (container: string, name: string): number =>
    Number(
      labels(lab.stacks["app-01"]?.resource.docker_container?.[container])[`traefik.http.routers.${name}.priority`],
    );

  expect(services.unavailable).toEqual({ loadBalancer: { servers: [] } });
  expect(routers["wiki_web-unavailable"]).toMatchObject({
    rule: "Host(`wiki.example.com`)",
    priority: 1,
    service: "unavailable",
  });
  expect(routers["admin_web-6-unavailable"].priority).toBeLessThan(label("admin", "admin_web-6"));
  expect(routers["admin_web-6-unavailable"].priority).toBeGreaterThan(label("admin", "admin_web-2"));
});

test("characters that programs read differently are refused in paths, unless somebody said why not", () => {
  const refusing = platform(Ingress.direct());
  const { encodedCharacters } = file(refusing, "app-01", "traefik.yml").entryPoints.websecure.http;
  expect(Object.keys(encodedCharacters)).toHaveLength(7);
  expect(Object.values(encodedCharacters)).not.toContain(true);
  expect(file(refusing, "app-01", "paths.yml").http.routers["refused-paths"].rule).toBe("PathRegexp(`;`)");

  const allowing = synthesizeLab((lab) => {
    const zone = lab.zone("example.com");
    const signOn = authelia(lab.host("app-01"), { zones: [zone], users });
    traefik(lab.host("app-01"), {
      ...{ zone, signOn, email: "a@example.com" },
      allowInPaths: { slash: "scoped npm packages", semicolon: "an old Java program" },
    });
  });
  expect(file(allowing, "app-01", "traefik.yml").entryPoints.websecure.http.encodedCharacters).toMatchObject({
    allowEncodedSlash: true,
    allowEncodedSemicolon: true,
    allowEncodedBackSlash: false,
  });
  expect(file(allowing, "app-01", "paths.yml").http.routers["refused-paths"].rule).toBe("PathRegexp(`/[.][.]?;`)");
});

test("fails where a host would have to believe another one by its name", () => {
  const named = host("edge-01", 99, { lanAddress: "edge.lan" });

  expect(
    errorOf((lab) => service(lab, "wiki", {}), {
      hosts: [app, named],
      zones: { "example.com": { ...id, ingress: Ingress.through(named) } },
    }),
  ).toContain(
    `host "app-01" must know by its address who forwards requests to it, not by the name "edge.lan": make 'lanAddress' of that host an IP address`,
  );
});

test("Cloudflare is believed where its proxy stands before the host, and nobody where people come directly", () => {
  expect(trusted(platform(Ingress.direct()), "app-01")).toContain("173.245.48.0/20");
  expect(
    trusted(
      platform(Ingress.direct(), undefined, {
        zones: { "example.com": { ...id, ingress: Ingress.direct(), proxied: false } },
      }),
      "app-01",
    ),
  ).toEqual([]);
});

test("no request brings in what decides about it, and the sign-on is told the client's address", () => {
  const lab = platform(Ingress.through(edge));

  for (const on of ["app-01", "edge-01"]) {
    const entryPoint = file(lab, on, "traefik.yml").entryPoints.websecure;
    const { headers } = file(lab, on, "headers.yml").http.middlewares["stripped-headers"];
    expect(entryPoint.http.middlewares[0]).toBe("stripped-headers@file");
    expect(entryPoint.http.underscoreHeadersStrategy).toBe("delete");
    expect(headers.customRequestHeaders).toMatchObject({
      "X-Forwarded-Host": "",
      "X-Forwarded-Method": "",
      "X-Forwarded-Uri": "",
      "Remote-User": "",
      "Remote-Groups": "",
    });
    expect(Object.keys(headers.customRequestHeaders)).not.toContain("X-Forwarded-For");
    const { forwardAuth } = file(lab, on, "sign-on.yml").http.middlewares.authelia;
    expect(forwardAuth.trustForwardHeader).toBe(true);
    for (const set of forwardAuth.authResponseHeaders) expect(headers.customRequestHeaders[set]).toBe("");
  }
});

test("a tunnel brings in what routes declare, paths first, and answers 404 to all else", () => {
  const lab = platform(Ingress.tunnel(edge), (lab) => {
    cloudflared(lab.host("edge-01"));
    service(lab, "api", { label: "wiki", paths: ["/api.v1"] }, "edge-01");
  });

  const [config] = Object.values<any>(lab.stacks.edge?.resource.cloudflare_zero_trust_tunnel_cloudflared_config ?? {});
  expect(config).toMatchObject({ account_id: "1".repeat(32), tunnel_id: TUNNEL });
  const name = (hostname: string) => ({ origin_request: { origin_server_name: hostname } });
  expect(config.config.ingress).toEqual([
    {
      hostname: "wiki.example.com",
      path: "^/api\\.v1(/|$)",
      service: "https://192.168.1.99:443",
      ...name("wiki.example.com"),
    },
    { hostname: "auth.example.com", service: "https://192.168.1.11:443", ...name("auth.example.com") },
    { hostname: "wiki.example.com", service: "https://192.168.1.11:443", ...name("wiki.example.com") },
    { service: "http_status:404" },
  ]);
  expect(trusted(lab, "app-01")).toEqual(["192.168.1.99"]);
  expect(trusted(lab, "edge-01")).toEqual(["192.168.1.11", "172.16.0.0/12"]);
  expect(lab.manifest.secrets.map(({ name }) => name)).toContain("homelab.tunnel.edge-01.token");
});

test("Authelia has the rules of all routes, whenever they were declared", () => {
  const lab = platform(Ingress.direct(), (lab) => service(lab, "late", { access: Access.oneFactor("group:x") }));

  const document = file(lab, "app-01", "configuration.yml").access_control as AccessControlDocument;
  expect(document).toEqual(lab.manifest.accessControl);
  expect(document.rules.map(({ domain }) => domain[0])).toContain("late.example.com");
  expect(file(lab, "app-01", "configuration.yml").session.cookies).toEqual([
    { domain: "example.com", authelia_url: "https://auth.example.com" },
  ]);
});

test("a lab that guards nothing says so in a rule, without which Authelia would not start", () => {
  const lab = synthesizeLab((lab) => void authelia(lab.host("app-01"), { zones: [lab.zone("example.com")], users }));

  expect(file(lab, "app-01", "configuration.yml").access_control).toEqual({
    default_policy: "deny",
    rules: [{ domain: ["example.com", "*.example.com"], policy: "deny" }],
  });
});

test("Traefik sees Docker through a filter, and the sign-on by name or over the LAN", () => {
  const lab = platform(Ingress.direct());
  const containers = lab.stacks["edge-01"]?.resource.docker_container ?? {};

  expect(containers.traefik_edge_01.mounts.map(({ source }: any) => source)).not.toContain("/var/run/docker.sock");
  expect(containers.traefik_edge_01_docker.env).toContain("POST=0");
  expect(file(lab, "app-01", "sign-on.yml").http.middlewares.authelia.forwardAuth.address).toBe(
    "http://authelia:9091/api/authz/forward-auth",
  );
  expect(file(lab, "edge-01", "sign-on.yml").http.middlewares.authelia.forwardAuth.address).toBe(
    "http://192.168.1.11:9091/api/authz/forward-auth",
  );
});

test("an account is a line of the users file, its password a secret that is made, its digest another", () => {
  const lab = platform(Ingress.direct());
  const script = Object.values<any>(lab.stacks["app-01"]?.resource.null_resource ?? {}).find(
    ({ triggers }) => "file users.yml" in triggers,
  );
  const { content: line } = placement(script)["users.yml"] ?? {};

  expect(line).toContain("var.webservices_authelia_user_anna_digest");
  expect(line).toContain('displayname: Anna \\"A.\\" $${x}');
  expect(lab.manifest.secrets.filter(({ name }) => name.includes("user_anna"))).toEqual([
    expect.objectContaining({ name: "webservices.authelia.user_anna", stacks: [], shape: { length: 24 } }),
    expect.objectContaining({ shape: { digestOf: "webservices.authelia.user_anna" }, stacks: ["app-01"] }),
  ]);
});

test("its parts find each other in an environment too, where every container has another name", () => {
  const lab = synthesizeLab(
    (lab) => {
      const zone = lab.zone("example.com");
      const signOn = authelia(lab.host("app-01"), { zones: [zone], users });
      traefik(lab.host("app-01"), { zone, signOn, email: "a@example.com" });
    },
    { hosts: [app] },
    { environment: "staging" },
  );
  const stack = lab.stacks["app-01-staging"];
  const names = Object.values<any>(stack?.resource.docker_container ?? {}).map(({ name }) => name as string);
  const configuration = file(lab, "app-01-staging", "configuration.yml");

  for (const address of [
    configuration.session.redis.host,
    new URL(configuration.storage.postgres.address).hostname,
    new URL(file(lab, "app-01-staging", "traefik.yml").providers.docker.endpoint).hostname,
    new URL(file(lab, "app-01-staging", "sign-on.yml").http.middlewares.authelia.forwardAuth.address).hostname,
  ])
    expect(names).toContain(address);
});

test("people are looked up in a directory instead, whose password is a file", () => {
  const ldap = Users.lldap({ address: "ldap://lldap:3890", baseDn: "dc=example,dc=com", user: "uid=authelia" });
  const lab = synthesizeLab(
    (lab) => void authelia(lab.host("app-01"), { zones: [lab.zone("example.com")], users: ldap }),
  );

  expect(file(lab, "app-01", "configuration.yml").authentication_backend).toEqual({
    ldap: { implementation: "lldap", address: "ldap://lldap:3890", base_dn: "dc=example,dc=com", user: "uid=authelia" },
  });
  expect(lab.stacks["app-01"]?.resource.docker_container?.authelia.env).toContain(
    "AUTHELIA_AUTHENTICATION_BACKEND_LDAP_PASSWORD_FILE=/run/secrets/ldap_pass",
  );
  expect(lab.manifest.secrets.map(({ name }) => name)).toContain("webservices.authelia.ldap_pass");
});

test("its file is tried by Authelia before it replaces the old one", () => {
  const lab = platform(Ingress.direct());
  const [script] = Object.values<any>(lab.stacks["app-01"]?.resource.null_resource ?? {}).filter(
    ({ triggers }) => "file configuration.yml" in triggers,
  );

  expect(scriptOf(script)).toMatch(
    /docker run --rm --network none .*--entrypoint authelia .* config validate --config/,
  );
  expect(script.depends_on).toEqual(["docker_image.authelia_image"]);
});

describe("what no platform can be", () => {
  const zones = {
    "example.com": { ...id, ingress: Ingress.direct() },
    "example.net": { ...id, ingress: Ingress.direct() },
  };

  test("a guarded route in a zone that no session covers", () => {
    const declare = (lab: Homelab): void => {
      authelia(lab.host("app-01"), { zones: [lab.zone("example.com")], users });
      new HomelabService(lab.host("app-01"), "wiki", {
        image: "example/app:1",
        port: 80,
        health: Probe.none("test"),
        parts: { web: Route.in(lab.zone("example.net")) },
      });
    };

    expect(errorOf(declare, { zones })).toContain(
      'service "wiki", part "web": "wiki.example.net" is guarded, and no session of the sign-on covers it, only "example.com"',
    );
  });

  test("a character that paths may have for no reason", () => {
    const declare = (lab: Homelab): void => {
      const zone = lab.zone("example.com");
      const signOn = authelia(lab.host("app-01"), { zones: [zone], users });
      traefik(lab.host("app-01"), { zone, signOn, email: "a@example.com", allowInPaths: { slash: " " } });
    };

    expect(errorOf(declare)).toContain(`service "traefik-app-01", 'allowInPaths': 'reason' must say why`);
  });

  test("a user whose name no secret could have", () => {
    expect(() => Users.file({ "anna maria": { displayName: "x", email: "y" } })).toThrow('got "anna maria"');
  });
});
