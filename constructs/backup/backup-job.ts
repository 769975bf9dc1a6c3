import type { BackupFacts } from "../../contract/service-facts";
import type { DrillFacts } from "../data/drill";
import type { Dump } from "../data/dumps";

/** Something that a job copies: files of the host as they are, or what a program hands out. */
export type Source = { readonly part: string } & ({ readonly kind: "volume" | "folder"; readonly name: string } | Dump);

/** A command in a container. */
export interface Hook {
  /** The container. */
  readonly container: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/** What the agent of one host does for one service. */
export interface BackupJob {
  /** The service. */
  readonly service: string;
  /** The host. */
  readonly host: string;
  /** The service's folder in each repository. */
  readonly folder: string;
  /** Times of day, in the host's time zone. */
  readonly at: readonly string[];
  /** How many copies are kept. */
  readonly keep: BackupFacts["keep"];
  /** How often its restore is rehearsed. */
  readonly drill: DrillFacts["every"];
  /** What is done to the containers while files are copied. */
  readonly quiesce: "pause" | "stop" | "none";
  /** The service's containers on the host, in the order in which they start. */
  readonly containers: readonly string[];
  /** What is copied. */
  readonly sources: readonly Source[];
  /** What runs before. */
  readonly before: readonly Hook[];
  /** What runs afterwards, whatever happened. */
  readonly after: readonly Hook[];
}

/** Whether something is dumped. */
export function hasDumps({ sources }: Pick<BackupJob, "sources">): boolean {
  return sources.some(({ kind }) => kind !== "volume" && kind !== "folder");
}
