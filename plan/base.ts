import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { isAbandoned, makeTemporaryFolder } from "../offline/temporary-folder";
import type { Children } from "../process/children";
import type { BaseFacts } from "./model";

/** The git repository that a lab is kept in. */
export class Repository {
  /** Finds the repository of a folder. */
  public static async of(folder: string, children: Children): Promise<Repository> {
    const { status, stdout } = await git(children, folder, "rev-parse", "--show-toplevel");
    if (status !== 0) {
      throw new Error(
        `${folder} is in no git repository, so that there is no base to hold it against: "--base none" goes without one`,
      );
    }
    return new Repository(fs.realpathSync(folder), fs.realpathSync(stdout.trim()), children);
  }

  private constructor(
    /** The lab's folder. */
    private readonly folder: string,
    /** The top of the working tree. */
    public readonly root: string,
    private readonly children: Children,
  ) {}

  /** Whether the working tree has changes of the lab that no commit has. */
  public async isDirty(): Promise<boolean> {
    const { stdout } = await git(this.children, this.root, "status", "--porcelain", "--untracked-files=normal");
    return stdout.trim() !== "";
  }

  /** The commit that a ref names, or the merge base with the default branch. */
  public async find(ref: string | undefined): Promise<BaseFacts> {
    if (ref?.startsWith("-"))
      throw new Error(`'--base' must be a branch, a tag or a commit, got ${JSON.stringify(ref)}`);
    const found = ref === undefined ? await this.mergeBase() : { ref, commit: await this.commitOf(ref) };
    if (found.commit === undefined) {
      throw new Error(
        `the base ${JSON.stringify(ref)} is no commit of this repository: fetch it, or name another branch, tag or commit`,
      );
    }
    const { stdout } = await git(this.children, this.root, "log", "-1", "--format=%s", found.commit);
    return { ref: found.ref, commit: found.commit, subject: stdout.trim() };
  }

  /** A file as a commit has it, by its path now; undefined where that commit had none. */
  public async fileAt(facts: BaseFacts, file: string): Promise<string | undefined> {
    const name = path.relative(this.root, path.resolve(this.folder, file)).split(path.sep).join("/");
    const { status, stdout } = await git(this.children, this.root, "show", `${facts.commit ?? facts.ref}:${name}`);
    return status === 0 ? stdout : undefined;
  }

  /** Whether a file lies in the repository. */
  public has(file: string): boolean {
    return !path.relative(this.root, path.resolve(this.folder, file)).startsWith("..");
  }

  /** A folder for a worktree. Who asks for it removes it, whatever becomes of the checkout. */
  public newWorktree(): string {
    return makeTemporaryFolder("base");
  }

  /** Checks a commit out into a folder. Returns the lab's folder in it. */
  public async checkOut(facts: BaseFacts, worktree: string): Promise<string> {
    await this.removeAbandoned();
    // Without hooks: one may expect a checkout by hand, and do anything.
    const words = ["-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet", "--force", "--detach"];
    const { status, stderr } = await git(this.children, this.root, ...words, worktree, facts.commit ?? facts.ref);
    if (status !== 0) throw new Error(`the base ${facts.ref} can't be checked out: ${stderr.trim()}`);
    await this.checkOutSubmodules(facts, worktree, this.root);
    return path.join(worktree, path.relative(this.root, this.folder));
  }

  /** Git leaves the folders of submodules empty in a worktree. What they had is taken from the repositories in ours. */
  private async checkOutSubmodules(facts: BaseFacts, worktree: string, root: string): Promise<void> {
    const { stdout } = await git(this.children, worktree, "ls-files", "--stage", "-z");
    for (const [, commit = "", folder = ""] of stdout.matchAll(/160000 ([0-9a-f]+) \d\t([^\0]+)\0/g)) {
      const [from, to] = [path.join(root, folder), path.join(worktree, folder)];
      const archive = `${to}.tar`;
      const { status } = await git(this.children, from, "archive", "--format=tar", "--output", archive, commit);
      // In a folder that is empty, git answers for the repository around it.
      if (status !== 0 || !fs.existsSync(path.join(from, ".git"))) {
        throw new Error(
          `the base ${facts.ref} has the submodule ${JSON.stringify(folder)} at ${commit.slice(0, 9)}, which is not here: run "git submodule update --init --recursive" and fetch it there`,
        );
      }
      await this.children.run(["tar", "-xf", archive, "-C", to], { cwd: worktree });
      fs.rmSync(archive);
    }
  }

  /** Takes a worktree away, with what git knows of it. */
  public removeWorktree(worktree: string): void {
    const run = (...words: string[]): void =>
      void spawnSync("git", ["-C", this.root, "worktree", ...words], { env: gitEnvironment() });
    run("remove", "--force", "--force", worktree);
    fs.rmSync(worktree, { recursive: true, force: true });
    run("prune");
  }

  /** Worktrees of runs that were killed: nobody else takes them away. */
  private async removeAbandoned(): Promise<void> {
    const { stdout } = await git(this.children, this.root, "worktree", "list", "--porcelain");
    for (const [, worktree = ""] of stdout.matchAll(/^worktree (.*)$/gm)) {
      if (isAbandoned(worktree)) this.removeWorktree(worktree);
    }
  }

  private async mergeBase(): Promise<{ readonly ref: string; readonly commit: string | undefined }> {
    const branch = await this.defaultBranch();
    const { status, stdout } = await git(this.children, this.root, "merge-base", "HEAD", branch);
    if (status !== 0) {
      throw new Error(
        `HEAD and ${branch} have no commit in common here: fetch the whole history (actions/checkout with "fetch-depth: 0"), or name the base with --base`,
      );
    }
    const commit = stdout.trim();
    // On the branch itself all is merged: what was last is what somebody asks for, in CI after a push as well.
    const before =
      (await this.isDirty()) || commit !== (await this.commitOf("HEAD")) ? undefined : await this.commitOf("HEAD~1");
    if (before !== undefined) return { ref: `the commit before this one, which is on ${branch}`, commit: before };
    return { ref: `the merge base with ${branch}`, commit };
  }

  private async defaultBranch(): Promise<string> {
    const { stdout } = await git(
      this.children,
      this.root,
      "symbolic-ref",
      "--quiet",
      "--short",
      "refs/remotes/origin/HEAD",
    );
    const configured = await git(this.children, this.root, "config", "init.defaultBranch");
    const names = [stdout.trim(), "origin/main", "origin/master", configured.stdout.trim(), "main", "master"];
    for (const name of names.filter((one) => one !== "")) if ((await this.commitOf(name)) !== undefined) return name;
    throw new Error("the default branch is not known here: name the base, for example with --base main");
  }

  private async commitOf(ref: string): Promise<string | undefined> {
    const { status, stdout } = await git(
      this.children,
      this.root,
      "rev-parse",
      "--verify",
      "--quiet",
      `${ref}^{commit}`,
    );
    return status === 0 ? stdout.trim() : undefined;
  }
}

function git(children: Children, folder: string, ...words: string[]): ReturnType<Children["run"]> {
  return children.run(["git", "-C", folder, ...words], { cwd: folder, env: gitEnvironment() });
}

/** As if git was typed in that folder: a hook's variables would point it elsewhere. */
function gitEnvironment(): NodeJS.ProcessEnv {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, GIT_PREFIX: _prefix, ...rest } = process.env;
  return { ...rest, LC_ALL: "C" };
}
