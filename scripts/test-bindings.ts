/**
 * Proves that the library can do without the packages of providers, which are the last of their line: in a copy of the project
 * that has none of them all bindings are generated from the recordings, it compiles, and the example lab becomes the same.
 */
import * as path from "node:path";
import { shortSource } from "../offline/provider-source";
import type { Difference } from "../plan/differences";
import { compareWithCopy, copyProject, inTemporaryFolder, ROOT, run } from "./project-copy";

inTemporaryFolder("bindings", (folder) => {
  const project = path.join(folder, "project");
  copyProject(project, (name) =>
    /^@cdktf.provider-(?!generator|schema)/.test(name) ? undefined : path.join(ROOT, "node_modules"),
  );
  run(project, "npm", ["run", "get", "--", "--all"]);
  run(project, "npx", ["tsc", "-p", "tsconfig.bindings.json"]);
  console.log("ok the project compiles with bindings from the recordings, and no package of a provider");
  const { count, differences } = compareWithCopy(project, folder, isOneSource, [
    "--tsconfig",
    "tsconfig.bindings.json",
  ]);
  console.log(`ok the ${count} stacks and the manifest of the example lab are the same, but for`);
  for (const line of differences) console.log(`   ${line}`);
});

/** Whether a provider's source is only written in another way: "null" is "hashicorp/null". */
function isOneSource({ path: way, before, after }: Difference): boolean {
  const isSource = way[0] === "terraform" && way[1] === "required_providers" && way[3] === "source";
  return (
    isSource && typeof before === "string" && typeof after === "string" && shortSource(before) === shortSource(after)
  );
}
