import * as fs from "node:fs";
import * as path from "node:path";
import type { Command } from "commander";
import type { Manifest } from "../contract/manifest";
import { Children } from "../process/children";
import { whatIsNewer } from "../plan/newer";
import { plain, plainLines } from "../contract/plain";
import { runApp } from "../plan/synthesize";
import { untilEnd } from "../process/until-end";
import { readManifest, type ManifestOptions } from "./manifest";
import { UserError } from "../process/user-error";

/** Options of the whole command that say where the lab is. */
export interface LabOptions extends ManifestOptions {
  /** Whether the lab may be synthesized before it is read. */
  readonly synth: boolean;
}

/** Where the lab is synthesized: as the environment, `cdktf.json` or cdktf itself says. */
export function defaultFolder(): string {
  return process.env.CDKTF_OUTDIR ?? folderOfCdktf();
}

function folderOfCdktf(): string {
  if (!fs.existsSync("cdktf.json")) return "cdktf.out";
  const { output = "cdktf.out" } = JSON.parse(fs.readFileSync("cdktf.json", "utf8")) as { output?: string };
  return output;
}

/**
 * The lab as the code declares it now. Where something changed since the last synthesis, it is synthesized first, as
 * cdktf does with each call, but without a change of the ledger or the generations: looking at a lab changes nothing.
 */
export async function currentLab(program: Command): Promise<Manifest> {
  const { out, synth } = program.opts<LabOptions>();
  if (isSynthesizedHere(program)) {
    const newer = whatIsNewer(process.cwd(), out);
    if (newer !== undefined && synth) await synthesizeHere(out, newer, { HOMELAB_DRY_RUN: "true" });
    else if (newer !== undefined) tell(`${newer}, and with --no-synth ${out} may be of another lab`);
  }
  return readManifest({ out });
}

/**
 * The lab for a deployment: synthesized in any case, with the ledger and the generations. `isFresh` says that cdktf finds
 * it where it looks, and need not do it again.
 */
export async function labToDeploy(
  program: Command,
): Promise<{ readonly manifest: Manifest; readonly isFresh: boolean }> {
  const { out, synth } = program.opts<LabOptions>();
  if (!synth || !isSynthesizedHere(program)) return { manifest: await currentLab(program), isFresh: false };
  await synthesizeHere(out, "before a command that may deploy it", {});
  return { manifest: readManifest({ out }), isFresh: path.resolve(out) === path.resolve(folderOfCdktf()) };
}

/** The lab with all that it declares, whatever its ledger lacks of that: also in CI, and without a change of any file. */
export async function labToRecover(program: Command): Promise<Manifest> {
  const { out } = program.opts<LabOptions>();
  if (isSynthesizedHere(program))
    await synthesizeHere(out, "what it declares is looked for", { HOMELAB_DRY_RUN: "true", CI: "" });
  return readManifest({ out });
}

/** A folder that somebody names is looked at as it is, and so is one without the lab's program. */
function isSynthesizedHere(program: Command): boolean {
  return program.getOptionValueSource("out") === "default" && fs.existsSync("cdktf.json");
}

async function synthesizeHere(out: string, why: string, env: NodeJS.ProcessEnv): Promise<void> {
  tell(`${why}: synthesizing the lab`);
  fs.mkdirSync(out, { recursive: true }); // before the synthesis begins: it changes the folder around it
  const children = new Children();
  const said = await untilEnd((defer) => {
    defer(() => children.end());
    return runApp(process.cwd(), path.resolve(out), "the lab", children, { ...process.env, ...env });
  }).catch((error: unknown) => {
    throw new UserError(error instanceof Error ? error.message : String(error));
  });
  process.stderr.write(plainLines(said));
}

function tell(sentence: string): void {
  process.stderr.write(`homelab: ${plain(sentence)}\n`);
}
