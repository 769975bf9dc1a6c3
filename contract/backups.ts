/** What the backup agent of a host carries out, and what it tells of it: shared by what declares it and by the commands. */

/** Where the program of the agent is on its host. */
export const BACKUP_AGENT = "/etc/homelab/backup/agent";

/** A place that copies go to. */
export interface BackupRepositoryFacts {
  /** Its name, one for the lab. */
  readonly name: string;
  /** How it is reached. */
  readonly kind: "local" | "ssh" | "s3" | "rest";
  /** Where it is, without a secret: a folder or a URL. Each service has its own folder below. */
  readonly location: string;
  /** Whether it outlives the host. */
  readonly offsite: boolean;
}

/** The backup agent of a host. */
export interface BackupAgentFacts {
  /** The host. */
  readonly host: string;
  /** The program that makes the copies. */
  readonly engine: "borgmatic" | "restic";
  /** The image that it runs from. */
  readonly image: string;
  /** Where copies go, each to all of them. */
  readonly repositories: readonly BackupRepositoryFacts[];
  /** The services of which it backs something up, also those on other hosts whose databases are here. */
  readonly services: readonly string[];
}

/** How something went: all of it, or not. */
export type BackupResult = "ok" | "failed";

/** What every record has. Times are in UTC, `2026-11-25T02:30:00Z`. */
interface Timed {
  readonly service: string;
  readonly host: string;
  readonly started: string;
  readonly ended: string;
  readonly seconds: number;
  readonly result: BackupResult;
  /** What happened, in one sentence. */
  readonly message: string;
}

/** A run of a service's backup. */
export interface BackupRecord extends Timed {
  readonly kind: "backup";
  /** When a run last went well, if one did. */
  readonly lastSuccess: string | null;
  readonly repositories: readonly {
    readonly name: string;
    readonly result: BackupResult;
    readonly message: string;
    /** The copy that the run made. */
    readonly snapshot: string | null;
    readonly files: number;
    /** The size of what was copied, and what of that was new. */
    readonly bytes: number;
    readonly added: number;
  }[];
  readonly dumps: readonly {
    readonly part: string;
    readonly kind: string;
    readonly version: string;
    readonly bytes: number;
  }[];
  /** When a repository was last checked, and when its data was read. */
  readonly checked: { readonly repository: string | null; readonly data: string | null };
}

/** A copy in a repository. */
export interface BackupSnapshot {
  readonly kind: "snapshot";
  readonly service: string;
  readonly host: string;
  readonly repository: string;
  readonly id: string;
  readonly time: string;
  readonly files: number;
  readonly bytes: number;
}

/** A restore that was rehearsed. */
export interface DrillRecord extends Timed {
  readonly kind: "drill";
  readonly repository: string;
  readonly snapshot: string;
  readonly snapshotTime: string;
  readonly files: number;
  readonly bytes: number;
  readonly databases: readonly { readonly part: string; readonly tables: number; readonly rows: number }[];
}

/** A restore, or the way back from one. */
export interface RestoreRecord extends Timed {
  readonly kind: "restore";
  /** What names the restore, for the way back. */
  readonly stamp: string;
  /** What was set aside, and where it is. */
  readonly aside: readonly string[];
}

/** What an agent prints: one of these a line. */
export type BackupMessage = BackupRecord | BackupSnapshot | DrillRecord | RestoreRecord;

/**
 * Reads what an agent printed, a JSON object a line, or a list of them.
 *
 * @throws an error that quotes the line that is none of them
 */
export function parseBackupMessages(text: string): BackupMessage[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .flatMap((line) => {
      let parsed: unknown;
      try {
        parsed = JSON.parse(line);
      } catch {
        throw new Error(`the backup agent said what is no record: ${JSON.stringify(line)}`);
      }
      const messages: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
      return messages.map((message) => {
        if (isMessage(message)) return message;
        throw new Error(`the backup agent said what is no record: ${JSON.stringify(line)}`);
      });
    });
}

const KINDS: ReadonlySet<unknown> = new Set(["backup", "snapshot", "drill", "restore"]);

function isMessage(value: unknown): value is BackupMessage {
  return typeof value === "object" && value !== null && "kind" in value && KINDS.has(value.kind);
}
