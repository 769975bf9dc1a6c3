import * as fs from "node:fs";
import * as path from "node:path";
import { MANIFEST_VERSION } from "../contract/manifest";
import { readStacks, type StackDocument } from "../offline/providers";
import type { Children } from "../process/children";
import { readFiles } from "./files";
import type { SynthesizedLab } from "./labs";
import { storedOf } from "./stored";
import { asPresent, type ReadManifest } from "./older-manifest";

/** Runs the program of a lab's `cdktf.json` into a folder of its own, and reads what it wrote. Nothing is written beside it. */
export async function synthesize(
  project: string,
  out: string,
  who: string,
  children: Children,
  env: NodeJS.ProcessEnv = process.env,
): Promise<SynthesizedLab> {
  await runApp(project, out, who, children, { ...env, HOMELAB_DRY_RUN: "true" });
  return readLab(out, project);
}

/**
 * Runs the program of a lab's `cdktf.json` as cdktf does. With `HOMELAB_DRY_RUN=true` in its environment the ledger and
 * the generations stay as they are. Returns what it said on standard error.
 */
export async function runApp(
  project: string,
  out: string,
  who: string,
  children: Children,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const file = path.join(project, "cdktf.json");
  if (!fs.existsSync(file)) throw new Error(`${who} has no cdktf.json: there is no lab to synthesize`);
  const { app, context = {} } = JSON.parse(fs.readFileSync(file, "utf8")) as { app?: string; context?: object };
  if (app === undefined || app === "")
    throw new Error(`${who}: cdktf.json must have an 'app', for example "npx tsx main.ts"`);
  const written = path.join(out, "manifest.json");
  const before = changedAt(written);
  // A program that looks at values of Terraform's variables would have them in what it writes: cdktf hides them too.
  const own = Object.entries(env).filter(([name]) => !name.startsWith("TF_VAR_"));
  const { status, stderr, stdout } = await children.run(app, {
    cwd: project,
    env: {
      ...Object.fromEntries(own),
      CDKTF_OUTDIR: out,
      CDKTF_CONTEXT_JSON: JSON.stringify(context),
      CHECKPOINT_DISABLE: "1",
    },
  });
  if (status !== 0) throw new Error(`${who} does not synthesize: ${errorIn(stderr || stdout)}`);
  if (changedAt(written) === before) {
    throw new Error(`${who} was not synthesized into the folder of CDKTF_OUTDIR: leave 'outdir' of its App away`);
  }
  return stderr;
}

function changedAt(file: string): number | undefined {
  return fs.statSync(file, { throwIfNoEntry: false })?.ctimeMs;
}

/** Reads what a synthesis wrote, and what everybody can read of the files beside it in the lab's folder: the working directory's, where none is named. */
export function readLab(out: string, project = process.cwd()): SynthesizedLab {
  const { stacks } = JSON.parse(fs.readFileSync(path.join(out, "manifest.json"), "utf8")) as {
    readonly stacks: Readonly<Record<string, { readonly dependencies?: readonly string[] }>>;
  };
  const file = path.join(out, "homelab.json");
  const manifest = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as ReadManifest) : undefined;
  const documents = readStacks(out, Object.keys(stacks)).map((stack) => fromProject(stack, project));
  const present = manifest && asPresent(manifest, documents);
  return {
    stacks: documents,
    dependencies: Object.fromEntries(
      Object.entries(stacks).map(([name, { dependencies = [] }]) => [name, dependencies]),
    ),
    manifest: present,
    stored: storedOf(project, present),
    files: readFiles(project, present?.secretsFile),
    isOlder: manifest !== undefined && manifest.version !== MANIFEST_VERSION,
  };
}

/** A state in a file is written as seen from the output folder, which is another one for each synthesis. */
function fromProject(stack: StackDocument, project: string): StackDocument {
  const { terraform } = stack.document;
  const { local } = (terraform?.backend ?? {}) as { readonly local?: { readonly path?: string } };
  if (local?.path === undefined) return stack;
  const file = path.relative(project, path.resolve(stack.folder, local.path));
  const backend = { local: { ...local, path: file } };
  return { ...stack, document: { ...stack.document, terraform: { ...terraform, backend } } };
}

/** What a program of Node says when it fails, without where in whose code it was thrown. */
function errorIn(said: string): string {
  const thrown = /^(?:Uncaught )?\w*Error: ([\s\S]*?)(?=\n\s+at )/m.exec(said)?.[1];
  return (thrown ?? said.replace(/^\s+at .*$/gm, "")).trim();
}
