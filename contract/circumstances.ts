import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { writeFileAtomically } from "./write-file";

/** What a synthesis depends on beside files. */
interface Circumstances {
  /** The version of Node.js. */
  readonly node: string;
  /** The variables that a lab's program may look at, by name, each as a digest: one may be a secret. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The file in the output folder that says when, and under what circumstances, the lab there was synthesized. */
export function circumstancesFile(out: string): string {
  return path.join(out, "homelab.synthesis.json");
}

/** The circumstances of this process. */
export function circumstances(): Circumstances {
  const named = Object.entries(process.env).filter(
    ([name]) => name.startsWith("HOMELAB_") && name !== "HOMELAB_DRY_RUN",
  );
  const digests = named.map(([name, value = ""]) => [name, createHash("sha256").update(value).digest("hex")] as const);
  return { node: process.version, variables: Object.fromEntries(digests.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** Says that this process has synthesized a lab into a folder. What changed since the process started is not in it. */
export function recordCircumstances(out: string): void {
  const file = circumstancesFile(out);
  writeFileAtomically(file, `${JSON.stringify(circumstances(), null, 2)}\n`);
  const started = new Date(performance.timeOrigin);
  fs.utimesSync(file, started, started);
}
