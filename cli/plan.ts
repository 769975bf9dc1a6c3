import * as fs from "node:fs";
import * as path from "node:path";
import { Option, type Command } from "commander";
import { alternatives } from "../contract/text";
import { Repository } from "../plan/base";
import { makeTemporaryFolder } from "../offline/temporary-folder";
import { Children } from "../process/children";
import { compareLabs } from "../plan/compare";
import { provideDependencies } from "../plan/dependencies";
import { exitCodeOf, GATES, isShut, type Gate } from "../plan/findings";
import type { ComparedLabs, SynthesizedLab } from "../plan/labs";
import { planAsMarkdown } from "../plan/markdown";
import type { BaseFacts, PlanReport } from "../plan/model";
import { plainJson } from "../contract/plain";
import { reportPlan } from "../plan/report";
import { readLab, synthesize } from "../plan/synthesize";
import { planAsText } from "../plan/text";
import { colors } from "./colors";
import { currentLab } from "./lab";
import type { ManifestOptions } from "./manifest";
import { UserError } from "../process/user-error";
import { table } from "./table";
import { untilEnd, type Defer } from "../process/until-end";

interface PlanOptions {
  readonly base?: string;
  readonly format: "text" | "markdown" | "json";
  readonly exitCode?: boolean;
  readonly failOn: readonly Gate[];
  readonly headDependencies?: boolean;
}

/** `homelab plan`: what a change of the code does to the lab, planned offline and told by service. */
export function addPlan(program: Command): void {
  program
    .command("plan")
    .description("tell what the code changes, against a commit, without credentials or hosts")
    .argument("[stack...]", "names of stacks")
    .option("--base <ref>", 'a branch, tag or commit; "none" is an empty lab', undefined)
    .addOption(new Option("--format <format>", "how it is told").choices(["text", "markdown", "json"]).default("text"))
    .option("--exit-code", "end with 0 when nothing changes, 2 when something does, 3 when data is at risk")
    .option("--fail-on <what>", `end with 1 on ${GATES.join(", ")}; several with commas`, failOn, [])
    .option("--head-dependencies", "synthesize the base with the dependencies of the working tree")
    .addHelpText(
      "after",
      "\nWithout --base it is the merge base with the default branch; on that branch itself, the commit before.",
    )
    .action(async (names: string[], options: PlanOptions) => {
      const { out } = program.opts<ManifestOptions>();
      if (options.base === "none") await currentLab(program); // which says what is wrong with it
      const report = await untilEnd((defer) =>
        options.base === "none" ? planFromNothing(out, names, defer) : planAgainstBase(names, options, defer),
      );
      console.log(rendered(report, options.format));
      process.exitCode = exitCode(report, options);
    });
}

function failOn(value: string): Gate[] {
  return value.split(",").map((word) => {
    const found = GATES.find((known) => known === word.trim());
    if (!found) throw new UserError(`'--fail-on' takes ${alternatives(GATES)}, got ${JSON.stringify(word)}`);
    return found;
  });
}

/** Plans what was synthesized last, as if nothing was there. */
async function planFromNothing(out: string, names: readonly string[], defer: Defer): Promise<PlanReport> {
  return report({ head: readLab(out) }, { ref: "none" }, names, [], defer);
}

/** Synthesizes a commit and the working tree, each into a folder that is gone afterwards. */
async function planAgainstBase(names: readonly string[], options: PlanOptions, defer: Defer): Promise<PlanReport> {
  const children = new Children();
  const repository = await Repository.of(process.cwd(), children);
  const facts = await repository.find(options.base);
  const folder = makeTemporaryFolder("synth");
  defer(() => fs.rmSync(folder, { recursive: true, force: true }));
  const worktree = repository.newWorktree();
  defer(() => repository.removeWorktree(worktree));
  defer(() => children.end());
  const baseProject = await repository.checkOut(facts, worktree);
  const project = path.relative(repository.root, fs.realpathSync(process.cwd()));
  const trees = { head: repository.root, base: worktree, project };
  const notes = await provideDependencies(trees, { headDependencies: options.headDependencies ?? false }, children);
  if (await repository.isDirty())
    notes.unshift("the working tree has changes that are in no commit: it was planned as it is");
  // A base that lacks a line of the ledger is history: it is not held against anybody.
  const { CI: _ci, ...lenient } = process.env;
  const [base, head] = await Promise.all([
    synthesize(baseProject, path.join(folder, "base"), `the base ${facts.ref}`, children, lenient),
    synthesize(process.cwd(), path.join(folder, "head"), "the working tree", children),
  ]);
  return report({ base, head }, facts, names, notes, defer);
}

async function report(
  labs: ComparedLabs,
  base: BaseFacts,
  names: readonly string[],
  notes: readonly string[],
  defer: Defer,
): Promise<PlanReport> {
  checkNames(labs.head, names);
  const { planned, notes: found } = await compareLabs(labs, { names, defer });
  const limited = names.length === 0 ? [] : [`only ${names.join(", ")} ${names.length === 1 ? "was" : "were"} planned`];
  return reportPlan(labs, base, planned, [...notes, ...limited, ...found], names);
}

function checkNames({ stacks }: SynthesizedLab, names: readonly string[]): void {
  const known = stacks.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name))
      throw new UserError(`there is no stack ${JSON.stringify(name)}, there are ${known.join(", ")}`);
  }
}

function rendered(plan: PlanReport, format: PlanOptions["format"]): string {
  if (format === "json") return plainJson(plan);
  return format === "markdown" ? planAsMarkdown(plan) : planAsText(plan, colors, table);
}

function exitCode(plan: PlanReport, { exitCode: wanted, failOn: gates }: PlanOptions): number {
  if (gates.some((gate) => isShut(gate, plan.findings))) return 1;
  return wanted === true ? exitCodeOf(plan.findings) : 0;
}
