import { createColors } from "picocolors";
import { table } from "../cli/table";
import { headline } from "../plan/headline";
import { planAsMarkdown } from "../plan/markdown";
import { PLAN_VERSION, type PlanReport, type ResourceReport } from "../plan/model";
import { countKinds } from "../plan/services";
import { planAsText } from "../plan/text";

function report(overrides: Partial<PlanReport> = {}): PlanReport {
  const empty = {
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
  } as const;
  return { ...empty, headline: headline({ ...empty, ...overrides }), ...overrides };
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
  expect(markdown).toMatch(/and \d+ more, which "npx homelab plan" lists/);
  expect(markdown.match(/<details>/g)?.length).toBe(markdown.match(/<\/details>/g)?.length);
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
