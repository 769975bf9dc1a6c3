import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { checkTerraform } from "../../offline/terraform-program";

const { TERRAFORM_BINARY_NAME: before } = process.env;
let folder: string;

beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-program-"))));
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
  if (before === undefined) delete process.env.TERRAFORM_BINARY_NAME;
  else process.env.TERRAFORM_BINARY_NAME = before;
});

/** A program that prints a text, whatever it is asked. */
function printing(text: string): void {
  fs.writeFileSync(path.join(folder, "text"), text);
  const program = path.join(folder, "tofu");
  fs.writeFileSync(program, `#!/bin/sh\ncat ${path.join(folder, "text")}\n`, { mode: 0o755 });
  process.env.TERRAFORM_BINARY_NAME = program;
}

const warning = `
Warning: Unable to open CLI configuration file

The CLI configuration file at "/home/me/.terraformrc" does not exist.

`;

test.each([
  ["alone", ""],
  ["after a warning in text", warning],
])("a version that is new enough is taken, %s", (_, first) => {
  printing(`${first}{\n  "terraform_version": "1.12.6",\n  "provider_selections": {}\n}\n`);

  expect(checkTerraform).not.toThrow();
});

test.each([
  ["alone", ""],
  ["after a warning in text", warning],
])("a version that is too old is refused, %s", (_, first) => {
  printing(`${first}{\n  "terraform_version": "1.10.5"\n}\n`);

  expect(checkTerraform).toThrow("is 1.10.5, and 1.11 or newer is needed");
});
