import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** The cdktf that is installed: cdktn, in its place, archives with another package. */
const { name: installed } = JSON.parse(
  fs.readFileSync(path.join(path.dirname(require.resolve("cdktf")), "../package.json"), "utf8"),
) as { readonly name: string };

/** What a program says that reads the library, with a folder to work in. */
function run(statements: string): unknown {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-archiver-"));
  try {
    const program = `
      require(${JSON.stringify(path.resolve("constructs"))});
      const folder = ${JSON.stringify(folder)};
      const isLoaded = () => Object.keys(require.cache).some((file) => file.endsWith("archiver/lib/core.js"));
      ${statements}`;
    const said = execFileSync(process.execPath, ["--import", "tsx", "-e", program], { encoding: "utf8" });
    return JSON.parse(said);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

describe("the archiver of cdktf", () => {
  test("is not loaded for a lab, and assets are archived all the same", () => {
    const said = run(`
      const { App, AssetType, TerraformAsset, TerraformStack } = require("cdktf");
      require("node:fs").writeFileSync(folder + "/a-file", "content");
      const app = new App({ outdir: folder + "/out" });
      const asset = new TerraformAsset(new TerraformStack(app, "stack"), "asset", { path: folder, type: AssetType.ARCHIVE });
      app.synth();
      const archive = require("node:fs").readFileSync(folder + "/out/stacks/stack/" + asset.path, "latin1");
      console.log(JSON.stringify([isLoaded(), archive.slice(0, 2), archive.includes("a-file")]));`);

    expect(said).toEqual([false, "PK", true]);
  });

  test("is loaded by who uses it in the same process, where there is one", () => {
    const said = run(`
      const { createRequire } = require("node:module");
      const requireFromCdktf = createRequire(require.resolve("cdktf"));
      let archiver;
      try {
        archiver = requireFromCdktf("archiver");
      } catch ({ code }) {
        console.log(JSON.stringify(code));
        process.exit();
      }
      const before = isLoaded();
      const archive = archiver("zip");
      console.log(JSON.stringify([before, isLoaded(), typeof archive.pipe, "create" in archiver, typeof archiver.create]));`);

    expect(said).toEqual(installed === "cdktn" ? "MODULE_NOT_FOUND" : [false, true, "function", true, "function"]);
  });
});
