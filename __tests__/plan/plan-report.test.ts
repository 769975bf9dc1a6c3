import { createColors } from "picocolors";
import { table } from "../../cli/table";
import { CONCERNS, GATES, isShut, risksData, worstFirst, type Finding } from "../../plan/findings";
import { headline } from "../../plan/headline";
import { planAsMarkdown } from "../../plan/markdown";
import { PLAN_VERSION, type PlanReport, type ResourceReport } from "../../plan/model";
import { findingsOf } from "../../plan/rules";
import { countKinds } from "../../plan/services";
import { planAsText } from "../../plan/text";

const NOTHING = { stacks: [], dependencies: {} };

function report(overrides: Partial<PlanReport> = {}): PlanReport {
  const empty: Omit<PlanReport, "headline" | "findings"> = {
    version: PLAN_VERSION,
    base: { ref: "main", commit: "0123456789abcdef", subject: "a subject" },
    services: [],
    resources: [],
    addresses: [],
    access: [],
    privileges: [],
    data: [],
    secrets: [],
    abandonedStacks: [],
    steps: [],
    notes: [],
  };
  const lists = { ...empty, ...overrides };
  const findings = overrides.findings ?? findingsOf({ labs: { head: NOTHING }, planned: [], lists, only: [] });
  return { ...lists, findings, headline: headline(findings, lists.base) };
}

const resource = (overrides: Partial<ResourceReport> = {}): ResourceReport => ({
  stack: "app-01",
  address: "docker_container.app",
  kind: "restarted",
  causes: [],
  ...overrides,
});

const HOSTILE = "a|b`c`<script>[x](https://evil.example)@everyone\n| x |\u001b[31m\u202e${f}";

test("what a person wrote is no Markdown, no HTML, no mention and no command of a terminal", () => {
  const found = report({
    base: { ref: HOSTILE, commit: "0123456", subject: HOSTILE },
    resources: [resource({ causes: [HOSTILE] })],
    notes: [HOSTILE],
    steps: [{ command: `echo ${HOSTILE} \`\`\``, why: HOSTILE }],
    data: [{ risk: "released", holder: HOSTILE, kind: "volume", name: HOSTILE, place: HOSTILE, message: HOSTILE }],
  });

  const markdown = planAsMarkdown(found);
  const text = planAsText(found, createColors(false), table);

  const outsideOfCode = markdown.replace(/(`+) [\s\S]*? \1/g, "");
  expect(outsideOfCode).not.toMatch(/<script>|[^\\]\[x\]|@everyone|[^\\]`/);

  for (const told of [markdown, text]) expect(told).not.toMatch(/\u001b|\u202e/);
  expect(text.split("\n")).not.toContain("| x |");
  expect(markdown.split("\n")).not.toContain("| x |");
});

test("a report that is too long for a comment keeps what matters", () => {
  const resources = Array.from({ length: 3000 }, (_, index) =>
    resource({ address: `docker_container.app_${index}`, causes: ["image example/app:1 → example/app:2"] }),
  );

  const markdown = planAsMarkdown(report({ resources, notes: ["read this"] }));

  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toContain("read this");
  expect(markdown).toContain(
    "longer than a comment may be: Resources left out, and `npx homelab plan` prints all of it",
  );
  expect(markdown.match(/<details>/g)?.length).toBe(markdown.match(/<\/details>/g)?.length);
});

test("a report of very many services keeps who may pass and what becomes of data", () => {
  const services = Array.from({ length: 900 }, (_, index) => ({
    service: `service-with-a-rather-long-name-${index}`,
    host: "app-01",
    change: "added" as const,
    counts: countKinds([resource({})]),
    restarts: [],
    images: [],
    dependents: [],
  }));
  const access = Array.from({ length: 300 }, (_, index) => ({
    address: `s${index}.example.com`,
    change: "appears" as const,
    before: [],
    after: ["everybody without signing in"],
    becomesPublic: true,
  }));

  const markdown = planAsMarkdown(report({ services, access }));

  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toContain("PUBLIC, s299.example.com is new");
  expect(markdown).toMatch(/longer than a comment may be: .*the table by service.* left out/);
});

test("a report whose every section is too long says that it was cut", () => {
  const markdown = planAsMarkdown(
    report({ notes: Array.from({ length: 3000 }, (_, index) => `note ${index} ${"x".repeat(50)}`) }),
  );

  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toContain("The report is longer than a comment may be");
});

test("what is lost comes first in the first line, and long lists are cut", () => {
  const services = Array.from({ length: 8 }, (_, index) => ({
    service: `s${index}`,
    host: "app-01",
    change: "removed" as const,
    counts: countKinds([resource({ kind: "destroyed" })]),
    restarts: [],
    images: [],
    dependents: [],
  }));
  const data = [
    {
      risk: "destroyed" as const,
      holder: "s0/data",
      kind: "volume",
      name: "s0-data",
      place: "host app-01",
      message: "gone",
    },
  ];

  const found = report({ services, data, resources: [resource({ service: "s0" })] });

  expect(found.headline).toBe("DATA IS DESTROYED: volume s0-data; s0, s1, s2, s3, s4 and 3 more are removed.");
});

const finding = (overrides: Partial<Finding> = {}): Finding => ({
  concern: "other",
  severity: "danger",
  subject: "it",
  message: "it is said in a sentence",
  ...overrides,
});

test("the first line says the worst first, whatever order it was found in", () => {
  const all = CONCERNS.map((concern) => finding({ concern, subject: concern }));

  const { headline: line } = report({ findings: worstFirst([...all].reverse()) });

  const places = CONCERNS.map((concern) => line.search(new RegExp(`(?<![a-z-])${concern}(?![a-z-])`)));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect([...places].sort((a, b) => a - b)).toEqual(places);
  expect(line).not.toContain("No data is lost");
});

test.each<[string, Partial<Finding>[], boolean]>([
  ["what loses none", [{ concern: "public" }], true],
  ["a note about data", [{ concern: "irreversible", severity: "note" }, { concern: "public" }], true],
  ["a warning about data", [{ concern: "irreversible", severity: "warning" }], false],
  ["data that must be copied", [{ concern: "relocated" }], false],
  ["what can't be compared", [{ concern: "unseen" }], false],
])("the first line promises that no data is lost only where that is known: %s", (_what, findings, promised) => {
  expect(report({ findings: findings.map(finding) }).headline.includes("No data is lost")).toBe(promised);
});

test("a change that nothing but notes tell is never told as none", () => {
  const notes = [1, 2].map((number) => finding({ severity: "note", message: `note ${number}` }));

  const found = report({ findings: notes });

  expect(found.headline).toBe("No data is lost; 2 small changes told below.");
  expect(planAsText(found, createColors(false), table)).toContain("Other changes\n  note 1\n  note 2");
});

test("a gate is shut by dangers of its concerns alone, and by whatever could not be compared", () => {
  const shut = (one: Partial<Finding>) => GATES.filter((gate) => isShut(gate, [finding(one)]));

  expect(shut({ concern: "relocated" })).toEqual(["data-loss", "any"]);
  expect(shut({ concern: "public" })).toEqual(["public-exposure", "any"]);
  expect(shut({ concern: "host-root" })).toEqual(["host-privilege", "any"]);
  expect(shut({ concern: "not-backed-up" })).toEqual(["backup-loss", "any"]);
  expect(shut({ concern: "people" })).toEqual(["trust", "any"]);
  expect(shut({ concern: "restarts" })).toEqual([]);
  expect(shut({ concern: "public", severity: "warning" })).toEqual([]);
  expect(shut({ concern: "unseen", severity: "note" })).toEqual(GATES);
});

test.each<[Partial<Finding>, boolean]>([
  [{ concern: "irreversible" }, true],
  [{ concern: "irreversible", severity: "warning" }, false],
  [{ concern: "not-backed-up" }, true],
  [{ concern: "trust" }, false],
  [{ concern: "trust", kind: "unprotected" }, true],
  [{ concern: "unseen" }, true],
  [{ concern: "public" }, false],
])("says of %j whether data is at risk: %s", (one, atRisk) => {
  expect(risksData([finding(one)])).toBe(atRisk);
});

test("what no list of the report tells is told with its concern, dangers before all sections", () => {
  const text = planAsText(
    report({ findings: [finding({ concern: "trust", message: "the proxy has another owner" })], notes: ["read this"] }),
    createColors(false),
    table,
  );

  expect(text).toMatch(/Findings\n {2}TRUST: the proxy has another owner\n\nNotes/);
});
