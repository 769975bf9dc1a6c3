import { checkAbsolutePath } from "./names";
import type { IServicePart } from "./part";
import { quote } from "./text";
import type { Workload } from "./workload";

/** Options for `HostPath.at()`. */
export interface HostPathOptions {
  /** Absolute path on the host, of a file or folder that exists: media, a NAS, a socket. */
  readonly from: string;
  /**
   * Whether the container may write there.
   *
   * @default false
   */
  readonly writable?: boolean;
}

/** What `HostPath.at()` hands out. */
export interface HostPathHandle {
  /** Where the container finds it. */
  readonly path: string;
}

/** Something that exists on the host and belongs to nobody's service: it may be shared, and is neither made nor backed up. */
export class HostPath {
  /** Mounts an existing path of the host, read-only unless said. A deployment fails when the path is missing. */
  public static at(path: string, options: HostPathOptions): IServicePart<HostPathHandle> {
    const { from, writable = false } = options;
    return {
      bind: (workload: Workload, key: string) => {
        checkAbsolutePath(from, `${workload.subject}, part ${quote(key)}`, "from");
        workload.contribute(key, {
          mounts: [{ target: path, source: from, type: "bind", readOnly: !writable }],
          facts: { hostPaths: [{ path: from, readOnly: !writable }] },
        });
        return { path };
      },
    };
  }

  private constructor() {}
}
