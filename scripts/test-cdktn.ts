/**
 * Proves what `docs/guides/cdktn.md` promises: installs its block of `package.json` with the packed library, compares what
 * the example lab synthesizes on cdktn and on cdktf, and runs the compiler and the unit tests on cdktn.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { compareWithCopy, copyProject, inTemporaryFolder, ROOT, run } from "./project-copy";
import { smallestLab } from "./smallest-lab";

const GUIDE = "docs/guides/cdktn.md";

/** Where two syntheses may differ: in the version that each writes into its stacks. */
const VERSION = "//.metadata.version";

inTemporaryFolder("cdktn", (folder) => {
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

  copyProject(project, (one) => path.join(isBuiltOn(one) ? user : ROOT, "node_modules"));
  const { count, differences } = compareWithCopy(project, folder, ({ path: way }) => way.join(".") === VERSION);
  console.log(`ok the ${count} stacks and the manifest of the example lab are the same, but for`);
  for (const line of differences) console.log(`   ${line}`);

  run(project, "npx", ["tsc", "-p", "tsconfig.json"]);
  console.log("ok the project compiles on it");
  // Histories are about the library's own ledger: a few show that it is kept here too.
  run(project, "npx", ["jest"], { HOMELAB_HISTORIES: "50" });
  console.log("ok the unit tests pass on it");
});

/** Whether a package of the user's has to be that of the copy too; the others are the same. */
function isBuiltOn(name: string): boolean {
  return name === "cdktf" || name === "constructs" || /^@cdktf.provider-(?!generator|schema)/.test(name);
}

function refuse(what: string, found: readonly string[]): void {
  if (found.length > 0) throw new Error(`the block of ${GUIDE} ${what}:\n${found.join("\n")}`);
}

/** Makes the project of a user: the block of the guide, with the library as it is packed. */
function install(user: string): void {
  const block = /```json\n([\s\S]*?)```/.exec(fs.readFileSync(path.join(ROOT, GUIDE), "utf8"))?.[1] ?? "";
  const project = JSON.parse(block) as { readonly dependencies: Readonly<Record<string, string>> };
  fs.mkdirSync(user);
  const packed = run(ROOT, "npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", user]).trim();
  const dependencies = { ...project.dependencies, "cdktf-homelab": `file:${path.join(user, packed)}` };
  fs.writeFileSync(path.join(user, "package.json"), JSON.stringify({ ...project, dependencies }));
  run(user, "npm", ["install", "--no-audit", "--no-fund"]);
}

/** The folders in which a package lies under a project. */
function copiesOf(name: string, project: string): string[] {
  return fs
    .readdirSync(project, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(path.join("node_modules", name)));
}
