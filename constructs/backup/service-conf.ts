import { shellWord } from "../../contract/text";
import type { BackupJob, Source } from "./backup-job";

/** What holds for all jobs of a host. */
export interface LabConf {
  /** The host. */
  readonly host: string;
  /** The engine, and its image. */
  readonly engine: readonly [kind: string, image: string];
  /** Of each repository its name, kind and location. */
  readonly repositories: readonly (readonly [name: string, kind: string, location: string])[];
  /** Bytes of memory, processors, and KiB per second, as far as they are limited. */
  readonly limits: readonly (number | undefined)[];
}

/**
 * The configurations are read by the shell of the agent's program: each line is a call of a function with plain words,
 * so that one file serves each of its verbs.
 */
export function labConf({ host, engine, repositories, limits }: LabConf): string {
  return lines([
    ["host", host],
    ["engine", ...engine],
    ...repositories.map((repository) => ["repository", ...repository]),
    ["limits", ...limits.map((limit) => (limit === undefined ? "-" : String(limit)))],
  ]);
}

/** The configuration of one service. */
export function serviceConf(job: BackupJob): string {
  const { daily, weekly, monthly, yearly } = job.keep;
  return lines([
    ["service", job.service, job.folder],
    ["keep", ...[daily, weekly, monthly, yearly].map(String)],
    ["quiesce", job.quiesce],
    ...job.containers.map((container) => ["container", container]),
    ...job.sources.map(sourceLine),
    ...job.before.map(({ container, command }) => ["command_before", container, ...command]),
    ...job.after.map(({ container, command }) => ["command_after", container, ...command]),
  ]);
}

function sourceLine(source: Source): readonly string[] {
  switch (source.kind) {
    case "volume":
    case "folder":
      return [source.kind, source.part, source.name];
    case "postgres":
      return [source.kind, source.part, source.container, source.database, source.owner, source.superuser];
    case "redis":
      return [source.kind, source.part, source.container];
  }
}

function lines(calls: readonly (readonly string[])[]): string {
  return calls.map((words) => `${words.map(shellWord).join(" ")}\n`).join("");
}
