import fc from "fast-check";
import type { AccessControlDocument } from "../constructs";
import { Access, HomelabService, Probe, Route } from "../constructs";
import { peopleOf, Reach } from "../plan/reach";
import { authorize } from "./support/authelia";
import { synthesizeLab } from "./support/synthesis";

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
        const { manifest } = synthesizeLab((lab) => {
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
        const reach = new Reach(manifest);
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
