import { BackupAgent, BackupEngine, type BackupAgentProps, type Host } from "../../constructs";

/** The images of the engines. */
const BORGMATIC = { image: "ghcr.io/borgmatic-collective/borgmatic:2.1.10" }; // https://github.com/borgmatic-collective/docker-borgmatic
const RESTIC = { image: "docker.io/restic/restic:0.19.1" }; // https://github.com/restic/restic/releases

/** Options of `backupAgent()`. */
export interface BackupAgentOptions extends Omit<BackupAgentProps, "engine"> {
  /**
   * The program that makes the copies: one of the two, from a pinned image, or from an image of one's own.
   *
   * @default "borgmatic"
   */
  readonly engine?: "borgmatic" | "restic" | BackupEngine;
}

/** The backup agent of a host, which carries out `Backup.nightly()` of all services whose data is there. */
export function backupAgent(host: Host, options: BackupAgentOptions): BackupAgent {
  const { engine = "borgmatic", ...props } = options;
  return new BackupAgent(host, { ...props, engine: engineOf(engine) });
}

function engineOf(engine: "borgmatic" | "restic" | BackupEngine): BackupEngine {
  if (engine === "borgmatic") return BackupEngine.borgmatic(BORGMATIC);
  return engine === "restic" ? BackupEngine.restic(RESTIC) : engine;
}
