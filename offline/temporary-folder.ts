import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { isLiving, thisProcess, type ProcessName } from "../contract/living";

const NAME = /^homelab-[a-z]+-([0-9a-f]{6})-([0-9a-z]+)-([0-9a-z]+)-\w{6}$/;

/**
 * Makes a folder for a run, which removes it at its end. Its name says whose it is: what a process that was killed left
 * is removed by the next one that makes a folder.
 */
export function makeTemporaryFolder(what: string): string {
  const parent = fs.realpathSync(os.tmpdir());
  removeAbandoned(parent);
  const { machine, pid, started } = thisProcess();
  // Short: sockets lie in some, and the path of one may have a hundred characters.
  return fs.mkdtempSync(path.join(parent, `homelab-${what}-${machine}-${pid.toString(36)}-${started}-`));
}

/** Whether a folder was made by a process that no longer runs. */
export function isAbandoned(folder: string): boolean {
  const owner = ownerOf(folder);
  return owner !== undefined && !isLiving(owner);
}

function ownerOf(folder: string): ProcessName | undefined {
  const [, machine, pid, started] = NAME.exec(path.basename(folder)) ?? [];
  if (machine === undefined || pid === undefined || started === undefined) return undefined;
  return { machine, pid: parseInt(pid, 36), started };
}

function removeAbandoned(parent: string): void {
  for (const name of fs.readdirSync(parent)) {
    const folder = path.join(parent, name);
    if (!isAbandoned(folder)) continue;
    try {
      fs.rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody else's, in a folder for everybody: that one removes it.
    }
  }
}
