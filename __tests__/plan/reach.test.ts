import fc from "fast-check";
import type { AccessControlDocument } from "../../constructs";
import { Access, HomelabService, Ingress, Probe, Route } from "../../constructs";
import { peopleOf, Reach } from "../../plan/reach";
import { authorize } from "../support/authelia";
import { host, labels, synthesizeLab, written } from "../support/synthesis";

const PATHS = ["/api", "/api/admin", "/hook", "/public"] as const;
const subjects = fc.subarray(["group:a", "group:b", "user:c"], { maxLength: 2 });
const guarded = fc
  .record({ two: fc.boolean(), subjects })
  .map(({ two, subjects: who }) => (two ? Access.twoFactor(...who) : Access.oneFactor(...who)));
const withOpenPaths = fc
  .record({ access: guarded, open: fc.subarray([...PATHS], { maxLength: 2 }) })
  .map(({ access, open: [first, ...rest] }) =>
    first === undefined ? access : access.bypass([first, ...rest], { reason: "a test" }),
  );

test("says of every address what Authelia would answer", () => {
  fc.assert(
    fc.property(
      withOpenPaths,
      guarded,
      fc.subarray([...PATHS], { minLength: 1, maxLength: 2 }),
      (whole, part, paths) => {
        // A route that opens what the other one serves does not synthesize.
        const open = whole.bypassed.flatMap((entry) => entry.paths);
        fc.pre(!open.some((path) => paths.some((own) => path === own || path.startsWith(`${own}/`))));
        const made = synthesizeLab((lab) => {
          const service = (name: string, web: ReturnType<typeof Route.in>): void => {
            new HomelabService(lab.host("app-01"), name, {
              image: "example/app:1",
              port: 80,
              health: Probe.none("a test"),
              parts: { web },
            });
          };
          service("whole", Route.in(lab.zone("example.com"), { label: "app", access: whole }));
          service("part", Route.in(lab.zone("example.com"), { label: "app", paths, access: part }));
        });
        const { manifest } = made;
        const reach = Reach.in(written(made));
        const people = peopleOf([manifest]);

        for (const address of reach.addresses) {
          const { levels = [] } = reach.of(address, people) ?? {};
          people.forEach(({ subjects: who }, index) => {
            expect([address, levels[index]]).toEqual([address, answered(manifest.accessControl, address, who)]);
          });
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("sends every request to the route that Traefik does, however long the other paths of a route are", () => {
  const ALL = ["/a", "/a/b", "/a/b/c", "/ab", "/some-much-longer-path", "/z"] as const;
  const shares = fc.array(fc.constantFrom(0, 1, 2, undefined), { minLength: ALL.length, maxLength: ALL.length });
  fc.assert(
    fc.property(shares, fc.boolean(), (owners, whole) => {
      const paths = [0, 1, 2].map((owner) => ALL.filter((_path, index) => owners[index] === owner));
      const made = synthesizeLab((lab) => {
        paths.forEach((own, owner) => {
          if (own.length === 0 && !(whole && owner === 0)) return;
          new HomelabService(lab.host("app-01"), `service-${owner}`, {
            image: "example/app:1",
            port: 80,
            health: Probe.none("a test"),
            parts: {
              ...(own.length > 0 && { some: Route.in(lab.zone("example.com"), { label: "app", paths: own }) }),
              ...(whole && owner === 0 && { all: Route.in(lab.zone("example.com"), { label: "app" }) }),
            },
          });
        });
      });
      const routers = Object.values(made.stacks["app-01"]?.resource.docker_container ?? {}).flatMap(routersOf);
      const reach = Reach.in(written(made));

      for (const path of [...ALL, "/a/x", "/a/b/x", "/a/b/c/d", "/abc", "/some-much-longer-path/x", "/"]) {
        const [first] = routers.filter(({ covers }) => covers(path)).sort((a, b) => b.priority - a.priority);
        expect([path, reach.of(`app.example.com${path}`, [])?.service]).toEqual([path, first?.container]);
      }
    }),
    { numRuns: 60 },
  );
});

test("a proxy hands on no name of the LAN that another host answers, whatever a label says of it there", () => {
  const edge = host("edge-01", 1);
  const zones = { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.through(edge) } };
  const made = synthesizeLab(
    (lab) => {
      const service = (name: string, web: ReturnType<typeof Route.in>): HomelabService =>
        new HomelabService(lab.host("app-01"), name, {
          image: "example/app:1",
          port: 80,
          health: Probe.none("a test"),
          parts: { web },
        });
      service("one", Route.internal(lab.zone("example.com"), { label: "one" }));
      const two = service("two", Route.in(lab.zone("example.com"), { label: "two" }));
      two.addLabel("traefik.http.routers.added.rule", "Host(`one.example.com`)");
      two.addLabel("traefik.http.routers.added.priority", "900000");
    },
    { hosts: [edge, host("app-01", 2)], zones },
  );

  const reach = Reach.in(written(made));

  const at = (name: string, label: string): string | undefined => reach.at(name, `${label}.example.com`, [])?.service;
  expect([at("edge-01", "one"), at("app-01", "one")]).toEqual([undefined, "two"]);
  expect([at("edge-01", "two"), at("app-01", "two")]).toEqual(["two", "two"]);
});

/** The routers of a container, as Traefik reads them: the highest priority, else the longest rule, is asked first. */
function routersOf(container: any): { container: string; priority: number; covers: (path: string) => boolean }[] {
  const own = labels(container);
  return Object.entries(own).flatMap(([name, rule]) => {
    if (!/^traefik\.http\.routers\..*\.rule$/.test(name)) return [];
    const exact = [...rule.matchAll(/ Path\(`([^`]*)`\)|\(Path\(`([^`]*)`\)/g)].map(([, a, b]) => a ?? b);
    const below = [...rule.matchAll(/PathPrefix\(`([^`]*)`\)/g)].map(([, prefix]) => prefix ?? "");
    return [
      {
        container: container.name,
        priority: Number(own[name.replace(/rule$/, "priority")] ?? rule.length),
        covers: (path) => below.length === 0 || exact.includes(path) || below.some((prefix) => path.startsWith(prefix)),
      },
    ];
  });
}

/** What the evaluator that agrees with Authelia's own answers says of somebody. */
function answered(document: AccessControlDocument, address: string, who: ReadonlySet<string> | undefined): number {
  const named = [...(who ?? [])];
  const { level } = authorize(document, {
    url: `https://${address.includes("/") ? address : `${address}/`}`,
    user: who ? (named.find((name) => name.startsWith("user:"))?.slice(5) ?? "somebody") : "",
    groups: named.flatMap((name) => (name.startsWith("group:") ? [name.slice(6)] : [])),
  });
  const levels: Record<string, number> = { deny: 0, two_factor: 1, one_factor: 2, bypass: 3 };
  return who || level === "bypass" ? (levels[level] ?? -1) : 0;
}
