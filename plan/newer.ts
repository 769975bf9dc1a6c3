import * as fs from "node:fs";
import * as path from "node:path";
import { circumstances, circumstancesFile } from "../contract/circumstances";
import { WORK_FOLDER } from "../contract/work-folder";

/** Folders that hold nothing that a lab's program is made of. */
const SKIPPED = new Set([".git", ".terraform", "node_modules", "cdktf.out", WORK_FOLDER]);

/**
 * Why what lies in an output folder may not be what the code says: something in the repository, or its dependencies,
 * changed after that synthesis began. Undefined when nothing did. It looks at times only, and at each file's time of
 * change too, which nothing sets back: a doubt costs a second.
 */
export function whatIsNewer(project: string, out: string): string | undefined {
  const record = circumstancesFile(out);
  if (!fs.existsSync(path.join(out, "homelab.json")) || !fs.existsSync(record)) return "nothing is synthesized yet";
  const { node, variables } = circumstances();
  const then = JSON.parse(fs.readFileSync(record, "utf8")) as Partial<ReturnType<typeof circumstances>>; // ours
  if (then.node !== node) return "the last synthesis ran on another version of Node.js";
  const names = Object.keys({ ...then.variables, ...variables });
  const other = names.find((name) => then.variables?.[name] !== variables[name]);
  if (other !== undefined) return `the last synthesis had another ${other}`;
  const root = repositoryOf(project);
  const since = fs.statSync(record).mtimeMs;
  const newer = newest(root, since, path.resolve(out)) ?? newerDependency(project, root, since);
  return newer === undefined ? undefined : `${path.relative(project, newer) || "."} changed since the last synthesis`;
}

/** The folder with everything that a program may be made of: the repository, or the project alone. */
function repositoryOf(project: string): string {
  for (let folder = path.resolve(project); ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, ".git"))) return folder;
    if (folder === path.dirname(folder)) return path.resolve(project);
  }
}

/** Something in a folder that changed after a time. The folder's own time tells of what was removed from it. */
function newest(folder: string, since: number, out: string): string | undefined {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (SKIPPED.has(entry.name) || full === out) continue;
    const found = entry.isDirectory() ? newest(full, since, out) : isNewer(full, since) ? full : undefined;
    if (found !== undefined) return found;
  }
  return isNewer(folder, since) ? folder : undefined;
}

/** What a package manager touches with every change, in the project and above it, and this library itself. */
function newerDependency(project: string, root: string, since: number): string | undefined {
  const folders = [path.resolve(project)];
  for (let folder = folders[0] ?? root; folder !== root && folder !== path.dirname(folder);) {
    folder = path.dirname(folder);
    folders.push(folder);
  }
  const touched = folders.flatMap((folder) =>
    ["", ".package-lock.json", ".modules.yaml", ".yarn-state.yml", ".yarn-integrity"].map((name) =>
      path.join(folder, "node_modules", name),
    ),
  );
  return [...touched, __filename].find((file) => isNewer(file, since));
}

function isNewer(file: string, since: number): boolean {
  const found = fs.lstatSync(file, { throwIfNoEntry: false });
  return found !== undefined && Math.max(found.mtimeMs, found.ctimeMs) > since;
}
