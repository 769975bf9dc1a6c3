import * as fc from "fast-check";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { Generations, Ledger } from "../../constructs";
import { config } from "../../homelab.config";
import { exampleLab } from "../../main";
import { differences } from "../../plan/differences";
import type { SynthesizedLab } from "../../plan/labs";
import { reportPlan } from "../../plan/report";
import { differenceFindings } from "../../plan/tell";
import { readLab } from "../../plan/synthesize";

let lab: SynthesizedLab;
beforeAll(() => {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-"));
  try {
    const app = new App({ outdir });
    exampleLab(app, { ...config, ledger: Ledger.inMemory(), generations: Generations.inMemory() });
    app.synth();
    lab = readLab(outdir);
  } finally {
    fs.rmSync(outdir, { recursive: true, force: true });
  }
});

type Path = readonly (string | number)[];

/** The way to every value that holds no other one. */
function leaves(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, [...at, Array.isArray(value) ? Number(key) : key]),
  );
}

/** A copy in which one value is another, or gone. */
function changed(value: any, [step, ...rest]: Path, how: "another" | "gone"): any {
  if (step === undefined)
    return typeof value === "boolean" ? !value : typeof value === "number" ? value + 1 : `${value}x`;
  const inner = rest.length > 0 || how === "another" ? [changed(value[step], rest, how)] : [];
  if (Array.isArray(value)) return value.toSpliced(Number(step), 1, ...inner);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (key === step ? inner.map((other) => [key, other]) : [[key, one]])),
  );
}

/** Where a version says that a document has another format, it is not compared at all. */
const isVersion = (at: Path): boolean => at.join(".") === "manifest.version";

test("no value of a stack or of the manifest can change without being told", () => {
  const { stacks, manifest, dependencies } = lab;
  const plain = JSON.parse(
    JSON.stringify({ manifest, dependencies, stacks: stacks.map(({ name, document }) => ({ name, document })) }),
  );
  const all = leaves(plain).filter((at) => !isVersion(at) && !(at[0] === "stacks" && at[2] === "name"));
  const labsOf = (at: Path, how: "another" | "gone") => ({ base: lab, head: { ...lab, ...changed(plain, at, how) } });
  const isTold = (at: Path, how: "another" | "gone"): boolean =>
    differenceFindings({ labs: labsOf(at, how), planned: [], lists: NO_LISTS, only: [] }).length > 0;
  // A whole report has lists, and what is in a list counts as told; of a stack there is no Terraform that plans it.
  const isSilent = (at: Path, how: "another" | "gone"): boolean =>
    at[0] === "stacks"
      ? !isTold(at, how)
      : reportPlan(labsOf(at, how), { ref: "main" }, []).headline === "Nothing changes.";

  // One of each kind for sure, in a whole report of one of each section, and others by chance.
  const kinds = [...new Map(all.map((at) => [kindOf(at), at])).values()];
  expect(kinds.length).toBeGreaterThan(100);
  // What a rule of the report tells is asked of the report.
  expect(kinds.filter((at) => !isTold(at, "another") && isSilent(at, "another")).map((at) => at.join("."))).toEqual([]);
  const sections = [...new Map(kinds.map((at) => [kindOf(at).split(".").slice(0, 3).join("."), at])).values()];
  expect(sections.length).toBeGreaterThan(20);
  expect(sections.filter((at) => isSilent(at, "another")).map((at) => at.join("."))).toEqual([]);
  const inStacks = all.filter(([first]) => first === "stacks");
  expect(inStacks.length).toBeGreaterThan(1000);
  for (const [some, how] of [
    [all, "another"],
    [inStacks, "gone"],
  ] as const)
    fc.assert(
      fc.property(fc.constantFrom(...some), (at) => !isSilent(at, how)),
      { numRuns: 20 },
    );
});

const NO_LISTS = {
  services: [],
  resources: [],
  addresses: [],
  access: [],
  privileges: [],
  data: [],
  secrets: [],
  abandonedStacks: [],
};

/** A path without what names single things, and without what is inside of an attribute. */
function kindOf(at: Path): string {
  const steps = at[0] === "stacks" ? [at[3], at[4], at[6]] : at.map((step) => (typeof step === "number" ? "*" : step));
  return steps.slice(0, 6).join(".");
}

test("what is written the same changes nothing", () => {
  const copy = JSON.parse(JSON.stringify(lab)) as SynthesizedLab;

  expect(reportPlan({ base: lab, head: copy }, { ref: "main" }, [])).toMatchObject({
    headline: "Nothing changes.",
    findings: [],
  });
});

test.each<[string, unknown, unknown, string[]]>([
  ["a value", { a: 1 }, { a: 2 }, ["a"]],
  ["a value that is gone", { a: { b: 1 } }, { a: {} }, ["a.b"]],
  ["an element that is added in front of others", [{ name: "b" }], [{ name: "a" }, { name: "b" }], ["a"]],
  ["an element by what names it", [{ label: "x", value: "1" }], [{ label: "x", value: "2" }], ["x.value"]],
  ["elements without names", [["a"], ["b"]], [["a"], ["c"]], ["1"]],
  ["lists of words as one", ["a", "b"], ["a", "c"], [""]],
  ["the order of words", ["a", "b"], ["b", "a"], [""]],
  ["null and nothing", { a: null }, {}, ["a"]],
  ["elements of one name", [{ name: "a" }, { name: "a" }], [{ name: "a" }], [""]],
  ["no order of what is waited for", { depends_on: ["a", "b"] }, { depends_on: ["b", "a"] }, []],
])("finds %s", (_what, before, after, expected) => {
  expect(differences(before, after).map(({ path: found }) => found.join("."))).toEqual(expected);
});
