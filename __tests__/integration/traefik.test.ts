import { execFileSync } from "node:child_process";
import { Generations, Ledger } from "../../constructs";
import { config } from "../../homelab.config";
import { exampleLab } from "../../main";
import { suite } from "../support/programs";
import { labels, placedFiles, synthesize, type Synthesis } from "../support/synthesis";
import { TRAEFIK } from "../support/traefik-program";

/** Traefik's own decoder of labels and files, and its parser of rules, as a Go program; see `__tests__/traefik`. */
suite("Traefik reads what is written for it", TRAEFIK.missing(), () => {
  let lab: Synthesis;

  beforeAll(() => {
    TRAEFIK.path("homelab");
    lab = synthesize((app) =>
      exampleLab(app, { ...config, ledger: Ledger.inMemory(), generations: Generations.inMemory() }),
    );
  }, 900_000);

  function check(document: object): { rules: number; findings: string[] } {
    return JSON.parse(
      execFileSync(TRAEFIK.path("homelab"), ["check"], {
        input: JSON.stringify(document),
        encoding: "utf8",
        maxBuffer: 2 ** 26,
      }),
    );
  }

  test("the version of the image that runs is the one of these tests", () => {
    const images = Object.values(lab.stacks).flatMap((stack) => Object.values<any>(stack.resource.docker_image ?? {}));

    expect(images.map(({ name }) => name)).toContain(`docker.io/library/traefik:${TRAEFIK.version}`);
  });

  const containers = (): Record<string, Record<string, string>> =>
    Object.fromEntries(
      Object.values(lab.stacks)
        .flatMap((stack) => Object.values<any>(stack.resource.docker_container ?? {}))
        .map((container) => {
          const own = Object.entries(labels(container)).filter(([name]) => name.startsWith("traefik."));
          return [container.name, Object.fromEntries(own)];
        }),
    );
  const dynamic = (): Record<string, string> =>
    Object.fromEntries(
      Object.values(lab.stacks)
        .flatMap((stack) => Object.entries(placedFiles(stack)))
        .filter(([file]) => file.includes("traefik-dynamic")),
    );

  test("the labels of every container of the example lab", () => {
    const rules = Object.values(containers())
      .flatMap((own) => Object.keys(own))
      .filter((name) => name.endsWith(".rule"));

    expect(rules.length).toBeGreaterThan(lab.manifest.services.flatMap((service) => service.routes).length);
    expect(check({ labels: containers() })).toEqual({ rules: rules.length, findings: [] });
  });

  test("the dynamic files of every host, with the routes of other hosts", () => {
    const files = Object.keys(dynamic());
    expect(files).toHaveLength(3 * 7);

    const { rules, findings } = check({ dynamic: dynamic() });

    expect(findings).toEqual([]);
    const direct = Object.values(containers())
      .flatMap((own) => Object.keys(own))
      .filter((name) => name.endsWith(".rule") && !name.endsWith("-forwarded.rule"));
    // Each once more for when its container is not there, what no path may be, and auth.example.net, which is on
    // another host than the zone's ingress.
    expect(rules).toBe(direct.length + 3 + 1);
  });

  test.each<[string, (labels: Record<string, string>) => Record<string, string>, string]>([
    [
      "an option",
      (own) => rename(own, ".loadbalancer.server.port", ".loadbalancer.server.prot"),
      "field not found, node: prot",
    ],
    ["a router's field", (own) => rename(own, ".entrypoints", ".entrypoint"), "field not found, node: entrypoint"],
    ["a matcher", (own) => replace(own, "Host(", "Hsot("), "unsupported function: Hsot"],
    ["a bracket", (own) => replace(own, "`)", "`"), "error while parsing rule"],
  ])("and refuses a typo in %s", (_what, change, message) => {
    const own = containers().vaultwarden ?? {};

    const { findings } = check({ labels: { vaultwarden: change(own) } });

    expect(findings.join()).toContain(message);
  });

  test("and refuses a typo in a file", () => {
    const [[name, content] = ["", ""]] = Object.entries(dynamic()).filter(([file]) => file.endsWith("sign-on.yml"));

    const { findings } = check({ dynamic: { [name]: content.replace("forwardAuth", "forwardAuht") } });

    expect(findings.join()).toContain("field not found, node: forwardAuht");
  });
});

function rename(own: Record<string, string>, from: string, to: string): Record<string, string> {
  return Object.fromEntries(Object.entries(own).map(([name, value]) => [name.replace(from, to), value]));
}

function replace(own: Record<string, string>, from: string, to: string): Record<string, string> {
  return Object.fromEntries(Object.entries(own).map(([name, value]) => [name, value.replace(from, to)]));
}
