import { createHash } from "node:crypto";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Host } from "./host";
import { HostScript } from "./host-script";
import { base64Expression, type SecretPiece } from "./secret";
import { quote, shellWord } from "./text";

/** A file that is placed on a host. */
export interface HostFile {
  /** The name inside the directory. */
  readonly name: string;
  /** Its content: text, with the values of secrets between. */
  readonly content: readonly SecretPiece[];
  /** Numeric owner, `uid:gid`. */
  readonly owner: string;
  /** Octal mode. */
  readonly mode: string;
  /** What stands for the content in a plan: `generation 3`, or a hash of what is not secret. */
  readonly version: string;
  /**
   * Shell text that runs after the files were replaced, when the container runs.
   *
   * @default - nothing
   */
  readonly reload?: string;
}

/** Props of `HostDirectory`. */
export interface HostDirectoryProps {
  /** The host. */
  readonly host: Host;
  /** Absolute path on the host. */
  readonly path: string;
  /** The container that reloads. */
  readonly container: string;
}

/**
 * A directory on a host whose files are all ours. Containers mount the directory, never a file in it: a file is
 * replaced by a rename, which a container that mounts the single file would not see.
 */
export class HostDirectory extends Construct {
  private readonly files = new Map<string, HostFile & { readonly by: string }>();
  private script: HostScript | undefined;

  /** Defines the directory; nothing is placed before the first file is added. */
  public constructor(
    scope: Construct,
    id: string,
    private readonly props: HostDirectoryProps,
  ) {
    super(scope, id);
  }

  /** What a container that mounts the directory depends on. */
  public get resource(): ITerraformDependable {
    if (!this.script) throw new Error(`${this.node.path} has no file`);
    return this.script.resource;
  }

  /** Adds a file. The directory is written once, with all files that were added. */
  public addFile(by: string, subject: string, file: HostFile): void {
    // The script reads names as words, and hides what it writes under a name of its own.
    if (!/^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/.test(file.name) || /^\.{1,2}$|^\.homelab-new$/.test(file.name)) {
      throw new Error(
        `${subject}: a file that is placed on the host must be named by letters, digits, dots, underscores and hyphens, for example "app.conf", got ${quote(file.name)}`,
      );
    }
    const other = this.files.get(file.name);
    if (other) {
      throw new Error(
        `${subject}: parts ${quote(other.by)} and ${quote(by)} both place a file ${quote(file.name)} in one directory, rename one`,
      );
    }
    this.files.set(file.name, { ...file, by });
    this.define();
  }

  private define(): void {
    this.node.tryRemoveChild("Placement");
    const files = [...this.files.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const { host, path } = this.props;
    this.script = new HostScript(this, "Placement", {
      host,
      triggers: {
        path,
        ...Object.fromEntries(
          files.map((file) => [`file ${file.name}`, `${file.version}, ${file.owner}, ${file.mode}`]),
        ),
      },
      input: files
        .map((file) => `${file.name} ${file.owner} ${file.mode} ${base64Expression(file.content)}\n`)
        .join(""),
      script: this.placement(files),
    });
  }

  /** The shell text that replaces the files, all written before the first is renamed, and removes what is not ours. */
  private placement(files: readonly HostFile[]): string {
    const { path, container } = this.props;
    const reloads = [...new Set(files.flatMap(({ reload }) => (reload === undefined ? [] : [reload])))];
    return [
      `dir=${shellWord(path)}`,
      'mkdir -p -- "$dir"',
      'new="$dir"/.homelab-new',
      'rm -rf -- "$new"',
      'mkdir -m 700 -- "$new"',
      "while read -r name owner mode content; do",
      '  printf %s "$content" | base64 -d > "$new/$name"',
      '  chown "$owner" "$new/$name"',
      '  chmod "$mode" "$new/$name"',
      'done < "$1"',
      'for file in "$new"/* "$new"/.[!.]*; do [ ! -e "$file" ] || mv -f -- "$file" "$dir/"; done',
      'rmdir -- "$new"',
      'for file in "$dir"/* "$dir"/.[!.]*; do',
      `  case "\${file##*/}" in ${files.map(({ name }) => name).join("|")}) ;; *) rm -rf -- "$file" ;; esac`,
      "done",
      ...(reloads.length === 0
        ? []
        : [
            `if [ "$(docker inspect -f '{{.State.Running}}' ${shellWord(container)} 2>/dev/null)" = true ]; then`,
            ...reloads.map((reload) => `  ${reload}`),
            "fi",
          ]),
    ].join("\n");
  }
}

/** What stands for text that is not secret in a trigger. */
export function contentHash(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
