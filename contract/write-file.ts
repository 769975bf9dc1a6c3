import * as fs from "node:fs";
import { temporaryFor } from "./work-folder";

/** Replaces a file whole: a reader sees the old content or the new one, also after an interruption. */
export function writeFileAtomically(path: string, content: string): void {
  const temporary = temporaryFor(path);
  try {
    fs.writeFileSync(temporary, content);
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}
