import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { Access } from "../../../constructs";
import { AccessControl } from "../../../constructs/parts";
import { authorize } from "../../support/authelia";

describe("the evaluator of these tests", () => {
  const corpus = JSON.parse(fs.readFileSync(path.join(__dirname, "../../../conformance/access.json"), "utf8"));

  test.each<any>(corpus)("answers as Authelia does for $name", (document) => {
    const wrong = document.requests.filter(({ level, by_subject, ...request }: any) => {
      const answer = authorize(document.access_control, request);
      return answer.level !== level || answer.by_subject !== by_subject;
    });

    expect(document.requests.length).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });
});

const family = { user: "alice", groups: ["family"] };
const admin = { user: "root", groups: ["admins"] };
const nobody = { user: "", groups: [] };

function control(...routes: Omit<Parameters<AccessControl["add"]>[0], "subject">[]): AccessControl {
  const made = new AccessControl();
  routes.forEach((route, index) => made.add({ ...route, subject: `route ${index}` }));
  return made;
}

test("a route without subjects asks everybody who has an account", () => {
  const { rules } = control({ hosts: ["a.example.com"], paths: [], access: Access.twoFactor() }).document();

  expect(rules).toEqual([{ domain: ["a.example.com"], policy: "two_factor" }]);
});

test("a public route needs no rule", () => {
  expect(
    control({ hosts: ["a.example.com"], paths: [], access: Access.public({ reason: "a blog" }) }).document().rules,
  ).toEqual([]);
});

test.each<[string, readonly string[], readonly string[], boolean]>([
  ["the very path", ["/api"], ["/api"], true],
  ["a path below", ["/api/hook"], ["/api"], true],
  ["a path above", ["/api"], ["/api/admin"], false],
  ["another path", ["/hook"], ["/api"], false],
])("a route can't open what another one serves: %s", (_what, [open = "", ...more], paths, refused) => {
  const access = Access.twoFactor().bypass([open, ...more], { reason: "a test" });
  const hosts = ["a.example.com"];
  const whole = { hosts, paths: [], access };

  const found = control(whole, { hosts, paths, access: Access.twoFactor() }).findings();

  expect(found).toEqual(
    refused
      ? [
          `route 0: bypass() opens "${open}" of a.example.com, which route 1 serves: take the path out of bypass(), or say there that it is open`,
        ]
      : [],
  );
  expect(control(whole, { hosts, paths, access: Access.public({ reason: "a test" }) }).findings()).toEqual([]);
  expect(control(whole, { hosts: ["b.example.com"], paths, access: Access.twoFactor() }).findings()).toEqual([]);
});

test("nobody but its subjects reaches a guarded path of a more generous host", () => {
  const document = control(
    { hosts: ["a.example.com"], paths: [], access: Access.oneFactor("group:family") },
    { hosts: ["a.example.com"], paths: ["/admin"], access: Access.twoFactor("group:admins") },
  ).document();

  expect(authorize(document, { url: "https://a.example.com/admin/users", ...family }).level).toBe("deny");
  expect(authorize(document, { url: "https://a.example.com/admin?x=1", ...admin }).level).toBe("two_factor");
  expect(authorize(document, { url: "https://a.example.com/administrator", ...family }).level).toBe("one_factor");
  expect(authorize(document, { url: "https://a.example.com/admin", ...nobody })).toEqual({
    level: "two_factor",
    by_subject: true,
  });
});

test("an open path does not open a guarded one below it", () => {
  const document = control(
    {
      hosts: ["a.example.com"],
      paths: [],
      access: Access.twoFactor("group:family").bypass(["/api"], { reason: "tokens" }),
    },
    { hosts: ["a.example.com"], paths: ["/api/admin"], access: Access.twoFactor("group:admins") },
  ).document();

  expect(authorize(document, { url: "https://a.example.com/api/v1", ...nobody }).level).toBe("bypass");
  expect(authorize(document, { url: "https://a.example.com/api/admin", ...nobody }).level).toBe("two_factor");
  expect(authorize(document, { url: "https://a.example.com/api/admin", ...family }).level).toBe("deny");
});

test("several subjects at once are meant together, in Authelia's format", () => {
  const document = parse(
    control({
      hosts: ["a.example.com"],
      paths: [],
      access: Access.oneFactor("user:eve", ["group:a", "group:b"]),
    }).toYaml(),
  );

  expect(document.access_control.rules[0].subject).toEqual(["user:eve", ["group:a", "group:b"]]);
});

test("no order of declaration changes who may pass", () => {
  const path = fc.constantFrom("/a", "/a/b", "/a/b/c", "/d");
  const access = fc
    .record({ factor: fc.boolean(), groups: fc.subarray(["x", "y"]), open: fc.option(path, { nil: undefined }) })
    .map(({ factor, groups, open }) => {
      const subjects = groups.map((group) => `group:${group}`);
      const made = factor ? Access.oneFactor(...subjects) : Access.twoFactor(...subjects);
      return open === undefined ? made : made.bypass([open], { reason: "test" });
    });
  const route = fc.record({
    hosts: fc.constantFrom(["one.example.com"], ["two.example.com"]),
    paths: fc.uniqueArray(path, { maxLength: 2 }),
    access,
  });
  // One host and path leads to one route only, as a zone makes sure.
  const routes = fc.uniqueArray(route, {
    maxLength: 6,
    comparator: (a, b) =>
      a.hosts[0] === b.hosts[0] &&
      (a.paths.length + b.paths.length === 0 || a.paths.some((one) => b.paths.includes(one))),
  });
  const requests = ["one", "two"].flatMap((name) =>
    ["/", "/a", "/a/b", "/a/b/c", "/a/b/c/d", "/d?q=1"].flatMap((target) =>
      [[], ["x"], ["y"], ["x", "y"]].flatMap((groups) =>
        ["", "someone"].map((user) => ({
          url: `https://${name}.example.com${target}`,
          user,
          groups: user === "" ? [] : groups,
        })),
      ),
    ),
  );

  fc.assert(
    fc.property(routes, fc.infiniteStream(fc.nat()), (declared, random) => {
      const shuffled = [...declared]
        .map((value) => ({ value, at: random.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ value }) => value);
      const [one, two] = [control(...declared).document(), control(...shuffled).document()];

      for (const request of requests) expect(authorize(two, request)).toEqual(authorize(one, request));
    }),
    { numRuns: 60 },
  );
});

test.each([
  [() => Access.public({ reason: " " }), "must say why"],
  [() => Access.twoFactor("family"), 'must be "user:…", "group:…"'],
  [() => Access.twoFactor([]), "must name at least one"],
  [() => Access.public({ reason: "x" }).bypass(["/api"], { reason: "y" }), "nothing to bypass"],
  [() => Access.twoFactor().bypass(["api"], { reason: "y" }), "must be paths below"],
  [() => Access.twoFactor().bypass(["/"], { reason: "y" }), "must be paths below"],
  [() => Access.twoFactor().bypass(["/a/../b"], { reason: "y" }), "must be paths below"],
  [() => Access.twoFactor().bypass(["/a`b"], { reason: "y" }), "must be paths below"],
])("fails for bad input %#", (make, message) => {
  expect(make).toThrow(message);
});
