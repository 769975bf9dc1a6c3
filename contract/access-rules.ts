/** One rule in Authelia's format. */
export interface AccessRule {
  /** Host names. */
  readonly domain: readonly string[];
  /**
   * Regular expressions of Go over path and query; any matches.
   *
   * @default - every path
   */
  readonly resources?: readonly string[];
  /** What is asked. */
  readonly policy: "bypass" | "one_factor" | "two_factor" | "deny";
  /**
   * Who the rule is about; any matches.
   *
   * @default - everybody
   */
  readonly subject?: readonly (string | readonly string[])[];
}

/** Authelia's `access_control`. */
export interface AccessControlDocument {
  /** What holds where no rule matches. */
  readonly default_policy: "deny";
  /** The rules; the first that matches counts. */
  readonly rules: readonly AccessRule[];
}
