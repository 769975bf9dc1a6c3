import * as fs from "node:fs";
import * as path from "node:path";
import type { Children } from "../process/children";

/** Lock files, each with the command that installs just what it says. */
const INSTALLERS: readonly (readonly [string, readonly [string, ...string[]]])[] = [
  ["package-lock.json", ["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"]],
  ["npm-shrinkwrap.json", ["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"]],
  ["pnpm-lock.yaml", ["pnpm", "install", "--frozen-lockfile", "--prefer-offline"]],
  ["yarn.lock", ["yarn", "install", "--frozen-lockfile"]],
  ["bun.lock", ["bun", "install", "--frozen-lockfile"]],
];

/** Two trees with the same folder inside. */
export interface Trees {
  /** The working tree's top. */
  readonly head: string;
  /** The worktree's top. */
  readonly base: string;
  /** The lab's folder, relative to both. */
  readonly project: string;
}

/**
 * Gives a checkout its dependencies: the working tree's own where the lock files are the same, otherwise what its lock
 * file says. With `headDependencies` the working tree's are used in any case. Returns what a reader must know of it.
 */
export async function provideDependencies(
  trees: Trees,
  options: { readonly headDependencies: boolean },
  children: Children,
): Promise<string[]> {
  const lock = lockFile(trees);
  const isSame = lock === undefined || content(trees.head, lock.file) === content(trees.base, lock.file);
  const hasWorkspaces = lock !== undefined && isWorkspace(path.join(trees.head, path.dirname(lock.file)));
  if ((isSame && !hasWorkspaces) || options.headDependencies) {
    linkModules(trees);
    return [
      ...(isSame ? [] : ["the base was synthesized with the head's dependencies, as asked"]),
      ...linkBindings(trees),
    ];
  }
  const { status, stderr, stdout } = await children.run(lock.install, {
    cwd: path.join(trees.base, path.dirname(lock.file)),
  });
  if (status !== 0) {
    const said = (stderr || stdout).trim().split("\n").slice(-5).join("\n");
    throw new Error(
      `the base's own dependencies (${lock.file}) can't be installed, and --head-dependencies would synthesize it with the head's: ${said}`,
    );
  }
  return linkBindings(trees);
}

/** The lock file that rules the lab's folder: its own, or one further up. */
function lockFile({
  base,
  head,
  project,
}: Trees): { readonly file: string; readonly install: readonly [string, ...string[]] } | undefined {
  for (const folder of upwards(project)) {
    for (const [name, install] of INSTALLERS) {
      const file = path.join(folder, name);
      if (fs.existsSync(path.join(base, file)) || fs.existsSync(path.join(head, file))) return { file, install };
    }
  }
  return undefined;
}

/** The packages of a workspace are linked from its modules: the head's would be used in place of the base's. */
function isWorkspace(folder: string): boolean {
  if (fs.existsSync(path.join(folder, "pnpm-workspace.yaml"))) return true;
  const file = path.join(folder, "package.json");
  return fs.existsSync(file) && "workspaces" in (JSON.parse(fs.readFileSync(file, "utf8")) as object);
}

function linkModules({ base, head, project }: Trees): void {
  for (const folder of upwards(project))
    link(path.join(head, folder, "node_modules"), path.join(base, folder, "node_modules"));
}

/** Bindings that `cdktf get` makes are in no commit. */
function linkBindings({ base, head, project }: Trees): string[] {
  const file = path.join(project, "cdktf.json");
  const { codeMakerOutput = ".gen" } = JSON.parse(fs.readFileSync(path.join(head, file), "utf8")) as {
    readonly codeMakerOutput?: string;
  };
  const [made, wanted] = [path.join(head, project, codeMakerOutput), path.join(base, project, codeMakerOutput)];
  if (!link(made, wanted)) return [];
  return content(base, file) === content(head, file)
    ? []
    : [`the base was synthesized with the head's ${codeMakerOutput}, and its cdktf.json is another one`];
}

function link(from: string, to: string): boolean {
  if (!fs.existsSync(from) || fs.existsSync(to) || !fs.existsSync(path.dirname(to))) return false;
  fs.symlinkSync(from, to);
  return true;
}

function content(root: string, file: string): string | undefined {
  const whole = path.join(root, file);
  return fs.existsSync(whole) ? fs.readFileSync(whole, "utf8") : undefined;
}

/** A folder and those above it, up to the top: `a/b`, `a`, and the top itself. */
function upwards(folder: string): string[] {
  const names = folder.split(path.sep).filter((name) => name !== "" && name !== ".");
  return names.map((_, index) => path.join(...names.slice(0, names.length - index))).concat(".");
}
