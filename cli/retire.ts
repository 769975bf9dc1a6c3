import type { Command } from "commander";
import { Ledger } from "../constructs/ledger";
import type { LedgerEntry } from "../constructs/ledger-entry";
import type { Manifest } from "../constructs/manifest";
import { readStacks } from "../offline/providers";
import { plain } from "../plan/plain";
import { currentLab } from "./lab";
import { UserError, type ManifestOptions } from "./manifest";
import { retireCommands, type RetireCommand } from "./retire-commands";
import { refuseWhatIsLeft } from "./retire-left";
import { usesOf } from "./retire-uses";

/** `homelab retire`: lets go of data that the code no longer declares. */
export function addRetire(program: Command): void {
  program
    .command("retire")
    .description("let data go that the code no longer declares, and say how to destroy it; once more when it is gone")
    .argument("<key...>", "a service, or one ledger key like paperless/media")
    .action(async (keys: string[]) => {
      const manifest = await currentLab(program);
      const { out } = program.opts<ManifestOptions>();
      const { ledgerFile } = manifest;
      if (ledgerFile === undefined) throw new UserError("the lab keeps no ledger, so there is nothing to retire from");
      const ledger = Ledger.fromFile(ledgerFile);
      const chosen = [...new Set(keys.flatMap((key) => keysOf(key, ledger)))];
      const gone = chosen.filter((key) => ledger.retired.has(key));
      const retired = chosen.filter((key) => !ledger.retired.has(key));
      refuseWhatIsUsed(retired, ledger, manifest, out);
      await refuseWhatIsLeft(gone, ledger.retired, manifest, out);
      for (const [key, entry] of entriesOf(retired, ledger.entries)) ledger.set(key, { ...entry, retired: true });
      for (const key of gone) ledger.delete(key);
      ledger.save();
      if (gone.length > 0) console.log(plain(`Taken out of ${ledgerFile}: ${gone.join(", ")}`));
      if (retired.length > 0) tell(retired, ledger, manifest);
    });
}

/** The keys that a word of the command names: those that are kept, or where all of them are retired, these. */
function keysOf(word: string, { entries, retired, label }: Ledger): string[] {
  const named = (keys: Iterable<string>): string[] =>
    [...keys].filter((key) => key === word || key.startsWith(`${word}/`));
  const found = [named(entries.keys()), named(retired.keys())].find((keys) => keys.length > 0);
  if (found) return found;
  const known = [...entries.keys(), ...retired.keys()].join(", ") || "nothing";
  throw new UserError(`${label} has no ${JSON.stringify(word)}, it has ${known}`);
}

function refuseWhatIsUsed(retired: readonly string[], ledger: Ledger, manifest: Manifest, out: string): void {
  const declared = retired.filter((key) => manifest.ledger[key]?.released === false);
  if (declared.length > 0) {
    throw new UserError(
      `${declared.map((key) => JSON.stringify(key)).join(", ")} is still declared by the code: remove the service or the part, synthesize and deploy, then retire it`,
    );
  }
  const uses = usesOf(retired, ledger.entries, { manifest, stacks: readStacks(out) });
  if (uses.length > 0) throw new UserError(plain(uses.join("\n")));
}

function tell(retired: readonly string[], ledger: Ledger, manifest: Manifest): void {
  const admin = (server: string): string =>
    manifest.databaseServers.find(({ name }) => name === server)?.adminRole ?? "postgres";
  const commands = retireCommands(retired, new Map([...ledger.entries, ...ledger.retired]), admin);
  console.log(plain(`Retired in ${ledger.label}: ${retired.join(", ")}`));
  console.log("What Terraform still has in a state is destroyed by the next deployment of its stack.");
  console.log("What it has forgotten stays where it is until you destroy it:");
  for (const command of commands) console.log(`  ${plain(told(command))}`);
  console.log("Until it is gone nothing else gets its key, address or name. Afterwards, to have them free again:");
  console.log(`  homelab retire ${plain(retired.join(" "))}`);
}

function entriesOf(keys: readonly string[], entries: ReadonlyMap<string, LedgerEntry>): [string, LedgerEntry][] {
  return [...entries].filter(([key]) => keys.includes(key));
}

function told({ place: { host, server }, database, command }: RetireCommand): string {
  if (host !== undefined) return `on host ${host}: ${command}`;
  return `on database server ${server}${database === undefined ? "" : `, in its database ${database}`}: ${command}`;
}
