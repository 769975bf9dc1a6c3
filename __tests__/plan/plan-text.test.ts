import { createColors } from "picocolors";
import { table } from "../../cli/table";
import { planAsMarkdown } from "../../plan/markdown";
import { PLAN_VERSION, type ChangeKind, type PlanReport } from "../../plan/model";
import { plainJson } from "../../contract/plain";
import { planAsText } from "../../plan/text";

const counts: Record<ChangeKind, number> = {
  created: 1,
  adopted: 0,
  changed: 1,
  restarted: 1,
  repeated: 1,
  renamed: 0,
  released: 1,
  replaced: 0,
  destroyed: 1,
};

/** A report that has something in each of its lists. */
const WHOLE: PlanReport = {
  version: PLAN_VERSION,
  base: { ref: "main", commit: "0123456789abcdef", subject: "a subject" },
  headline: "Something happens.",
  findings: [
    {
      concern: "other",
      severity: "danger",
      kind: "something",
      subject: "a subject",
      message: "a message",
      service: "wiki",
      part: "data",
      container: "wiki",
      host: "app-01",
      path: "a.path",
    },
  ],
  services: [
    {
      service: "wiki",
      host: "app-01",
      change: "relocated",
      renamedFrom: "docs",
      relocatedFrom: "app-02",
      counts,
      restarts: [{ container: "wiki", causes: ["image"] }],
      images: [{ before: "example/wiki:1", after: "example/wiki:2" }],
      dependents: ["another"],
    },
  ],
  resources: [
    {
      stack: "app-01",
      address: "docker_container.other",
      previousAddress: "docker_container.older",
      path: "app-01/Host/wiki",
      service: "other",
      kind: "restarted",
      causes: ["an environment"],
    },
  ],
  addresses: [
    {
      change: "changes",
      address: "https://wiki.example.com",
      service: "wiki",
      part: "web",
      container: "wiki",
      before: "one target",
      after: "another target",
      becomesPublic: true,
    },
  ],
  access: [
    {
      address: "https://wiki.example.com/path",
      service: "wiki",
      part: "web",
      container: "wiki",
      change: "differs",
      before: ["somebody"],
      after: ["somebody else"],
      becomesPublic: true,
    },
  ],
  privileges: [
    {
      change: "appears",
      service: "wiki",
      part: "socket",
      container: "wiki",
      host: "app-01",
      means: "the socket",
      grants: "root",
      reason: "a reason",
    },
  ],
  data: [
    {
      risk: "released",
      holder: "wiki/data",
      kind: "volume",
      name: "wiki_data",
      place: "app-01",
      service: "wiki",
      container: "wiki",
      message: "it is released",
    },
  ],
  secrets: [{ name: "webservices.wiki.key", variable: "TF_VAR_a_key", stacks: ["app-01"], why: "new" }],
  abandonedStacks: ["app-09"],
  steps: [{ command: "npm run deploy", why: "it is first" }],
  notes: ["a note"],
};

/** Commands of a terminal, what turns text around, the end of a line, and what Markdown, HTML and forges read. */
const HOSTILE =
  "\u001b[2J\u009b1m\u0007\u202e\u2066\u2028\ud800\r\nNothing changes.\n| x |\n- [x](https://evil.example) ![x](//evil.example) <img src=x> </details> @everyone #1 GH-1 www.evil.example $x$ `x` ``` **x** :tada: &lt;";

type Path = readonly (string | number)[];

function places(data: unknown, prefix: Path = []): Path[] {
  if (typeof data === "string") return [prefix];
  if (typeof data !== "object" || data === null) return [];
  const inside: [string | number, unknown][] = Array.isArray(data) ? [...data.entries()] : Object.entries(data);
  return inside.flatMap(([key, value]) => places(value, [...prefix, key]));
}

function hostileAt(at: Path): PlanReport {
  const copy = structuredClone(WHOLE) as any;
  const parent = at.slice(0, -1).reduce((value, key) => value[key], copy);
  parent[at.at(-1) ?? ""] = `${parent[at.at(-1) ?? ""]} ${HOSTILE}`;
  return copy;
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const asText = (report: PlanReport): string => planAsText(report, createColors(false), table);

/** The texts of a page that stand alone, as a forge looks through them, without code. */
function pieces(markdown: string): string[] {
  const words = markdown
    .replace(/<!-- homelab plan -->/g, "")
    .replace(/\\[^A-Za-z0-9\s]/g, "")
    .replace(/(`+) [\s\S]*? \1/g, "");
  return words.split(/<\/?(?:span|details|summary|br)>/);
}

test.each(places(WHOLE).map((at) => [at.join("."), at] as const))(
  "a hostile %s is text of one line in a terminal and a page, and in JSON what it was",
  (_name, at) => {
    const report = hostileAt(at);

    for (const [render, usual] of [
      [asText, asText(WHOLE)],
      [planAsMarkdown, planAsMarkdown(WHOLE)],
    ] as const) {
      const told = render(report);
      expect(UNSEEN.exec(told.replaceAll("\n", ""))).toBeNull();
      expect(told).not.toMatch(/^(Nothing changes|\| x \|)/m);
      expect(told.split("\n").length).toBeLessThanOrEqual(usual.split("\n").length + 1);
    }
    for (const piece of pieces(planAsMarkdown(report)))
      expect(piece).not.toMatch(/@\w|#\d|GH-\d|https?:\/\/|www\.|\$.*\$|:tada:|<|\[|!\(|`/);
    const json = plainJson(report);
    expect(UNSEEN.exec(json.replaceAll("\n", ""))).toBeNull();
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(report)));
  },
);
