import { createHash } from "node:crypto";
import { TerraformStack, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { fileTrigger } from "../../contract/names-on-hosts";
import { placing, removing } from "./file-placement";
import { HostScript, type LateText, type ScriptHost } from "./host-script";
import { perLab, type LabConcern } from "../lab/lab";
import type { DirectoryFacts, FileReload } from "../../contract/manifest";
import { base64Expression, type SecretPiece } from "./secret-pieces";
import { inGroups, slices } from "./script-environment";
import { quote } from "../../contract/text";

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
  /**
   * What that does to the container.
   *
   * @default - no container has the file, or it is replaced
   */
  readonly onChange?: FileReload;
}

/** A file with who placed it. */
interface PlacedFile extends HostFile {
  readonly by: string;
  readonly subject: string;
}

/** Props of `HostDirectory`. */
export interface HostDirectoryProps {
  /** The host. */
  readonly host: ScriptHost;
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
export class HostDirectory extends Construct implements ITerraformDependable {
  /** Those of the lab that a construct is in. */
  private static readonly all = perLab(() => new Directories());

  private readonly files = new Map<string, PlacedFile>();
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

  /** The address of what places the files, for what depends on them. */
  public get fqn(): string {
    if (!this.script) throw new Error(`${this.node.path} has no file`);
    return this.script.resource.fqn;
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
      ...(this.props.container !== undefined && { container: this.props.container }),
      files: this.sorted().map(({ name, owner, mode, content, version, onChange }) => ({
        name,
        owner,
        mode,
        ...(version === undefined ? { sha256: sha256(plainText(content)) } : { version }),
        ...(onChange && { onChange }),
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
    if (this.files.size === 0) HostDirectory.all(this).add(this);
    this.files.set(file.name, { ...file, by, subject });
    // What is collected is known later.
    checkSize(
      this.path,
      [...this.files.values()].map((one) => ({ ...one, pieces: typeof one.content === "function" ? [] : one.content })),
    );
    this.script ??= this.define();
  }

  /** Has the files placed after something else is there. */
  public placeAfter(dependency: ITerraformDependable): void {
    this.dependencies.push(dependency);
  }

  private sorted(): readonly PlacedFile[] {
    return [...this.files.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private define(): HostScript {
    const { host, path, confirmation } = this.props;
    const files = (): readonly PlacedFile[] => this.sorted();
    return new HostScript(this, "Placement", {
      host,
      dependsOn: this.dependencies,
      get triggers() {
        return { path, ...Object.fromEntries(files().map((file) => [fileTrigger(file.name), trigger(file)])) };
      },
      words: () => this.words(),
      script: () => this.placing(),
      confirmation,
      whenRemoved: { what: path, script: removing(path) },
    });
  }

  private placing(): string {
    const { path, container } = this.props;
    const files = this.sorted();
    return placing({
      path,
      stack: TerraformStack.of(this).node.id,
      names: files.map(({ name }) => name),
      checks: unique(files.map(({ check }) => check)),
      reloads: unique(files.map(({ reload }) => reload)),
      container,
    });
  }

  /** Of each file its name, owner, mode and content, as many words as it takes. */
  private words(): string[] {
    const files = this.sorted().map((file) => ({ ...file, pieces: piecesOf(file) }));
    checkSize(this.path, files);
    return files.flatMap(({ name, owner, mode, pieces }) => {
      const slicesOf = pieces.flatMap((one): readonly SecretPiece[] => (typeof one === "string" ? slices(one) : [one]));
      const content = inGroups(slicesOf, SLICE, byteLength).map(base64Expression);
      return [name, owner, mode, String(content.length), ...content];
    });
  }
}

/** The directories of files that stacks place on hosts. */
class Directories implements LabConcern {
  private readonly all: HostDirectory[] = [];

  /** Takes a directory that has files. */
  public add(directory: HostDirectory): void {
    this.all.push(directory);
  }

  /** What the manifest tells of them, by host and path. */
  public sections(): { readonly directories: readonly DirectoryFacts[] } {
    const facts = this.all.map((directory) => directory.facts);
    return { directories: facts.sort((a, b) => (`${a.host} ${a.path}` < `${b.host} ${b.path}` ? -1 : 1)) };
  }
}

/** How many bytes the files of a directory have at most, and how many of a file travel in one piece. */
const [MOST, SLICE] = [512 * 1024, 48 * 1024];

/** Refuses files that the environment of a process does not hold, which macOS limits to a mebibyte. */
function checkSize(path: string, files: readonly (PlacedFile & { readonly pieces: readonly SecretPiece[] })[]): void {
  const sizes = files.map(({ pieces }) => pieces.reduce((sum, piece) => sum + byteLength(piece), 0));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const largest = files[sizes.indexOf(Math.max(...sizes))];
  if (size <= MOST || !largest) return;
  throw new Error(
    `${largest.subject}: the files of one directory may have ${MOST} bytes together, those of ${quote(path)} have ${size}: put ${quote(largest.name)} into the image, or onto the host by other means and mount it with HostPath.at()`,
  );
}

function piecesOf({ content }: HostFile): readonly SecretPiece[] {
  return typeof content === "function" ? [content()] : content;
}

function byteLength(piece: SecretPiece): number {
  return typeof piece === "string" ? Buffer.byteLength(piece) : 0;
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
