import { spawn } from "node:child_process";
import type { Command } from "commander";
import type { Manifest } from "../contract/manifest";
import { persistedVariable, secretVariable } from "../contract/secret-names";
import { type SecretStore } from "../deploy/store";
import { storeOf } from "../deploy/secret-stores";
import { openTunnels } from "../deploy/tunnels";
import { Watch } from "../deploy/unhealthy";
import { untilEnd } from "../process/until-end";
import { chosen, guard } from "./guard";
import { labToDeploy } from "./lab";
import type { ManifestOptions } from "./manifest";
import { UserError } from "../process/user-error";
import { checkValue } from "./secret-values";
import { stateInWords, stateOf } from "./secret-state";

/** `homelab run`: a command with the secrets of its stacks, and no others, and with the tunnels that they need. */
export function addRun(program: Command): void {
  program
    .command("run")
    .description("run a command with the secrets that its stacks need, for example: homelab run -- cdktf deploy app-01")
    .argument("<command...>", "the command, after --; its words that name stacks choose them, without any it is all")
    .option(
      "--watch <seconds>",
      "how often the hosts are asked which container is not healthy, and why; 0 is never",
      "30",
    )
    .action(async ([command = "", ...words]: string[], { watch: interval }: { watch: string }) => {
      const { manifest, isFresh } = await labToDeploy(program);
      const stacks = chosenStacks(manifest, words);
      await guard(program.opts<ManifestOptions>().out, manifest, [command, ...words]);
      const values = await valuesFor(manifest, storeOf(manifest), stacks);
      process.exitCode = await untilEnd(async (defer) => {
        const servers = manifest.databaseServers.filter(({ stack }) => stacks.includes(stack));
        const tunnels = await openTunnels(manifest, servers, defer);
        const child = spawn(command, words, {
          env: { ...environment(manifest, { ...values, ...tunnels }), ...(isFresh && ALREADY_SYNTHESIZED) },
          stdio: "inherit",
        });
        const ended = new Promise<number>((resolve, reject) => {
          child.on("error", () => {
            reject(new UserError(`${JSON.stringify(command)} can't be run: is it installed?`));
          });
          child.on("close", (status) => {
            resolve(status ?? 1);
          });
        });
        defer(async (signal) => {
          // Ctrl-C reaches the command itself, and a second one would have Terraform leave its work half done.
          if (signal !== "SIGINT") child.kill(signal ?? "SIGTERM");
          await ended.catch(() => undefined);
        });
        const watching = new Watch(manifest, stacks, seconds(interval));
        defer(() => {
          watching.stop();
        });
        const status = await ended;
        if (status !== 0) await watching.tellAgain();
        return status;
      });
    });
}

function seconds(text: string): number {
  if (!/^\d{1,4}$/.test(text))
    throw new UserError(`'--watch' must be a number of seconds, got ${JSON.stringify(text)}`);
  return Number(text);
}

/** cdktf reads its options from such variables, and would synthesize the same again. */
const ALREADY_SYNTHESIZED = { CDKTF_SKIP_SYNTH: "true" };

function chosenStacks(manifest: Manifest, words: readonly string[]): string[] {
  const all = [...manifest.hosts, ...manifest.zones, ...manifest.databaseServers, ...manifest.secrets].flatMap(
    (owner) => ("stacks" in owner ? owner.stacks : [owner.stack]),
  );
  return chosen([...new Set(all)], words);
}

/** The values of the secrets of some stacks. Refuses a missing one, and one that the code is not of. */
async function valuesFor(
  manifest: Manifest,
  store: SecretStore,
  stacks: readonly string[],
): Promise<Record<string, string>> {
  const needed = manifest.secrets.filter((secret) => secret.stacks.some((stack) => stacks.includes(stack)));
  if (needed.length === 0) return {};
  const stored = await store.read();
  const missing = needed.filter(({ name }) => !stored.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new UserError(
      `${store.label} has no value of ${missing.join(", ")}: make what can be made with "homelab secrets generate", enter the others with "homelab secrets set"`,
    );
  }
  return Object.fromEntries(
    needed.flatMap((needs): [string, string][] => {
      const { name, persisted } = needs;
      const secret = stored.get(name);
      if (stateOf(needs, secret) !== "stored") throw new UserError(stateInWords(needs, secret, store, manifest));
      const variable = secretVariable(name);
      const value = secret?.value ?? "";
      checkValue(needs, value);
      const persists = stacks.some((stack) => stack in persisted);
      return [variable, ...(persists ? [persistedVariable(name)] : [])].map((one) => [one, value]);
    }),
  );
}

/** What the command gets: the deployer's own environment, with no way to the store and no secret of another stack. */
function environment({ secrets }: Manifest, variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const ofSecrets = secrets.flatMap(({ name }) => [secretVariable(name), persistedVariable(name)]);
  const withheld = new Set(ofSecrets.map((variable) => `TF_VAR_${variable}`));
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("SOPS_AGE_") && !withheld.has(name));
  const given = Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value]);
  return Object.fromEntries([...own, ...given]) as NodeJS.ProcessEnv;
}
