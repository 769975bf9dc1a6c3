import { TerraformStack, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { fileTrigger } from "../../contract/names-on-hosts";
import { placing, removing } from "./file-placement";
import { checkSize, factsOfFile, triggerOf, wordsOf, type HostFile, type PlacedFile } from "./host-file";
import { HostScript, type ScriptHost } from "./host-script";
import { perLab, type LabConcern } from "../lab/lab";
import type { DirectoryFacts } from "../../contract/host-facts";
import { quote } from "../../contract/text";

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
      files: this.sorted().map(factsOfFile),
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
    checkSize(this.path, [...this.files.values()], (one) => (typeof one.content === "function" ? [] : one.content));
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
        return { path, ...Object.fromEntries(files().map((file) => [fileTrigger(file.name), triggerOf(file)])) };
      },
      words: () => wordsOf(path, this.sorted()),
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

function unique(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.flatMap((text) => (text === undefined ? [] : [text])))];
}
