import * as fs from "node:fs";
import * as path from "node:path";
import type { Command } from "commander";
import type { Manifest } from "../constructs/manifest";
import { planFirst, type PlannedChange } from "../offline/first-plan";
import { readStacks, type StackDocument } from "../offline/providers";
import { isTerraformInstalled, OfflineTerraform } from "../offline/terraform";
import { validateStack, type Finding } from "../offline/validate";
import { colors } from "./colors";
import { readManifest, UserError, type ManifestOptions } from "./manifest";
import { table } from "./table";

/** `homelab offline`, `validate` and `plan`: what needs Terraform, and neither registry, host nor credential. */
export function addOffline(program: Command): void {
  const out = (): string => program.opts<ManifestOptions>().out;
  program
    .command("offline")
    .description("run a command whose Terraform is attached to recordings of the providers; nothing can be applied")
    .argument("<command...>", "the command, after --")
    .action(async ([command = "", ...words]: string[]) => {
      // Before the first synthesis there is no stack, and cdktf get needs none.
      const stacks = fs.existsSync(path.join(out(), "stacks")) ? readStacks(out()) : [];
      const status = await withTerraform(stacks, { all: true }, (terraform) =>
        terraform.passThrough(command, words, stacks),
      );
      process.exitCode = status;
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
      const manifest = readManifest(program.opts<ManifestOptions>());
      const stacks = readStacks(out(), names);
      const findings = await withTerraform(stacks, {}, (terraform) =>
        inParallel(stacks, (stack) => validateStack(terraform, stack)),
      );
      for (const finding of findings) console.log(describe(manifest, finding));
      if (findings.length > 0)
        throw new UserError(`${findings.length} of the lab's resources are not what their providers take`);
      console.log(`${stacks.length} stacks are valid: ${stacks.map(({ name }) => name).join(", ")}`);
    });
  program
    .command("plan")
    .description("plan every stack as if nothing was there, told by service")
    .argument("[stack...]", "names of stacks")
    .requiredOption("--base <base>", 'what to plan against; "none" is an empty lab')
    .action(async (names: string[], { base }: { base: string }) => {
      if (base !== "none") throw new UserError(`'--base' must be "none", got ${JSON.stringify(base)}`);
      const manifest = readManifest(program.opts<ManifestOptions>());
      const stacks = readStacks(out(), names);
      const changes = await withTerraform(stacks, {}, (terraform) =>
        inParallel(stacks, (stack) => planFirst(terraform, stack)),
      );
      console.log(summary(manifest, changes));
    });
}

/** Ends the providers whatever happens: at the end, on an error, on Ctrl-C. */
async function withTerraform<T>(
  stacks: readonly StackDocument[],
  options: { readonly all?: boolean },
  work: (terraform: OfflineTerraform) => Promise<T>,
): Promise<T> {
  const terraform = await OfflineTerraform.start(stacks, options);
  const interrupt = (signal: NodeJS.Signals): void => {
    void terraform.close().finally(() => process.exit(signal === "SIGINT" ? 130 : 143));
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    return await work(terraform);
  } finally {
    process.removeListener("SIGINT", interrupt).removeListener("SIGTERM", interrupt);
    await terraform.close();
  }
}

/** Two at a time: a Terraform uses a core, and the providers take little. */
async function inParallel<T>(
  stacks: readonly StackDocument[],
  work: (stack: StackDocument) => Promise<T[]>,
): Promise<T[]> {
  const results: T[][] = [];
  const waiting = [...stacks.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all([worker(), worker()]);
  return results.flat();
}

/** The service that a construct belongs to: named on the way to it, or the one whose name a DNS record has. */
function serviceOf(manifest: Manifest, path: string | undefined): string | undefined {
  const ids = path?.split("/").slice(1) ?? [];
  const hostName = ids.at(-1)?.split(" ")[0] ?? "";
  const services = manifest.services.filter(
    ({ name, routes }) => ids.includes(name) || routes.some(({ hosts }) => hosts.includes(hostName)),
  );
  return services[0]?.name;
}

function describe(manifest: Manifest, { stack, address, path, message }: Finding): string {
  const service = serviceOf(manifest, path);
  const who = [service === undefined ? undefined : `service "${service}"`, path ?? stack, address].filter(
    (part) => part !== undefined,
  );
  return `${colors.red(who.join(", "))}: ${message}`;
}

function summary(manifest: Manifest, changes: readonly PlannedChange[]): string {
  const byService = new Map<string, PlannedChange[]>();
  for (const change of changes) {
    const service = serviceOf(manifest, change.path) ?? "(shared)";
    byService.set(service, [...(byService.get(service) ?? []), change]);
  }
  const rows = [...byService]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, own]) => [
      colors.cyan(service),
      [...new Set(own.map(({ stack }) => stack))].sort().join(", "),
      String(own.filter(({ action }) => action === "create").length),
      own
        .filter(({ action }) => action !== "create")
        .map(({ action, address }) => `${action} ${address}`)
        .join(", ") || "-",
    ]);
  return [
    `Against an empty lab, planned offline: ${changes.length} resources.`,
    table([["SERVICE", "STACKS", "CREATED", "OTHERWISE"].map((name) => colors.bold(name)), ...rows]),
  ].join("\n\n");
}
