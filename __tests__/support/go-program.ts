import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** How a program is made of a Go module that lacks something here. */
export interface GoProgramProps {
  /** What it is called in messages, and its folder in the cache. */
  readonly name: string;
  /** The folder with the `go.mod` that names the module's version, and `overlay`: files that are added or replaced. */
  readonly folder: string;
  /** The module. */
  readonly module: string;
  /** What of it is taken. */
  readonly take: readonly string[];
  /** The file that says all this. */
  readonly recipe: string;
  /** Changes what was taken, before the overlay is laid over it. */
  readonly complete: (source: string, program: GoProgram) => void;
  /** The packages that become programs. */
  readonly packages: readonly string[];
}

/** A module as `go mod download -json` describes it. */
export interface DownloadedModule {
  /** The folder in Go's cache, which is read-only. */
  readonly Dir: string;
  /** The version, with its "v". */
  readonly Version: string;
}

/**
 * Programs from a Go module that is completed by files of ours. They are built once per machine, into a folder of the
 * user's cache whose name changes with the version of Go, the module and every file of ours.
 */
export class GoProgram {
  private found: DownloadedModule | { readonly Error: string } | undefined;

  public constructor(private readonly props: GoProgramProps) {}

  /** Why it can't be built here, if it can't. */
  public missing(): string | undefined {
    if (spawnSync("go", ["version"]).status !== 0) return "go not installed";
    const found = this.download(this.props.module);
    return "Error" in found ? `${this.props.name}'s Go module can't be had: ${found.Error.split("\n")[0]}` : undefined;
  }

  /** The version of the module, without its "v". */
  public get version(): string {
    return this.module().Version.slice(1);
  }

  /** The path of one of its programs, which is built at the first call. */
  public path(name: string): string {
    const folder = path.join(cache(), `${this.props.name}-${this.key()}`);
    const program = path.join(folder, "bin", name);
    if (!fs.existsSync(program)) {
      fs.mkdirSync(folder, { recursive: true });
      const finish = lock(path.join(folder, "lock"));
      try {
        if (!fs.existsSync(program)) this.build(folder);
      } finally {
        finish();
      }
    }
    return program;
  }

  /** Downloads a module in the version that a folder's `go.mod` names. */
  public modulesOf(folder: string, module: string): DownloadedModule {
    const found = download(folder, module);
    if ("Error" in found) throw new Error(found.Error);
    return found;
  }

  private build(folder: string): void {
    const source = path.join(folder, "source");
    fs.rmSync(source, { recursive: true, force: true });
    fs.mkdirSync(source);
    copy(
      this.props.take.map((name) => path.join(this.module().Dir, name)),
      source,
    );
    this.props.complete(source, this);
    fs.cpSync(path.join(this.props.folder, "overlay"), source, { recursive: true });
    // All of them or none: another suite looks for a program, not for the end of a build.
    const made = path.join(folder, "bin.new");
    fs.rmSync(made, { recursive: true, force: true });
    fs.mkdirSync(made);
    go(source, "build", "-ldflags", "-s -w", "-o", `${made}/`, ...this.props.packages);
    fs.renameSync(made, path.join(folder, "bin"));
    fs.rmSync(source, { recursive: true });
  }

  private module(): DownloadedModule {
    const found = this.download(this.props.module);
    if ("Error" in found) throw new Error(found.Error);
    return found;
  }

  private download(module: string): DownloadedModule | { readonly Error: string } {
    return (this.found ??= download(this.props.folder, module));
  }

  private key(): string {
    const hash = createHash("sha256");
    hash.update(execFileSync("go", ["version"])).update(this.module().Version);
    hash.update(fs.readFileSync(this.props.recipe));
    for (const file of filesOf(this.props.folder))
      hash.update(path.relative(this.props.folder, file)).update(fs.readFileSync(file));
    return hash.digest("hex").slice(0, 16);
  }
}

/** Copies out of Go's cache, in which everything is read-only. */
export function copy(from: readonly string[], to: string): void {
  execFileSync("cp", ["-R", "--no-preserve=mode", ...from, to]);
}

/** Runs Go, and says what it said when it fails. */
export function go(cwd: string, ...words: string[]): void {
  const env = { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off", CGO_ENABLED: "0" };
  const { status, stderr } = spawnSync("nice", ["go", ...words], { cwd, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`go ${words.join(" ")}: ${stderr.trim()}`);
}

function download(cwd: string, module: string): DownloadedModule | { readonly Error: string } {
  const env = { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off" };
  const words = ["mod", "download", "-json", module];
  const { stdout } = spawnSync("go", words, { cwd, env, encoding: "utf8", timeout: 300_000 });
  return stdout ? JSON.parse(stdout) : { Error: "go does not answer" };
}

function cache(): string {
  return path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "cdktf-homelab");
}

function filesOf(folder: string): string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** Waits for a file that says who builds, and makes it ours; one whose process is gone counts for nothing. */
function lock(file: string): () => void {
  for (;;) {
    try {
      fs.writeFileSync(file, `${process.pid}`, { flag: "wx" });
      return () => fs.rmSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const pid = Number(fs.existsSync(file) && fs.readFileSync(file, "utf8"));
    if (pid > 0 && !fs.existsSync(`/proc/${pid}`)) fs.rmSync(file, { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}
