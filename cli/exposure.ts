import { Option, type Command } from "commander";
import { exposureSummary, reportExposure, type ExposureReport } from "../plan/exposure";
import { markdownTable } from "../plan/markdown";
import { escaped } from "../plan/markdown-text";
import { plainJson, plainly } from "../contract/plain";
import { readLab } from "../plan/synthesize";
import type { StackDocument } from "../offline/providers";
import { colors } from "./colors";
import { currentLab } from "./lab";
import type { ManifestOptions } from "./manifest";
import { UserError } from "../process/user-error";
import { table } from "./table";

/** `homelab exposure`: who reaches what, by service and by group of people. */
export function addExposure(program: Command): void {
  program
    .command("exposure")
    .description("tell who reaches what: every route, published port, tunnel and database, with its guard")
    .addOption(new Option("--format <format>", "how it is told").choices(["text", "markdown", "json"]).default("text"))
    .action(async ({ format }: { format: string }) => {
      const manifest = await currentLab(program);
      const report = reportExposure({ manifest, stacks: writtenStacks(program.opts<ManifestOptions>().out) });
      if (format === "json") console.log(plainJson(report));
      else console.log(format === "markdown" ? asMarkdown(report) : asText(plainly(report)));
    });
}

/** What Terraform is told: who reaches what is asked of that. */
function writtenStacks(out: string): readonly StackDocument[] {
  try {
    return readLab(out).stacks;
  } catch (error) {
    throw new UserError(
      `the stacks in ${out} can't be read, synthesize the lab again: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

const HEADING = ["service", "part", "kind", "address", "from", "who", "guard"];

function rows({ entries }: ExposureReport): (readonly [boolean, readonly string[]])[] {
  return entries.map(({ service = "-", part = "-", kind, address, from, who, guard, isOpen }) => [
    isOpen,
    [service, part, kind, address, from, who.join("; ") || "nobody", guard],
  ]);
}

const PEOPLE = ["people", "pass to"];

/** Each person with what those before have not. */
function passing({ people }: ExposureReport): string[][] {
  return people.map(({ name, ownAddresses }, index) => {
    const addresses = ownAddresses.join(", ");
    if (index === 0) return [name, addresses || "-"];
    const others = index === 1 ? "what is open" : "what an account is enough for";
    return [name, addresses === "" ? others : `${others}, and ${addresses}`];
  });
}

function asText(report: ExposureReport): string {
  const lines = rows(report).map(([isOpen, cells]) => {
    const [service = "", part = "", kind = "", address = "", from = "", ...rest] = cells;
    return [colors.cyan(service), part, kind, address, isOpen ? colors.red(from) : from, ...rest];
  });
  const bold = (names: readonly string[]): string[] => names.map((name) => colors.bold(name.toUpperCase()));
  const all = [exposureSummary(report), table([bold(HEADING), ...lines]), table([bold(PEOPLE), ...passing(report)])];
  return all.join("\n\n");
}

function asMarkdown(report: ExposureReport): string {
  const lines = rows(report).map(([isOpen, cells]) =>
    cells.map((cell, index) => (isOpen && HEADING[index] === "from" ? `**${escaped(cell)}**` : escaped(cell))),
  );
  const people = passing(report).map((cells) => cells.map(escaped));
  return [
    `**${escaped(exposureSummary(report))}**`,
    markdownTable([HEADING, ...lines]),
    markdownTable([PEOPLE, ...people]),
  ].join("\n\n");
}
