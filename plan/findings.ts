/** What a reviewer weighs, the worst first: the order of the first line and of the findings. */
export const CONCERNS = [
  /** Data is destroyed. */
  "destroyed",
  /** A container finds nothing where its data was. */
  "starts-empty",
  /** Data is in another place now, and somebody said how it gets there. */
  "relocated",
  /** What the new version does to data can't be taken back. */
  "irreversible",
  /** Something could not be compared. */
  "unseen",
  /** Everybody on the internet reaches it. */
  "public",
  /** A container rules its host, or other services on it. */
  "host-root",
  /** Who deploys what, from where, under which protection. */
  "trust",
  /** Values that are no secret any more, or become others. */
  "secrets",
  /** Data is no longer backed up, or less often. */
  "not-backed-up",
  /** Who may pass the sign-on. */
  "people",
  /** Something is gone, and its data stays. */
  "removed",
  /** Something stops for a while. */
  "restarts",
  /** All the rest. */
  "other",
] as const;

/** One of the things that a reviewer weighs. */
export type Concern = (typeof CONCERNS)[number];

/** `danger` fails a gate, `warning` has to be read, `note` is the rest. */
export type Severity = "danger" | "warning" | "note";

/** One thing that a change does, in the words of who runs the lab. The first line and all gates follow from these. */
export interface Finding {
  /** What it is about. */
  readonly concern: Concern;
  /** How grave it is. */
  readonly severity: Severity;
  /** What exactly, where the concern alone does not say it: `host-network`, `renamed`. It decides the words of the first line. */
  readonly kind?: string;
  /** A few words for the first line: `volume git_data`, `paperless/db`. */
  readonly subject: string;
  /** One sentence: what, where, what to do. */
  readonly message: string;
  /** The service. */
  readonly service?: string;
  /** The part of the service. */
  readonly part?: string;
  /** The container. */
  readonly container?: string;
  /** The host. */
  readonly host?: string;
  /** Where in which document, for what no rule knows. */
  readonly path?: string;
  /** The list of the report that tells it with its details. */
  readonly list?: "data" | "access" | "addresses" | "privileges" | "services" | "resources" | "secrets" | "stacks";
}

/** The concerns about data: a change without one of these loses none. */
export const DATA_LOSS: readonly Concern[] = ["destroyed", "starts-empty", "relocated", "irreversible"];

const GATED = {
  "data-loss": DATA_LOSS,
  "public-exposure": ["public"],
  "host-privilege": ["host-root"],
  "backup-loss": ["not-backed-up"],
  trust: ["trust", "secrets", "people"],
} as const satisfies Readonly<Record<string, readonly Concern[]>>;

/** What `--fail-on` takes, beside `any`. */
export type Gate = keyof typeof GATED | "any";

/** All gates. */
export const GATES: readonly Gate[] = [...(Object.keys(GATED) as (keyof typeof GATED)[]), "any"];

/** Whether a gate is shut. What could not be compared shuts every one. */
export function isShut(gate: Gate, findings: readonly Finding[]): boolean {
  const concerns: readonly Concern[] = gate === "any" ? Object.values(GATED).flat() : GATED[gate];
  return findings.some(
    ({ concern, severity }) => concern === "unseen" || (severity === "danger" && concerns.includes(concern)),
  );
}

/** Whether data is lost or in danger of it: destroyed, left behind, unprotected, not backed up, or nobody can tell. */
export function risksData(findings: readonly Finding[]): boolean {
  return findings.some(
    ({ concern, severity, kind }) =>
      concern === "unseen" ||
      (severity === "danger" && (DATA_LOSS.includes(concern) || concern === "not-backed-up" || kind === UNPROTECTED)),
  );
}

/** The kind of a finding that says that data lost its protection. */
export const UNPROTECTED = "unprotected";

/** How a command ends that was asked whether something changes: 0 for nothing at all, 3 where data is at risk, else 2. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 2 | 3 {
  if (findings.length === 0) return 0;
  return risksData(findings) ? 3 : 2;
}

const SEVERITIES: readonly Severity[] = ["danger", "warning", "note"];

/** Findings in the order of the first line; those of one concern and severity as they were found. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  const rank = ({ concern, severity }: Finding): number => CONCERNS.indexOf(concern) * 3 + SEVERITIES.indexOf(severity);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}
