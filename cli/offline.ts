import * as fs from "node:fs";
import * as path from "node:path";
import type { Command } from "commander";
import type { Manifest } from "../contract/manifest";
import { inParallel } from "../process/in-parallel";
import { readStacks, recordedProviders, requiredProviders } from "../offline/providers";
import { OfflineTerraform } from "../offline/terraform";
import { isTerraformInstalled } from "../offline/terraform-program";
import { validateStack, type Finding } from "../offline/validate";
import { serviceOf } from "../plan/labs";
import { plainly } from "../contract/plain";
import { colors } from "./colors";
import { untilEnd } from "../process/until-end";
import { currentLab } from "./lab";
import type { ManifestOptions } from "./manifest";
import { UserError } from "../process/user-error";

/** `homelab offline` and `validate`: what needs Terraform, and neither registry, host nor credential. */
export function addOffline(program: Command): void {
  const out = (): string => program.opts<ManifestOptions>().out;
  program
    .command("offline")
    .description("run a command whose Terraform is attached to recordings of the providers; nothing can be applied")
    .argument("<command...>", "the command, after --")
    .action(async ([command = "", ...words]: string[]) => {
      // Before the first synthesis there is no stack, and cdktf get needs none.
      const stacks = fs.existsSync(path.join(out(), "stacks")) ? readStacks(out()) : [];
      process.exitCode = await untilEnd(async (defer) => {
        const terraform = await OfflineTerraform.start({ ...recordedProviders(), ...requiredProviders(stacks) });
        defer(() => terraform.close());
        return terraform.passThrough(command, words, stacks);
      });
    });
  program
    .command("validate")
    .description("hold every stack against the schemas of its providers, with Terraform itself")
    .argument("[stack...]", "names of stacks")
    .option("--where-possible", "end well, and say why, where there is no Terraform")
    .action(async (names: string[], { wherePossible }: { wherePossible?: boolean }) => {
      if (wherePossible && !isTerraformInstalled()) {
        console.log("not validated: there is no Terraform here, which npx homelab validate needs");
        return;
      }
      const manifest = await currentLab(program);
      const stacks = readStacks(out(), names);
      const findings = await untilEnd(async (defer) => {
        const terraform = await OfflineTerraform.start(requiredProviders(stacks));
        defer(() => terraform.close());
        return inParallel(stacks, (stack) => validateStack(terraform, stack));
      });
      for (const finding of findings) console.log(describe(plainly(manifest), plainly(finding)));
      if (findings.length > 0)
        throw new UserError(`${findings.length} of the lab's resources are not what their providers take`);
      console.log(`${stacks.length} stacks are valid: ${stacks.map(({ name }) => name).join(", ")}`);
    });
}

function describe(manifest: Manifest, { stack, address, path, message }: Finding): string {
  const service = serviceOf(manifest, stack, address ?? "")?.name;
  const who = [service === undefined ? undefined : `service "${service}"`, path ?? stack, address].filter(
    (part) => part !== undefined,
  );
  return `${colors.red(who.join(", "))}: ${message}`;
}
