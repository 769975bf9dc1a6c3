import { match, parseRule, spokenOf, type Match } from "../../plan/traefik-rules";

const asked = (rule: string, address: string): Match | undefined => {
  const parsed = parseRule(rule);
  const host = address.replace(/\/.*/, "");
  return parsed && match(parsed, { host, path: address.slice(host.length) || "/" });
};

test.each<[string, string, Match]>([
  ["Host(`a.org`)", "a.org/x", "yes"],
  ["Host(`A.org`)", "a.org", "yes"],
  ['Host("a.org")', "a.org", "yes"],
  ["Host(`a.org`)", "b.org", "no"],
  ["host(`a.org`)", "a.org", "yes"],
  ["!Host(`a.org`)", "a.org", "no"],
  ["!Host(`a.org`)", "b.org", "yes"],
  ["Host(`a.org`) || Host(`b.org`) && Path(`/x`)", "a.org", "yes"],
  ["(Host(`a.org`) || Host(`b.org`)) && Path(`/x`)", "a.org", "no"],
  ["Host(`a.org`) && (Path(`/x`) || PathPrefix(`/x/`))", "a.org/x/y", "yes"],
  ["Host(`a.org`) && (Path(`/x`) || PathPrefix(`/x/`))", "a.org/xy", "no"],
  ["PathPrefix(`/x`)", "a.org/xy", "yes"],
  ["HostRegexp(`^.+\\.org$`)", "a.org", "yes"],
  ["HostRegexp(`^.+\\.org$`)", "a.com", "no"],
  ["HostRegexp(`(?P<bad`)", "a.com", "maybe"],
  ["HostRegexp(`.+`)", "*", "maybe"],
  ["PathRegexp(`^/x[0-9]+$`)", "a.org/x12", "yes"],
  ["PathRegexp(`^/x[0-9]+$`)", "a.org/*", "maybe"],
  ["Host(`a.org`) && Header(`X-Who`, `me`)", "a.org", "maybe"],
  ["Host(`a.org`) && Header(`X-Who`, `me`)", "b.org", "no"],
  ["Host(`a.org`) || ClientIP(`10.0.0.0/8`)", "b.org", "maybe"],
  ["Host(`a.org`) || ClientIP(`10.0.0.0/8`)", "a.org", "yes"],
  ["!(Host(`a.org`) && Method(`GET`))", "a.org", "maybe"],
  ["!(Host(`a.org`) && Method(`GET`))", "b.org", "yes"],
])("%s and %s: %s", (rule, address, expected) => {
  expect(asked(rule, address)).toBe(expected);
});

test.each(["", "Host(`a.org`", "Host(a.org)", "Host(`a.org`) &&", "Host(`a.org`) Path(`/x`)", "(", "&& Host(`a`)"])(
  "%j is no rule",
  (rule) => {
    expect(parseRule(rule)).toBeUndefined();
  },
);

test("tells the names and paths that a rule speaks of", () => {
  const rule = parseRule("(Host(`B.org`) || Host(`a.org`)) && !PathPrefix(`/x`) && PathRegexp(`y`)");

  expect(rule && spokenOf(rule)).toEqual({ hosts: ["b.org", "a.org"], paths: ["/x"], isPattern: true });
});
