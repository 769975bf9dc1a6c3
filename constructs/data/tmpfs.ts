import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import type { Size } from "../values/size";

/** Options for `Tmpfs.at()`. */
export interface TmpfsOptions {
  /**
   * How much it may hold.
   *
   * @default - half of the host's memory
   */
  readonly size?: Size;
}

/** What `Tmpfs.at()` hands out. */
export interface TmpfsHandle {
  /** Where the container finds it. */
  readonly path: string;
}

/** A file system in memory, empty at each start. */
export class Tmpfs {
  /** Mounts an empty file system at `path`. */
  public static at(path: string, options: TmpfsOptions = {}): IServicePart<TmpfsHandle> {
    return {
      bind: (part: PartScope) => {
        part.contribute({ tmpfs: { [path]: options.size ? `size=${options.size.toBytes()}` : "" } });
        return { path };
      },
    };
  }

  private constructor() {}
}
