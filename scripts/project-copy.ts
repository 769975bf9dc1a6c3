/** Copies of the project that differ in what it is built on, and how what they synthesize is compared. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { differencesOf, type Difference } from "../plan/differences";
import { readLab } from "../plan/synthesize";

/** The folder of the project. */
export const ROOT = path.join(__dirname, "..");

/** What a copy has of its own, or needs not. */
const NOT_COPIED = new Set([".git", ".homelab", "cdktf.out", "node_modules"]);

/** Makes a copy of the project, with a link for each package to the folder of packages that is said, if to any. */
export function copyProject(to: string, packagesFrom: (name: string) => string | undefined): void {
  fs.cpSync(ROOT, to, { recursive: true, filter: (file) => !NOT_COPIED.has(path.relative(ROOT, file)) });
  const ours = path.join(ROOT, "node_modules");
  const names = fs.readdirSync(ours).filter((name) => name !== "@cdktf");
  const scoped = fs.readdirSync(path.join(ours, "@cdktf")).map((name) => path.join("@cdktf", name));
  fs.mkdirSync(path.join(to, "node_modules/@cdktf"), { recursive: true });
  for (const name of [...names, ...scoped]) {
    const from = packagesFrom(name);
    if (from !== undefined) fs.symlinkSync(path.join(from, name), path.join(to, "node_modules", name));
  }
}

/**
 * Holds what the example lab becomes in a copy, run by `tsx` with words of its own, against what it becomes in the project.
 * Fails where they differ in what may not, and returns how many stacks there are, and the other differences.
 */
export function compareWithCopy(
  copy: string,
  folder: string,
  mayDiffer: (difference: Difference) => boolean,
  words: readonly string[] = [],
): { readonly count: number; readonly differences: readonly string[] } {
  const base = synthesize(ROOT, path.join(folder, "before"), []);
  const head = synthesize(copy, path.join(folder, "after"), words);
  const found = differencesOf({ base, head }, { resources: new Map(), services: new Map() });
  const refused = found.filter((difference) => !mayDiffer(difference));
  if (refused.length > 0) throw new Error(`the example lab becomes another one:\n${refused.map(line).join("\n")}`);
  return { count: head.stacks.length, differences: found.map(line) };
}

function line({ document, path: way, before, after }: Difference): string {
  return `${document}, ${way.join(".")}: ${JSON.stringify(before)}, there ${JSON.stringify(after)}`;
}

function synthesize(project: string, out: string, words: readonly string[]): ReturnType<typeof readLab> {
  run(project, "npx", ["tsx", ...words, "main.ts"], { CDKTF_OUTDIR: out, HOMELAB_DRY_RUN: "true" });
  return readLab(out, project);
}

/** Runs a program and returns what it said, which its failure says too. */
export function run(cwd: string, command: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd,
    env: { ...process.env, CHECKPOINT_DISABLE: "1", ...env },
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

/** Does something in a temporary folder, and ends with 1 and the sentence where it fails. */
export function inTemporaryFolder(name: string, what: (folder: string) => void): void {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), `cdktf-homelab-${name}-`));
  try {
    what(folder);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
