import { GRANTS } from "../constructs/host-privilege";
import type { BaseFacts, ChangeKind, PlanReport, ResourceReport, ServiceReport } from "./model";

/** One section of a report: a title, and its lines. */
export interface Section {
  /** The title. */
  readonly title: string;
  /** The lines. */
  readonly lines: readonly string[];
  /** Whether it is what a reviewer must see. */
  readonly urgent: boolean;
}

/** What a plan was held against, and what it is not. */
export function baseLine({ ref, commit, subject }: BaseFacts): string {
  if (ref === "none") return "Against an empty lab, planned offline.";
  const what = [
    ref,
    ...(commit !== undefined && commit !== ref ? [commit.slice(0, 9)] : []),
    ...(subject === undefined ? [] : [JSON.stringify(subject)]),
  ];
  return `Against ${what.join(", ")}, applied offline. This is what the code changes, not what is deployed: "npx cdktf diff STACK" tells that.`;
}

/** What becomes of a service, in a word or two. */
export function serviceChange({ change, renamedFrom, relocatedFrom, host, restarts }: ServiceReport): string {
  const said = [
    ...(change === "changed" ? [] : [change]),
    ...(renamedFrom === undefined ? [] : [`from ${renamedFrom}`]),
    ...(relocatedFrom === undefined || relocatedFrom === host ? [] : [`from ${relocatedFrom}`]),
    ...(restarts.length > 0 ? ["restarts"] : []),
  ];
  return said.join(", ") || "changes in place";
}

/** The columns of the table by service. */
export const COLUMNS: readonly (readonly [ChangeKind, string])[] = [
  ["created", "CREATED"],
  ["adopted", "ADOPTED"],
  ["changed", "CHANGED"],
  ["restarted", "RESTARTED"],
  ["repeated", "RUN AGAIN"],
  ["renamed", "RENAMED"],
  ["released", "RELEASED"],
  ["replaced", "REPLACED"],
  ["destroyed", "DESTROYED"],
];

/** Everything of a report below its table, in the order in which a reviewer wants it. */
export function sections(report: PlanReport): Section[] {
  const all: Section[] = [
    { title: "Data", urgent: true, lines: report.data.map(({ risk, message }) => `${RISKS[risk]}: ${message}`) },
    { title: "Hold on hosts", urgent: true, lines: holds(report) },
    { title: "Restarts", urgent: true, lines: restarts(report) },
    { title: "Access", urgent: true, lines: access(report) },
    { title: "Addresses", urgent: false, lines: addresses(report) },
    { title: "Secrets to set", urgent: true, lines: secrets(report) },
    { title: "Notes", urgent: true, lines: report.notes },
  ];
  return all.filter(({ lines }) => lines.length > 0);
}

const RISKS = {
  destroyed: "DESTROYED",
  relocated: "MUST BE COPIED",
  "starts-empty": "LEFT BEHIND",
  released: "released",
  returns: "returns",
  "not-backed-up": "NO BACKUP",
} as const;

function holds({ privileges }: PlanReport): string[] {
  return privileges.map(({ change, container, host, means, grants, reason }) => {
    const gets = change === "appears" ? "gets" : "no longer has";
    const why = reason === undefined ? "" : ` (${reason})`;
    return `${container} ${gets} ${GRANTS[grants]} ${host}, by ${means}${why}`;
  });
}

function restarts({ services }: PlanReport): string[] {
  return services.flatMap(({ service, restarts: own, dependents, change }) => {
    const lines = own.map(({ container, causes }) => `${container}: ${causes.join(", ") || "is made anew"}`);
    const needed =
      dependents.length === 0 ? [] : [`${service} is needed by ${dependents.join(", ")}, interrupted meanwhile`];
    return change === "added" ? lines : [...lines, ...needed];
  });
}

function access({ access: all }: PlanReport): string[] {
  const who = (names: readonly string[]): string => (names.length > 0 ? names.join(", ") : "nobody");
  return all.map(({ address, change, before, after, becomesPublic }) => {
    const open = becomesPublic ? "PUBLIC, " : "";
    if (change === "appears") return `${open}${address} is new: ${who(after)}`;
    return `${open}${address} ${change}: ${who(before)} → ${who(after)}`;
  });
}

function addresses({ addresses: all }: PlanReport): string[] {
  return all.map(({ change, address, before = "", after = "", becomesPublic = false }) => {
    const target = change === "changes" ? `${before} → ${after}` : before || after;
    return `${becomesPublic ? "PUBLIC, " : ""}${address} ${change}${target ? ` (${target})` : ""}`;
  });
}

function secrets({ secrets: all }: PlanReport): string[] {
  return all.map(
    ({ name, variable, stacks, why }) =>
      `${variable}, for ${stacks.join(", ")}: ${why}${name === variable.slice(7) ? "" : `, ${name}`}`,
  );
}

/** One resource in a line. */
export function resourceLine({ kind, stack, address, previousAddress, causes }: ResourceReport): string {
  const from = previousAddress === undefined ? "" : `, was ${previousAddress}`;
  const why = causes.length === 0 ? "" : `: ${causes.join(", ")}`;
  return `${kind} ${address} (${stack}${from})${why}`;
}

/** Text of other people, without what a terminal or a page would take for its own: control characters. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) =>
    character === "\n" ? "⏎" : "�",
  );
}
