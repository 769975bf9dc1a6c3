/**
 * Proves what `docs/guides/cdktn.md` promises: installs its block of `package.json` with the packed library, compares what
 * the example lab synthesizes on cdktn and on cdktf, and runs the compiler and the unit tests on cdktn.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { differencesOf } from "../plan/differences";
import type { SynthesizedLab } from "../plan/labs";
import { readLab } from "../plan/synthesize";
import { smallestLab } from "./smallest-lab";

const ROOT = path.join(__dirname, "..");
const GUIDE = "docs/guides/cdktn.md";

/** What a copy of the project has of its own, or needs not. */
const NOT_COPIED = new Set([".git", ".homelab", "cdktf.out", "node_modules"]);

/** Where two syntheses may differ: in the version that each writes into its stacks. */
const MAY_DIFFER = "//.metadata.version";

function main(folder: string): void {
  const [user, project] = [path.join(folder, "user"), path.join(folder, "project")];

  install(user);
  const installed = fs.readFileSync(path.join(user, "node_modules/cdktf/package.json"), "utf8");
  const { name, version } = JSON.parse(installed) as Readonly<Record<string, string>>;
  refuse("installs something else as cdktf", name === "cdktn" ? [] : [String(name)]);
  refuse("installs cdktf more than once", copiesOf("cdktf", user).slice(1));
  console.log(`ok the block of ${GUIDE} installs cdktn ${version ?? ""} as cdktf, once`);
  fs.writeFileSync(
    path.join(user, "lab.cjs"),
    smallestLab((what, from) => `const { ${what} } = require("${from}");`),
  );
  run(user, "node", ["lab.cjs"]);
  run(user, "npx", ["homelab", "show", "whoami"]);
  console.log("ok the packed library synthesizes a lab on it");

  fs.cpSync(ROOT, project, { recursive: true, filter: (file) => !NOT_COPIED.has(path.relative(ROOT, file)) });
  linkPackages(project, user);
  const base = synthesize(ROOT, path.join(folder, "cdktf"));
  const head = synthesize(project, path.join(folder, "cdktn"));
  const found = differencesOf({ base, head }, { resources: new Map(), services: new Map() }).map(
    ({ document, path: way, before, after }) => ({
      isExpected: way.join(".") === MAY_DIFFER,
      line: `${document}, ${way.join(".")}: ${JSON.stringify(before)}, on cdktn ${JSON.stringify(after)}`,
    }),
  );
  const lines = (which: boolean): string[] => found.flatMap((one) => (one.isExpected === which ? [one.line] : []));
  refuse("synthesizes something else", lines(false));
  console.log(`ok the ${head.stacks.length} stacks and the manifest of the example lab are the same, but for`);
  for (const line of lines(true)) console.log(`   ${line}`);

  run(project, "npx", ["tsc", "-p", "tsconfig.json"]);
  console.log("ok the project compiles on it");
  // Histories are about the library's own ledger: a few show that it is kept here too.
  run(project, "npx", ["jest"], { HOMELAB_HISTORIES: "50" });
  console.log("ok the unit tests pass on it");
}

function refuse(what: string, found: readonly string[]): void {
  if (found.length > 0) throw new Error(`the block of ${GUIDE} ${what}:\n${found.join("\n")}`);
}

/** Makes the project of a user: the block of the guide, with the library as it is packed. */
function install(user: string): void {
  const block = /```json\n([\s\S]*?)```/.exec(fs.readFileSync(path.join(ROOT, GUIDE), "utf8"))?.[1] ?? "";
  const project = JSON.parse(block) as { readonly dependencies: Readonly<Record<string, string>> };
  fs.mkdirSync(user);
  const packed = path.join(
    user,
    run(ROOT, "npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", user]).trim(),
  );
  const dependencies = { ...project.dependencies, "cdktf-homelab": `file:${packed}` };
  fs.writeFileSync(path.join(user, "package.json"), JSON.stringify({ ...project, dependencies }));
  run(user, "npm", ["install", "--no-audit", "--no-fund"]);
}

/** The folders in which a package lies under a project. */
function copiesOf(name: string, project: string): string[] {
  return fs
    .readdirSync(project, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(path.join("node_modules", name)));
}

/** Gives a copy of the project the user's cdktf with what is built on it, and the project's own packages for the rest. */
function linkPackages(project: string, user: string): void {
  const [theirs, ours] = [path.join(user, "node_modules"), path.join(ROOT, "node_modules")];
  const packages = fs.readdirSync(ours).filter((name) => name !== "@cdktf");
  const scoped = fs.readdirSync(path.join(ours, "@cdktf")).map((name) => path.join("@cdktf", name));
  fs.mkdirSync(path.join(project, "node_modules/@cdktf"), { recursive: true });
  for (const name of [...packages, ...scoped]) {
    const isBuiltOn = name === "cdktf" || name === "constructs" || name.startsWith("@cdktf/provider-");
    const from = isBuiltOn && fs.existsSync(path.join(theirs, name)) ? theirs : ours;
    fs.symlinkSync(path.join(from, name), path.join(project, "node_modules", name));
  }
}

/** What the example lab becomes in a project. */
function synthesize(project: string, out: string): SynthesizedLab {
  run(project, "node", ["--import", "tsx", "main.ts"], { CDKTF_OUTDIR: out, HOMELAB_DRY_RUN: "true" });
  return readLab(out, project);
}

/** Runs a program, shows what it says on standard error when it fails, and returns what it said. */
function run(cwd: string, command: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd,
    env: { ...process.env, CHECKPOINT_DISABLE: "1", ...env },
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "cdktf-homelab-cdktn-"));
try {
  main(folder);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
