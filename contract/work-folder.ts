import * as fs from "node:fs";
import * as path from "node:path";
import { isLiving, thisProcess, type ProcessName } from "./living";

/** The folder beside a file that is written in steps, for what lies there in between. */
export const WORK_FOLDER = ".homelab";

const LEFTOVER = /^([0-9a-f]{6})-(\d+)-([0-9a-z]+)\./;
const DAY = 24 * 60 * 60 * 1000;

/**
 * A path in the folder beside a file, on the same disk. Git sees nothing of that folder, which says so itself: whatever
 * a process leaves that is killed, no commit gets.
 */
export function besideInWorkFolder(file: string, name: string): string {
  const beside = path.dirname(file);
  const folder = path.basename(beside) === WORK_FOLDER ? beside : path.join(beside, WORK_FOLDER);
  const ignore = path.join(folder, ".gitignore");
  if (fs.statSync(ignore, { throwIfNoEntry: false })?.size !== 2) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(ignore, "*\n");
  }
  return path.join(folder, name);
}

/**
 * A path for what is to replace a file by one rename. It is named after its process, and what a process left that no
 * longer runs is removed first.
 */
export function temporaryFor(file: string): string {
  const { machine, pid, started } = thisProcess();
  const temporary = besideInWorkFolder(file, `${machine}-${pid}-${started}.${path.basename(file)}`);
  removeLeftovers(path.dirname(temporary));
  return temporary;
}

function removeLeftovers(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const owner = ownerOf(name);
    if (owner === undefined) continue;
    const file = path.join(folder, name);
    const age = Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    // Nobody can ask another machine whether its process runs; none takes a day to write a file.
    if (!isLiving(owner) || age > DAY) fs.rmSync(file, { force: true });
  }
}

function ownerOf(name: string): ProcessName | undefined {
  const [, machine, pid, started] = LEFTOVER.exec(name) ?? [];
  if (machine === undefined || pid === undefined || started === undefined) return undefined;
  return { machine, pid: Number(pid), started };
}
