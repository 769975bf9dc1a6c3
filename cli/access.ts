import type { Command } from "commander";
import { toYaml } from "../contract/yaml";
import { currentLab } from "./lab";

/** `homelab access`: the lab's access rules, as Authelia reads them. */
export function addAccess(program: Command): void {
  program
    .command("access")
    .description("print the access rules of all routes as a configuration file for Authelia")
    .action(async () => {
      const { accessControl } = await currentLab(program);
      process.stdout.write(toYaml({ access_control: accessControl }));
    });
}
