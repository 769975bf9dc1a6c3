import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PROVIDER_PINS } from "../../stacks";
import { terraformEnvironment } from "./programs";

/** The providers that the suite on a real engine deploys with, and where they come from. */
export const UNDER_TEST = {
  docker: "kreuzwerker/docker",
  null: "hashicorp/null",
  postgresql: "cyrilgdn/postgresql",
} as const;

/** Whether Terraform can install the real providers here: from a registry, a mirror or a folder of plugins. */
export function canInstallProviders(): boolean {
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
    // Here the user's own configuration of Terraform counts: it may name a mirror.
    const { TF_CLI_CONFIG_FILE: config } = process.env;
    const own = config !== undefined && fs.existsSync(config) ? { TF_CLI_CONFIG_FILE: config } : {};
    const { status } = spawnSync("terraform", ["init", "-input=false"], {
      cwd: folder,
      env: { ...terraformEnvironment(), ...own, TF_REGISTRY_CLIENT_TIMEOUT: "5", TF_REGISTRY_DISCOVERY_RETRY: "0" },
      stdio: "ignore",
      timeout: 60_000,
    });
    return status === 0;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
