import { spawnSync } from "node:child_process";

/** What of a suite can't run on this machine; undefined when all of it can. */
export function missing(programs: readonly string[], options: { readonly root?: boolean } = {}): string | undefined {
  const absent = programs.filter((program) => spawnSync("/bin/sh", ["-c", `command -v ${program}`]).status !== 0);
  if (absent.length > 0) return `${absent.join(" and ")} not installed`;
  return options.root && process.getuid?.() !== 0 ? "not root" : undefined;
}

/** A suite that needs real programs. Where it can't run it says so, and why. */
export function suite(name: string, reason: string | undefined, tests: () => void): void {
  if (reason === undefined) describe(name, tests);
  else
    test(`${name}: not run, ${reason}`, () => {
      process.stdout.write(`not run: ${name} (${reason})\n`);
    });
}

/** The environment for a Terraform that asks nothing of the network. */
export function terraformEnvironment(variables: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { TF_CLI_CONFIG_FILE: _config, ...environment } = process.env;
  return { ...environment, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", ...variables };
}
