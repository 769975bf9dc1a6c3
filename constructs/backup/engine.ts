import { Image } from "../container/image";
import type { BackupAgentFacts } from "../../contract/backups";

/** Options of an engine. */
export interface BackupEngineOptions {
  /** An image that has the program, for example `docker.io/restic/restic:0.19.1`. */
  readonly image: string;
}

/** The program that makes copies, from a pinned image: it is the same on a host that was installed anew. */
export class BackupEngine {
  /** Borg, with borgmatic for pruning and checks: copies in folders of the host, and over SSH. */
  public static borgmatic(options: BackupEngineOptions): BackupEngine {
    return new BackupEngine("borgmatic", Image.of(options.image));
  }

  /** Restic: copies in folders of the host, over SSH, in S3-compatible stores, and in servers of its own protocol. */
  public static restic(options: BackupEngineOptions): BackupEngine {
    return new BackupEngine("restic", Image.of(options.image));
  }

  private constructor(
    /** Which program it is. */
    public readonly kind: BackupAgentFacts["engine"],
    /** The image that it runs from. */
    public readonly image: Image,
  ) {}
}
