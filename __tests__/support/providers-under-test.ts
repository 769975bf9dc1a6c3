import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PROVIDER_PINS } from "../../stacks";
import { missing, terraformEnvironment } from "./programs";

/** The providers that the suites on real programs deploy with, and where they come from. */
const UNDER_TEST = {
  docker: "kreuzwerker/docker",
  null: "hashicorp/null",
  postgresql: "cyrilgdn/postgresql",
} as const;

/** Whether these are the real ones: Terraform installs them from a registry, a mirror or a folder of plugins. */
export const IS_REAL = missing(["terraform"]) === undefined && canInstallProviders();

/** The providers that stand in for them, where Terraform can install none; to be attached. */
export const EMULATED: Readonly<Record<string, string>> = IS_REAL
  ? {}
  : Object.fromEntries(Object.entries(UNDER_TEST).map(([name, source]) => [source, PROVIDER_PINS[name] ?? ""]));

/** What a Terraform that installs them has to know: the user's own configuration, which may name a mirror. */
export const REAL_ENVIRONMENT: Readonly<Record<string, string>> = IS_REAL ? ownConfiguration() : {};

/** Which providers a suite runs with, for its first line. */
export function providersUnderTest(): string {
  const names = Object.entries(UNDER_TEST).map(([name, source]) => `${source} ${PROVIDER_PINS[name] ?? ""}`);
  return `${names.join(", ")}: ${IS_REAL ? "the real ones, installed by Terraform" : "emulated, Terraform can install none here"}`;
}

function canInstallProviders(): boolean {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-providers-"));
  try {
    const required = Object.entries(UNDER_TEST).map(([name, source]) => [
      name,
      { source, version: PROVIDER_PINS[name] },
    ]);
    fs.writeFileSync(
      path.join(folder, "main.tf.json"),
      JSON.stringify({ terraform: { required_providers: Object.fromEntries(required) } }),
    );
    const { status } = spawnSync("terraform", ["init", "-input=false"], {
      cwd: folder,
      env: {
        ...terraformEnvironment(ownConfiguration()),
        TF_REGISTRY_CLIENT_TIMEOUT: "5",
        TF_REGISTRY_DISCOVERY_RETRY: "0",
      },
      stdio: "ignore",
      timeout: 60_000,
    });
    return status === 0;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function ownConfiguration(): Record<string, string> {
  const { TF_CLI_CONFIG_FILE: file } = process.env;
  return file !== undefined && fs.existsSync(file) ? { TF_CLI_CONFIG_FILE: file } : {};
}
