import { posix } from "node:path";
import type { Check } from "./check";
import type { Content, Reload } from "./content";
import { checkAbsolutePath, checkMode } from "./names";
import type { IServicePart } from "./part";
import { quote } from "./text";
import type { Workload } from "./workload";

/** Options for `ConfigFile.at()`. */
export interface ConfigFileOptions {
  /**
   * The octal mode.
   *
   * @default "0644"
   */
  readonly mode?: string;
  /**
   * What happens when the content changes. With a reload the file is placed on the host, in a directory that the
   * container mounts read-only over its own one, and the container goes on running.
   *
   * @default - the container is replaced
   */
  readonly onChange?: Reload;
  /**
   * How a file with `onChange` is tried before it replaces the old one.
   *
   * @default - it is not
   */
  readonly check?: Check;
}

/** What `ConfigFile.at()` hands out. */
export interface ConfigFileHandle {
  /** Where the container finds it. */
  readonly path: string;
}

/** A configuration file without secrets. */
export class ConfigFile {
  /** Puts a file at `path` inside the container. */
  public static at(path: string, content: Content, options: ConfigFileOptions = {}): IServicePart<ConfigFileHandle> {
    return {
      bind: (workload: Workload, key: string) => {
        const subject = `${workload.subject}, part ${quote(key)}`;
        const { mode = "0644", onChange, check } = options;
        checkAbsolutePath(path, subject, "path");
        checkMode(mode, subject, "mode");
        if (!onChange) {
          if (check) throw new Error(`${subject}: 'check' needs 'onChange', which places the file on the host`);
          const upload = {
            file: path,
            permissions: mode,
            get content() {
              return content.text;
            },
          };
          workload.contribute(key, { uploads: [upload] });
          return { path };
        }
        const directory = workload.directoryAt(posix.dirname(path), key);
        directory.addFile(key, subject, {
          name: posix.basename(path),
          content: () => content.text,
          owner: workload.user ?? "0:0",
          mode,
          check: check?.shell({ image: workload.image.reference, mountedAt: posix.dirname(path) }),
          reload: onChange.shell(workload.containerName),
        });
        return { path };
      },
    };
  }

  private constructor() {}
}
