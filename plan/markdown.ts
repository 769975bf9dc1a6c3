import { resourceLine, serviceChange } from "./lines";
import { codeSpan, escaped } from "./markdown-text";
import type { PlanReport } from "./model";
import { baseLine, COLUMNS, sections, type Section } from "./told";

/** What marks the comment of a plan, so that the next one takes its place. */
export const COMMENT_MARK = "<!-- homelab plan -->";

/** The longest comment that GitHub takes (Forgejo takes longer ones), with room for what a workflow adds. */
const LONGEST = 64_000;

/** A plan as a comment of a pull request: what matters in sight, details folded. */
export function planAsMarkdown(report: PlanReport): string {
  const whole = render(report, report.resources.length);
  if (whole.length <= LONGEST) return whole;
  let shown = report.resources.length;
  while (shown > 0) {
    shown = Math.floor(shown / 2);
    const shorter = render(report, shown);
    if (shorter.length <= LONGEST) return shorter;
  }
  const note = "\n\nThe report is longer than a comment may be: `npx homelab plan` prints all of it.\n";
  return `${whole.slice(0, LONGEST - note.length).replace(/\n[^\n]*$/, "")}${note}`;
}

function render(report: PlanReport, shown: number): string {
  const parts = [COMMENT_MARK, `**${escaped(report.headline)}**`, escaped(baseLine(report.base))];
  const columns = COLUMNS.filter(([kind]) => report.services.some(({ counts }) => counts[kind] > 0));
  if (report.services.length > 0) {
    const titles = ["service", "host", "what", ...columns.map(([, title]) => title.toLowerCase())];
    const rows = report.services.map((service) => [
      `**${escaped(service.service)}**`,
      escaped(service.host),
      escaped(serviceChange(service)),
      ...columns.map(([kind]) => (service.counts[kind] === 0 ? "" : String(service.counts[kind]))),
    ]);
    parts.push(markdownTable([titles, ...rows]));
  }
  const all = sections(report);
  for (const section of all.filter(({ urgent }) => urgent)) parts.push(open(section));
  for (const section of all.filter(({ urgent }) => !urgent)) parts.push(folded(section.title, list(section.lines)));
  if (report.steps.length > 0) {
    const steps = report.steps.map(
      ({ command, why }, index) => `${index + 1}. ${codeSpan(command)}<br>${escaped(why)}`,
    );
    parts.push(folded("Steps of the deployment", steps.join("\n")));
  }
  if (report.resources.length > 0) {
    const lines = report.resources.slice(0, shown).map(resourceLine);
    const rest = report.resources.length - lines.length;
    const more = rest === 0 ? [] : [`and ${rest} more, which "npx homelab plan" lists`];
    parts.push(folded(`${report.resources.length} resources`, list([...lines, ...more])));
  }
  return `${parts.join("\n\n")}\n`;
}

/** Rows as a table of Markdown; the first one is the heading, and the cells are escaped already. */
export function markdownTable([heading = [], ...rows]: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [row(heading), row(heading.map(() => "---")), ...rows.map(row)].join("\n");
}

function open({ title, lines }: Section): string {
  return `**${title}**\n\n${list(lines)}`;
}

function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${escaped(line)}`).join("\n");
}
