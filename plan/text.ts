import type { Colors } from "picocolors/types";
import { resourceLine, serviceChange } from "./lines";
import type { PlanReport } from "./model";
import { plainly } from "../contract/plain";
import { baseLine, COLUMNS, sections } from "./told";

/** A plan for a terminal. */
export function planAsText(
  plan: PlanReport,
  colors: Colors,
  table: (rows: readonly (readonly string[])[]) => string,
): string {
  const report = plainly(plan);
  const { headline } = report;
  const parts = [
    baseLine(report.base),
    colors.bold(report.findings.some(({ severity }) => severity === "danger") ? colors.red(headline) : headline),
  ];
  const columns = COLUMNS.filter(([kind]) => report.services.some(({ counts }) => counts[kind] > 0));
  if (report.services.length > 0) {
    const heading = ["SERVICE", "HOST", "WHAT", ...columns.map(([, title]) => title)].map((name) => colors.bold(name));
    const rows = report.services.map((service) => [
      colors.cyan(service.service),
      service.host,
      serviceChange(service),
      ...columns.map(([kind]) => {
        const count = service.counts[kind];
        return count === 0 ? "-" : kind === "destroyed" ? colors.red(String(count)) : String(count);
      }),
    ]);
    parts.push(table([heading, ...rows]));
  }
  for (const { title, lines } of sections(report)) parts.push([colors.bold(title), ...lines.map(item)].join("\n"));
  const rest = report.resources.filter(
    ({ service }) => service === undefined || !report.services.some((known) => known.service === service),
  );
  const shown = report.services.length > 0 ? rest : report.resources;
  if (shown.length > 0)
    parts.push(
      [
        colors.bold(report.services.length > 0 ? "Resources of no single service" : "Resources"),
        ...shown.map(resourceLine).map(item),
      ].join("\n"),
    );
  if (report.steps.length > 0) {
    parts.push(
      [
        colors.bold("Steps"),
        ...report.steps.flatMap(({ command, why }, index) => [
          `  ${index + 1}. ${colors.cyan(command)}`,
          `     ${why}`,
        ]),
      ].join("\n"),
    );
  }
  return parts.join("\n\n");
}

function item(line: string): string {
  return `  ${line}`;
}
