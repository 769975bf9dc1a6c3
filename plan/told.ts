import type { Finding, Severity } from "./findings";
import { accessLine, addressLine, holdLine, secretLine } from "./lines";
import type { BaseFacts, ChangeKind, DataReport, PlanReport } from "./model";

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
    { title: "Findings", urgent: true, lines: findings(report, ["danger", "warning"]) },
    { title: "Data", urgent: true, lines: report.data.map(dataLine) },
    { title: "Hold on hosts", urgent: true, lines: report.privileges.map(holdLine) },
    { title: "Restarts", urgent: true, lines: restarts(report) },
    { title: "Access", urgent: true, lines: report.access.map(accessLine) },
    { title: "Addresses", urgent: false, lines: report.addresses.map(addressLine) },
    { title: "Secrets to set", urgent: true, lines: report.secrets.map(secretLine) },
    { title: "Notes", urgent: true, lines: report.notes },
    { title: "Other changes", urgent: false, lines: findings(report, ["note"]) },
  ];
  return all.filter(({ lines }) => lines.length > 0);
}

/** What no other section tells. */
function findings({ findings: all }: PlanReport, severities: readonly Severity[]): string[] {
  return all.filter(({ list, severity }) => list === undefined && severities.includes(severity)).map(findingLine);
}

function findingLine({ concern, severity, message }: Finding): string {
  return severity === "danger" ? `${WORDS[concern]}: ${message}` : message;
}

const WORDS: Readonly<Record<Finding["concern"], string>> = {
  destroyed: "DESTROYED",
  "starts-empty": "STARTS EMPTY",
  relocated: "MUST BE COPIED",
  irreversible: "CAN'T BE UNDONE",
  unseen: "CAN'T BE COMPARED",
  public: "PUBLIC",
  "host-root": "HOLD ON THE HOST",
  trust: "TRUST",
  secrets: "SECRETS",
  "not-backed-up": "NO BACKUP",
  people: "PEOPLE",
  removed: "REMOVED",
  restarts: "RESTARTS",
  other: "OTHER",
};

function dataLine({ risk, severity, message }: DataReport): string {
  return `${severity === undefined ? RISKS[risk] : "TO BE CHECKED"}: ${message}`;
}

const RISKS = {
  destroyed: "DESTROYED",
  relocated: "MUST BE COPIED",
  "starts-empty": "LEFT BEHIND",
  irreversible: "CAN'T BE UNDONE",
  kept: "mounted elsewhere",
  released: "released",
  returns: "returns",
  "not-backed-up": "NO BACKUP",
} as const;

function restarts({ services }: PlanReport): string[] {
  return services.flatMap(({ service, restarts: own, dependents, change }) => {
    const lines = own.map(({ container, causes }) => `${container}: ${causes.join(", ") || "is made anew"}`);
    const needed =
      dependents.length === 0 ? [] : [`${service} is needed by ${dependents.join(", ")}, interrupted meanwhile`];
    return change === "added" ? lines : [...lines, ...needed];
  });
}
