import { posix } from "node:path";
import { Token } from "cdktf";
import type { Check } from "./check";
import type { Content, Reload } from "./content";
import { checkAbsolutePath, checkMode } from "../values/names";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { directoryAt } from "./placed-files";
import { checkFileText } from "../values/text-limits";

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
      bind: (part: PartScope) => {
        const { subject, workload } = part;
        const { mode = "0644", onChange, check } = options;
        checkAbsolutePath(path, subject, "path");
        checkMode(mode, subject, "mode");
        if (!onChange) {
          if (check) throw new Error(`${subject}: 'check' needs 'onChange', which places the file on the host`);
          const upload = {
            file: path,
            permissions: mode,
            get content() {
              return copied(content.text, subject);
            },
          };
          part.contribute({ uploads: [upload] });
          return { path };
        }
        directoryAt(part, posix.dirname(path)).addFile(part.key, subject, {
          name: posix.basename(path),
          content: () => placed(content.text, subject),
          owner: workload.user ?? "0:0",
          mode,
          check: check?.shell({ image: workload.image.reference, mountedAt: posix.dirname(path) }),
          reload: onChange.shell(workload.containerName),
          onChange: onChange.kind,
        });
        return { path };
      },
    };
  }

  private constructor() {}
}

/** Text that the provider copies into the container. */
function copied(text: string, subject: string): string {
  checkFileText(text, subject);
  if (text === "")
    throw new Error(
      `${subject}: the file's content must not be empty, which the docker provider refuses: place it on the host with 'onChange', or have the program make the file`,
    );
  return text;
}

/** Text that is encoded at synthesis: what is known later would be encoded as what stands for it. */
function placed(text: string, subject: string): string {
  checkFileText(text, subject);
  if (Token.isUnresolved(text))
    throw new Error(
      `${subject}: a file that is placed on the host must be known at synthesis, got a value of another resource in it: remove 'onChange', or the value`,
    );
  return text;
}
