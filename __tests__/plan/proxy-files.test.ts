import { ConfigFile, Content, HomelabService, Reload, Route, type Contribution } from "../../constructs";
import { PartScope } from "../../constructs/parts";
import { exposureSummary, reportExposure, type ExposureEntry } from "../../plan/exposure";
import { EDGE, served, synthesizeServed } from "../support/lab/fixture";
import { written, type Synthesis } from "../support/synthesis";

const DYNAMIC = "/etc/traefik/dynamic";

/** A lab with a guarded service, whose proxy on the edge is given something more. */
function labWith(change: (proxy: HomelabService) => void): Synthesis {
  return synthesizeServed((lab) => {
    served(lab.host(EDGE.name), "docs", { web: Route.in(lab.zone("example.com"), { label: "docs" }) });
    const proxy = HomelabService.all(lab.host(EDGE.name)).get(`traefik-${EDGE.name}`);
    if (!proxy) throw new Error("the lab has a proxy");
    change(proxy);
  });
}

/** The same with a further file in the folder of its routers. */
function withFile(name: string, content: Content): Synthesis {
  return labWith((proxy) => {
    ConfigFile.at(`${DYNAMIC}/${name}`, content, { onChange: Reload.watched() }).bind(new PartScope(proxy, "more"));
  });
}

const back = (router: object, more: object = {}): Content =>
  Content.yaml({ http: { routers: { back: { rule: "Host(`back.example.com`)", tls: {}, ...router } }, ...more } });

/** What is told at `back.example.com`. */
function backIn(made: Synthesis): Partial<ExposureEntry> | undefined {
  return reportExposure(written(made)).entries.find(({ address }) => address.startsWith("back.example.com"));
}

const unseenIn = (made: Synthesis): readonly string[] => reportExposure(written(made)).unseen;

test("all that the library's own proxies read can be seen, and opens nothing", () => {
  const { entries, unseen } = reportExposure(written(labWith(() => undefined)));

  expect(unseen).toEqual([]);
  const open = entries.filter(({ kind, isOpen }) => kind === "route" && isOpen);
  expect([...new Set(open.map(({ service }) => service))]).toEqual(["authelia"]);
});

test("a router in a further file is told with the container that it leads to", () => {
  const services = { docs: { loadBalancer: { servers: [{ url: "http://docs:8080" }] } } };

  const found = backIn(withFile("more.yml", back({ service: "docs" }, { services })));

  expect(found).toMatchObject({ service: "docs", container: "docs", part: "file more.yml, router back", isOpen: true });
});

test.each<[string, object, object, Partial<ExposureEntry> | undefined]>([
  ["a service of a label", { service: "docs_web@docker" }, {}, { service: "docs", isOpen: true }],
  ["the sign-on", { service: "docs_web@docker", middlewares: ["authelia"] }, {}, { isOpen: false, guard: "sign-on" }],
  [
    "a chain with the sign-on",
    { service: "docs_web@docker", middlewares: ["all"] },
    { middlewares: { all: { chain: { middlewares: ["lan", "authelia@file"] } } } },
    { isOpen: false, guard: "sign-on" },
  ],
  [
    "the sign-on of another provider",
    { service: "docs_web@docker", middlewares: ["authelia@docker"] },
    {},
    { isOpen: true },
  ],
  ["the LAN alone", { service: "docs_web@docker", middlewares: "lan,lan-forwarded" }, {}, { from: "lan" }],
  ["nobody", { service: "noop@internal" }, {}, undefined],
  ["no server", { service: "none" }, { services: { none: { loadBalancer: { servers: [] } } } }, undefined],
  ["a service that no file has", { service: "nobody" }, {}, { service: "traefik-edge-01", isOpen: true }],
  ["no entry point of the proxy", { service: "docs_web@docker", entryPoints: ["other"] }, {}, undefined],
])("a router in a file that leads to %s", (_what, router, more, expected) => {
  const found = backIn(withFile("more.yml", back(router, more)));

  if (expected) expect(found).toMatchObject(expected);
  else expect(found).toBeUndefined();
});

test("a router in a file takes a path from a guarded route by its priority, and only then", () => {
  const of = (priority: number): boolean | undefined => {
    const rule = "Host(`docs.example.com`) && PathPrefix(`/x`)";
    const made = withFile("more.yml", back({ rule, priority, service: "docs_web@docker" }));
    return reportExposure(written(made)).entries.find(({ address }) => address === "docs.example.com/x")?.isOpen;
  };

  expect([of(900_000), of(2)]).toEqual([true, false]);
});

test("connections that a file hands on unread are told", () => {
  const tcp = { routers: { raw: { rule: "HostSNI(`*`)", service: "raw" } } };

  const { entries } = reportExposure(written(withFile("more.yml", Content.yaml({ tcp }))));

  expect(entries).toContainEqual(
    expect.objectContaining({ address: "edge-01, tcp: HostSNI(`*`)", part: "file more.yml, router raw", isOpen: true }),
  );
});

test.each<[string, Synthesis, string]>([
  [
    "a template",
    withFile("more.yml", Content.text('http: { routers: { x: { rule: "{{ env "RULE" }}" } } }\n')),
    `the routers that traefik-edge-01 reads from ${DYNAMIC}/more.yml`,
  ],
  [
    "another language",
    withFile("more.toml", Content.text('[http.routers.x]\nrule = "PathPrefix(`/`)"\n')),
    `the routers that traefik-edge-01 reads from ${DYNAMIC}/more.toml`,
  ],
  [
    "no YAML",
    withFile("more.yaml", Content.text("a: [\n")),
    `the routers that traefik-edge-01 reads from ${DYNAMIC}/more.yaml`,
  ],
  [
    "a folder of the host",
    labWith((proxy) => proxy.add(mount(`${DYNAMIC}/more`))),
    "the routers that traefik-edge-01 reads from /srv/routers",
  ],
  [
    "a second sign-on",
    withFile("a.yml", Content.yaml({ http: { middlewares: { authelia: { headers: {} } } } })),
    'what middleware "authelia" of traefik-edge-01 does, which several files define',
  ],
  [
    "a provider of an override",
    labWith((proxy) => proxy.container.addOverride("upload.0.content", "providers: { redis: {} }\n")),
    "the routers that traefik-edge-01 gets by its provider redis",
  ],
  [
    "a configuration that Terraform makes",
    labWith((proxy) => proxy.container.addOverride("upload.0.content", '${file("x")}')),
    "the routers of traefik-edge-01, whose configuration is not in the code",
  ],
])("%s keeps somebody from saying that nothing is open", (_what, made, unseen) => {
  const report = reportExposure(written(made));

  expect(report.unseen).toEqual([unseen]);
  expect(exposureSummary({ ...report, entries: [] })).toBe(
    `Nothing that can be seen is open to everybody on the internet. Not seen: ${unseen}.`,
  );
});

test("a file that Traefik does not read is none of its routers", () => {
  expect(unseenIn(withFile("notes.txt", Content.text("{{ nothing }}\n")))).toEqual([]);
});

function mount(target: string): Contribution {
  return { mounts: [{ target, source: "/srv/routers", type: "bind", readOnly: true }] };
}
