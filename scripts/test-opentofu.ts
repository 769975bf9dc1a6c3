/**
 * Runs the suites about Terraform offline with OpenTofu in its place, `homelab validate`, `plan` and `run` among them:
 * as `TERRAFORM_BINARY_NAME`, and as what the tests themselves call Terraform.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { OPENTOFU } from "../__tests__/support/opentofu-program";

const SUITES = ["guard", "offline", "offline-terraform", "terraform"];

function main(folder: string): number {
  const began = Date.now();
  const program = OPENTOFU.path("tofu");
  console.log(`OpenTofu ${OPENTOFU.version}, built in ${Math.round((Date.now() - began) / 1000)} s`);
  for (const name of ["terraform", "tofu"]) fs.symlinkSync(program, path.join(folder, name));
  const words = [
    "jest",
    "--config",
    "jest.integration.config.js",
    "--runInBand",
    `/integration/(${SUITES.join("|")})\\.test\\.ts$`,
  ];
  const { status } = spawnSync("npx", words, {
    cwd: path.join(__dirname, ".."),
    env: {
      ...process.env,
      PATH: `${folder}${path.delimiter}${process.env.PATH ?? ""}`,
      TERRAFORM_BINARY_NAME: "tofu",
    },
    stdio: "inherit",
  });
  return status ?? 1;
}

const reason = OPENTOFU.missing();
if (reason !== undefined) console.log(`not run: the tests with OpenTofu (${reason})`);
else {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-opentofu-"));
  try {
    process.exitCode = main(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
