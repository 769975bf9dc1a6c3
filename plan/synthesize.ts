import * as fs from "node:fs";
import * as path from "node:path";
import { MANIFEST_VERSION } from "../constructs/manifest";
import { readStacks } from "../offline/providers";
import type { Children } from "./children";
import type { SynthesizedLab } from "./labs";
import { asPresent, type ReadManifest } from "./older-manifest";

/**
 * Runs the program of a lab's `cdktf.json` as cdktf does, into a folder of its own. Nothing is written beside it: with
 * `HOMELAB_DRY_RUN` the ledger and the generations stay as they are.
 */
export async function synthesize(
  project: string,
  out: string,
  who: string,
  children: Children,
  env: NodeJS.ProcessEnv = process.env,
): Promise<SynthesizedLab> {
  const file = path.join(project, "cdktf.json");
  if (!fs.existsSync(file)) throw new Error(`${who} has no cdktf.json: there is no lab to synthesize`);
  const { app, context = {} } = JSON.parse(fs.readFileSync(file, "utf8")) as { app?: string; context?: object };
  if (app === undefined || app === "")
    throw new Error(`${who}: cdktf.json must have an 'app', for example "npx tsx main.ts"`);
  const { status, stderr, stdout } = await children.run(app, {
    cwd: project,
    env: {
      ...env,
      CDKTF_OUTDIR: out,
      CDKTF_CONTEXT_JSON: JSON.stringify(context),
      HOMELAB_DRY_RUN: "true",
      CHECKPOINT_DISABLE: "1",
    },
  });
  if (status !== 0) throw new Error(`${who} does not synthesize: ${errorIn(stderr || stdout)}`);
  if (!fs.existsSync(path.join(out, "manifest.json"))) {
    throw new Error(`${who} was not synthesized into the folder of CDKTF_OUTDIR: leave 'outdir' of its App away`);
  }
  return readLab(out);
}

/** Reads what a synthesis wrote. */
export function readLab(out: string): SynthesizedLab {
  const { stacks } = JSON.parse(fs.readFileSync(path.join(out, "manifest.json"), "utf8")) as {
    readonly stacks: Readonly<Record<string, { readonly dependencies?: readonly string[] }>>;
  };
  const file = path.join(out, "homelab.json");
  const manifest = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as ReadManifest) : undefined;
  return {
    stacks: readStacks(out, Object.keys(stacks)),
    dependencies: Object.fromEntries(
      Object.entries(stacks).map(([name, { dependencies = [] }]) => [name, dependencies]),
    ),
    manifest: manifest && asPresent(manifest),
    isOlder: manifest !== undefined && manifest.version !== MANIFEST_VERSION,
  };
}

/** What a program of Node says when it fails, without where in whose code it was thrown. */
function errorIn(said: string): string {
  const thrown = /^(?:Uncaught )?\w*Error: ([\s\S]*?)(?=\n\s+at )/m.exec(said)?.[1];
  return (thrown ?? said).trim();
}
