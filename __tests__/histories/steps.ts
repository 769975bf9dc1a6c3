import type { Code } from "./code";
import type { Edit } from "./edits";
import type { Rendered } from "./synthesis";
import type { State, Thing } from "./terraform-model";

/** One step of a history, as it was drawn. */
export type Step =
  | (Edit & { readonly synthesized?: false })
  | { readonly do: "deploy" | "redeploy" | "branch" | "merge" | "retire" | "stage"; readonly on: number };

/** A step as somebody writes it: a change of the code, told in words. */
export interface Written {
  readonly do: "write";
  readonly what: string;
  readonly change: (code: Code) => void;
}

/** Terraform is handed this, and ends up with that. */
export interface Deployed {
  readonly stacks: Rendered["stacks"];
  readonly places: Rendered["places"];
  readonly adopted: readonly string[];
  readonly states: Readonly<Record<string, State>>;
  /** What is there afterwards and keeps data, or is what data depends on. */
  readonly things: readonly Thing[];
  /** What its person destroys then, since it was retired. */
  readonly destroyedByHand: Thing[];
}

/** How a history went. */
export interface Played {
  /** What happened, in words. */
  readonly story: readonly string[];
  /** What was promised and did not hold: the last step of the story. */
  readonly broken?: string;
  readonly deployments: readonly Deployed[];
  /** How many syntheses were refused, by the first words of the reason. */
  readonly refused: readonly string[];
}
