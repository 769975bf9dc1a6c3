import { spawnSync } from "node:child_process";

/** The oldest version, of Terraform and of OpenTofu alike, that keeps values out of its state. */
const OLDEST = [1, 11] as const;

/** The program that is run as Terraform: as cdktf has it, `TERRAFORM_BINARY_NAME` says another one, for example `tofu`. */
export function terraformProgram(): string {
  const { TERRAFORM_BINARY_NAME: name = "" } = process.env;
  return name === "" ? "terraform" : name;
}

/** Whether there is a Terraform at all, of whatever version. */
export function isTerraformInstalled(): boolean {
  return ask("version").status === 0;
}

/** Refuses a Terraform that is missing or too old. */
export function checkTerraform(): void {
  const program = terraformProgram();
  const { status, stdout } = ask("version", "-json");
  if (status !== 0) {
    throw new Error(
      `${program} can't be run: install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install) or OpenTofu 1.11 or newer (https://opentofu.org/docs/intro/install), and name another program than "terraform" in TERRAFORM_BINARY_NAME, for example "tofu"`,
    );
  }
  // Warnings about the person's CLI configuration come first on standard output, by OpenTofu in text even with -json.
  const answer = stdout.slice(Math.max(0, stdout.search(/^\{/m)));
  const { terraform_version: version = "0" } = JSON.parse(answer) as { terraform_version?: string };
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new Error(`${program} is ${version}, and 1.11 or newer is needed, for values that are kept in no state`);
  }
}

function ask(...words: string[]): { readonly status: number | null; readonly stdout: string } {
  return spawnSync(terraformProgram(), words, {
    encoding: "utf8",
    env: { ...process.env, CHECKPOINT_DISABLE: "1" },
  });
}
