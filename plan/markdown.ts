import { resourceLine, serviceChange } from "./lines";
import { codeSpan, escaped } from "./markdown-text";
import type { PlanReport } from "./model";
import { baseLine, COLUMNS, sections, type Section } from "./told";

/** What marks the comment of a plan, so that the next one takes its place. */
export const COMMENT_MARK = "<!-- homelab plan -->";

/** The longest comment that GitHub takes (Forgejo takes longer ones), with room for what a workflow adds. */
const LONGEST = 64_000;

/** A part of a comment. */
interface Piece {
  /** How it is called where it is left out. */
  readonly title: string;
  readonly text: string;
  /** What is left out first where a comment gets too long has the highest number. */
  readonly rank: number;
}

/** A plan as a comment of a pull request: what matters in sight, details folded, and what is too long left out last. */
export function planAsMarkdown(report: PlanReport): string {
  const all = pieces(report);
  const kept = [...all];
  while (together(kept, all).length > LONGEST) {
    const least = Math.max(...kept.map(({ rank }) => rank));
    const index = kept.findLastIndex(({ rank }) => rank === least);
    const [cut] = kept.splice(index, 1);
    // The last section that is left is cut itself: at its end are the smaller things.
    if (kept.length === HEAD && cut) {
      kept.push({ ...cut, text: start(cut.text, LONGEST - together(kept, all).length) });
      break;
    }
  }
  return together(kept, all);
}

/** The mark, the first line and the base. */
const HEAD = 3;

function together(kept: readonly Piece[], all: readonly Piece[]): string {
  const missing = all.filter(({ title }) => !kept.some((one) => one.title === title)).map(({ title }) => title);
  const isCut = kept.some(({ title, text }) => text !== all.find((one) => one.title === title)?.text);
  const note =
    missing.length === 0 && !isCut
      ? []
      : [
          `The report is longer than a comment may be: ${[...(isCut ? ["the end of the section above"] : []), ...missing].join(", ")} left out, and \`npx homelab plan\` prints all of it.`,
        ];
  return `${[...kept.map(({ text }) => text), ...note].join("\n\n")}\n`;
}

/** As many whole lines as there is room for, with a note that tells of the rest. */
function start(text: string, room: number): string {
  return text.slice(0, Math.max(0, room - 600)).replace(/\n[^\n]*$/, "");
}

/** What a comment has, in the order in which it is shown. */
function pieces(report: PlanReport): Piece[] {
  const head = [COMMENT_MARK, `**${escaped(report.headline)}**`, escaped(baseLine(report.base))];
  const columns = COLUMNS.filter(([kind]) => report.services.some(({ counts }) => counts[kind] > 0));
  const rows = report.services.map((service) => [
    `**${escaped(service.service)}**`,
    escaped(service.host),
    escaped(serviceChange(service)),
    ...columns.map(([kind]) => (service.counts[kind] === 0 ? "" : String(service.counts[kind]))),
  ]);
  const titles = ["service", "host", "what", ...columns.map(([, title]) => title.toLowerCase())];
  const all = sections(report);
  const urgent = all.filter((section) => section.urgent);
  const details = all.filter((section) => !section.urgent);
  const steps = report.steps.map(({ command, why }, index) => `${index + 1}. ${codeSpan(command)}<br>${escaped(why)}`);
  const resources = report.resources.map(resourceLine);
  return [
    ...head.map((text, index) => ({ title: `line ${index + 1}`, text, rank: -1 })),
    ...(rows.length > 0 ? [{ title: "the table by service", text: markdownTable([titles, ...rows]), rank: 50 }] : []),
    ...urgent.map((section) => ({ title: section.title, text: open(section), rank: RANKS[section.title] ?? 40 })),
    ...details.map(({ title, lines }) => ({ title, text: folded(title, list(lines)), rank: 60 })),
    ...(steps.length > 0
      ? [{ title: "Steps of the deployment", text: folded("Steps of the deployment", steps.join("\n")), rank: 45 }]
      : []),
    ...(resources.length > 0
      ? [{ title: "Resources", text: folded(`${resources.length} resources`, list(resources)), rank: 70 }]
      : []),
  ];
}

/** What stays longest. */
const RANKS: Readonly<Record<string, number>> = { Findings: 0, Data: 1, Access: 2, "Hold on hosts": 3 };

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
