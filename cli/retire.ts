import type { Command } from "commander";
import { Generations } from "../contract/generations";
import { Ledger } from "../contract/ledger";
import type { LedgerEntry, LedgerSecret } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import { readStacks } from "../offline/providers";
import { plain } from "../contract/plain";
import { currentLab } from "./lab";
import type { ManifestOptions } from "./manifest";
import { UserError } from "../process/user-error";
import { choose, isNeeded, living, retiredIn } from "./retire-choice";
import { adminIn, retireCommands, told } from "./retire-commands";
import { refuseWhatIsLeft } from "./retire-left";
import { refuseStoredValues, tellOfValues } from "./retire-secrets";
import { usesOf } from "./retire-uses";

/** `homelab retire`: lets go of data that the code no longer declares, and of the secrets of its service. */
export function addRetire(program: Command): void {
  program
    .command("retire")
    .description("let data go that the code no longer declares, and say how to destroy it; once more when it is gone")
    .argument("<key...>", "a service, or one ledger key like paperless/media")
    .action(async (words: string[]) => {
      const manifest = await currentLab(program);
      const { out } = program.opts<ManifestOptions>();
      const { ledgerFile, generationsFile } = manifest;
      if (ledgerFile === undefined) throw new UserError("the lab keeps no ledger, so there is nothing to retire from");
      const ledger = Ledger.fromFile(ledgerFile);
      const generations =
        generationsFile === undefined ? Generations.inMemory() : Generations.fromFile(generationsFile);
      const { retired, gone } = choose(words, ledger, generations, manifest);
      const lines = new Map([...living(ledger, generations), ...retiredIn(ledger)]);
      refuseWhatIsUsed([...retired, ...gone], lines, ledger, manifest, out);
      await refuseWhatIsLeft(gone, ledger.retired, manifest, out);
      await refuseStoredValues(secretsOf(gone, lines), manifest);
      for (const key of retired) {
        const line = lines.get(key);
        if (line) ledger.set(key, { ...line, retired: true });
      }
      for (const key of gone) ledger.delete(key);
      for (const [, { name }] of secretsOf(gone, lines)) generations.delete(name);
      ledger.save();
      generations.save();
      if (gone.length > 0) console.log(plain(`Taken out of ${ledgerFile}: ${gone.join(", ")}`));
      if (retired.length === 0) return;
      tell(retired, ledger, manifest);
      for (const line of await tellOfValues(secretsOf(retired, lines), manifest)) console.log(plain(line));
      console.log("Until it is gone nothing else gets its key, address or name. Afterwards, to have them free again:");
      console.log(`  homelab retire ${plain(retired.join(" "))}`);
    });
}

type Lines = ReadonlyMap<string, LedgerEntry | LedgerSecret>;

function secretsOf(keys: readonly string[], lines: Lines): (readonly [string, LedgerSecret])[] {
  return keys.flatMap((key) => {
    const line = lines.get(key);
    return line?.kind === "secret" ? [[key, line] as const] : [];
  });
}

/** Refuses what the code declares or anything uses: also once more, before its name is free for others. */
function refuseWhatIsUsed(
  keys: readonly string[],
  lines: Lines,
  ledger: Ledger,
  manifest: Manifest,
  out: string,
): void {
  const needed = secretsOf(keys, lines).filter(([, { name }]) => isNeeded(name, manifest));
  const declared = [...keys.filter((key) => manifest.ledger[key]?.released === false), ...needed.map(([key]) => key)];
  if (declared.length > 0) {
    throw new UserError(
      `${declared.map((key) => JSON.stringify(key)).join(", ")} is still declared by the code: remove the service or the part, synthesize and deploy, then retire it`,
    );
  }
  const again = [...ledger.retired].filter(([key]) => keys.includes(key));
  const uses = usesOf(keys, new Map([...ledger.entries, ...again]), { manifest, stacks: readStacks(out) });
  if (uses.length > 0) throw new UserError(plain(uses.join("\n")));
}

function tell(retired: readonly string[], ledger: Ledger, manifest: Manifest): void {
  const commands = retireCommands(retired, new Map([...ledger.entries, ...ledger.retired]), adminIn(manifest));
  console.log(plain(`Retired in ${ledger.label}: ${retired.join(", ")}`));
  if (commands.length === 0) return;
  console.log("What Terraform still has in a state is destroyed by the next deployment of its stack.");
  console.log("What it has forgotten stays where it is until you destroy it:");
  for (const command of commands) console.log(`  ${plain(told(command))}`);
}
