import { createHash } from "node:crypto";
import { posix } from "node:path";
import { TerraformStack, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Host } from "./host";
import { HostScript, recordName, RECORDS, type LateText } from "./host-script";
import { Lab } from "./lab";
import type { DirectoryFacts } from "./manifest";
import { base64Expression, type SecretPiece } from "./secret";
import { quote, shellWord } from "./text";

/** A file that is placed on a host. */
export interface HostFile {
  /** The name inside the directory. */
  readonly name: string;
  /** Its content: text with the values of secrets between, or plain text that is known when all is declared. */
  readonly content: readonly SecretPiece[] | (() => string);
  /** Numeric owner, `uid:gid`. */
  readonly owner: string;
  /** Octal mode. */
  readonly mode: string;
  /**
   * What stands for the content in a plan where it holds secrets: `generation 3`.
   *
   * @default - a hash of the content, which then has no secret
   */
  readonly version?: string;
  /**
   * Shell text that fails when the program that reads the new files, in the folder `$new`, would not take them.
   *
   * @default - nothing is checked
   */
  readonly check?: string;
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
  /**
   * The container that reloads.
   *
   * @default - none: what reloads is a program of the host
   */
  readonly container?: string;
  /**
   * Shell text that runs when the files are placed, over a connection of its own.
   *
   * @default - nothing
   */
  readonly confirmation?: string;
}

/**
 * A directory on a host whose files are all ours. Containers mount the directory, never a file in it: a file is
 * replaced by a rename, which a container that mounts the single file would not see.
 */
export class HostDirectory extends Construct {
  private readonly files = new Map<string, HostFile & { readonly by: string }>();
  private readonly dependencies: ITerraformDependable[] = [];
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

  /** The absolute path on the host. */
  public get path(): string {
    return this.props.path;
  }

  /** Whether a program of the container's image tries the files. */
  public get isChecked(): boolean {
    return [...this.files.values()].some(({ check }) => check !== undefined);
  }

  /** The directory as plain data. */
  public get facts(): DirectoryFacts {
    return {
      host: this.props.host.hostName,
      stack: TerraformStack.of(this).node.id,
      path: this.path,
      files: this.sorted().map(({ name, owner, mode, content, version }) => ({
        name,
        owner,
        mode,
        ...(version === undefined ? { sha256: sha256(plainText(content)) } : { version }),
      })),
    };
  }

  /** Adds a file. The directory is written once, with all files that were added. */
  public addFile(by: string, subject: string, file: HostFile): void {
    // The script reads names as words.
    if (!/^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/.test(file.name) || /^\.{1,2}$/.test(file.name)) {
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
    if (this.files.size === 0) Lab.of(this).directories.push(this);
    this.files.set(file.name, { ...file, by });
    this.define();
  }

  /** Has the files placed after something else is there. */
  public placeAfter(dependency: ITerraformDependable): void {
    this.dependencies.push(dependency);
    this.define();
  }

  /** Where the host keeps which files were placed, with their hashes. */
  private get record(): string {
    return `${RECORDS}/${recordName(this.path)}.files`;
  }

  private sorted(): readonly HostFile[] {
    return [...this.files.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private define(): void {
    this.node.tryRemoveChild("Placement");
    const files = this.sorted();
    const { host, path } = this.props;
    const input = (): string =>
      files
        .map(({ name, owner, mode, content }) => {
          const pieces = typeof content === "function" ? [content()] : content;
          return `${name} ${owner} ${mode} ${base64Expression(pieces)}\n`;
        })
        .join("");
    const isCollected = files.some(({ content }) => typeof content === "function");
    this.script = new HostScript(this, "Placement", {
      host,
      dependsOn: this.dependencies,
      triggers: { path, ...Object.fromEntries(files.map((file) => [`file ${file.name}`, trigger(file)])) },
      input: isCollected ? input : input(),
      script: this.placement(files),
      confirmation: this.props.confirmation,
      whenRemoved: {
        what: path,
        script: `rm -rf -- ${[path, staged(path, "new"), staged(path, "previous"), this.record].map(shellWord).join(" ")}`,
      },
    });
  }

  /**
   * The shell text that replaces the files: all written beside the old ones and checked, then renamed one by one into
   * the directory that containers mount. What was there is kept as the previous version; what is not ours is removed.
   */
  private placement(files: readonly HostFile[]): string {
    const { path, container } = this.props;
    const checks = unique(files.map(({ check }) => check));
    const reloads = unique(files.map(({ reload }) => reload));
    const { record } = this;
    return [
      `dir=${shellWord(path)}`,
      `new=${shellWord(staged(path, "new"))}`,
      `previous=${shellWord(staged(path, "previous"))}`,
      'mkdir -p -- "$dir"',
      'rm -rf -- "$new"',
      'mkdir -m 700 -- "$new"',
      `trap 'rm -rf -- "$1" "$new"' EXIT`,
      "while read -r name owner mode content; do",
      '  printf %s "$content" | base64 -d > "$new/$name"',
      '  chown "$owner" "$new/$name"',
      '  chmod "$mode" "$new/$name"',
      'done < "$1"',
      ...checks.map(
        (check) => `${check} || { echo "the new files of $dir were refused; the old ones stay" >&2; exit 1; }`,
      ),
      `mkdir -p -m 700 ${RECORDS}`,
      `echo "# ${TerraformStack.of(this).node.id} $dir" > ${record}.new`,
      `(cd "$new" && for file in * .[!.]*; do [ ! -e "$file" ] || echo "$(sha256sum < "$file" | cut -c1-64) $(stat -c '%a %u:%g' "$file") $file"; done) >> ${record}.new`,
      'rm -rf -- "$previous.new" && cp -a -- "$dir" "$previous.new" && rm -rf -- "$previous" && mv -T -- "$previous.new" "$previous"',
      "trap '' HUP PIPE", // a connection that is lost now no longer stops it half way
      'for file in "$new"/* "$new"/.[!.]*; do [ ! -e "$file" ] || mv -f -- "$file" "$dir/"; done',
      'for file in "$dir"/* "$dir"/.[!.]*; do',
      `  case "\${file##*/}" in ${files.map(({ name }) => name).join("|")}) ;; *) rm -rf -- "$file" ;; esac`,
      "done",
      `mv -f ${record}.new ${record}`,
      ...whenRunning(container, reloads),
    ].join("\n");
  }
}

function whenRunning(container: string | undefined, reloads: readonly string[]): string[] {
  if (reloads.length === 0 || container === undefined) return [...reloads];
  return [
    `if [ "$(docker inspect -f '{{.State.Running}}' ${shellWord(container)} 2>/dev/null)" = true ]; then`,
    ...reloads.map((reload) => `  ${reload}`),
    "fi",
  ];
}

/** Beside the directory, for a program that watches it must not see it. */
function staged(path: string, what: "new" | "previous"): string {
  return posix.join(posix.dirname(path), `.${posix.basename(path)}.${what}`);
}

function trigger({ content, version, owner, mode }: HostFile): LateText {
  const describe = (what: string): string => `${what}, ${owner}, ${mode}`;
  if (version !== undefined) return describe(version);
  if (typeof content === "function") return () => describe(contentHash(content()));
  return describe(contentHash(plainText(content)));
}

function plainText(content: HostFile["content"]): string {
  if (typeof content === "function") return content();
  return content
    .map((piece) => {
      if (typeof piece !== "string") throw new Error("a file with secrets needs a version that stands for them");
      return piece;
    })
    .join("");
}

function contentHash(text: string): string {
  return `sha256:${sha256(text)}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function unique(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.flatMap((text) => (text === undefined ? [] : [text])))];
}
