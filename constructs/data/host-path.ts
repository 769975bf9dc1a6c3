import { GRANTS, grantOfPath } from "../../contract/host-privilege";
import { checkAbsolutePath, checkReason } from "../values/names";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { HOST_PATHS } from "../part/privileges";
import { quote } from "../../contract/text";

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
  /**
   * Why the container may have it, for a path that is root on the host or that other services rely on.
   *
   * @default - none, which such a path refuses
   */
  readonly reason?: string;
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
    const { from, writable = false, reason } = options;
    return {
      bind: (part: PartScope) => {
        const { subject } = part;
        checkAbsolutePath(from, subject, "from");
        if (reason !== undefined) checkReason(reason, subject);
        const { host } = part.workload;
        // Which other services there are is known later; what the container has is looked at once more then.
        const alone = { deployer: host.props.ssh.user, folders: host.storage.folders, others: [], own: [] };
        const grants = grantOfPath(from, !writable, alone);
        if (grants !== undefined && reason === undefined) {
          throw new Error(
            `${subject}: ${quote(from)} gives whoever is in the container ${GRANTS[grants]} ${quote(host.hostName)}: mount ${writable ? "a folder that holds nothing else, or no more than reading" : "what it needs of it only"}, or say why in 'reason'`,
          );
        }
        part.contribute({ mounts: [{ target: path, source: from, type: "bind", readOnly: !writable }] });
        part.say(HOST_PATHS, { path: from, readOnly: !writable, reason });
        return { path };
      },
    };
  }

  private constructor() {}
}
