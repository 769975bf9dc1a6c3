import type { Command } from "commander";
import { Ledger, type LedgerEntry } from "../constructs/ledger";
import { shellWord } from "../constructs/text";
import { currentLab } from "./lab";
import { UserError } from "./manifest";

/** `homelab retire`: lets go of data that the code no longer declares. */
export function addRetire(program: Command): void {
  program
    .command("retire")
    .description("take data that the code no longer declares out of the ledger, and say how to destroy it")
    .argument("<key...>", "a service, or one ledger key like paperless/media")
    .action(async (keys: string[]) => {
      const manifest = await currentLab(program);
      const { ledgerFile } = manifest;
      if (ledgerFile === undefined) throw new UserError("the lab keeps no ledger, so there is nothing to retire from");
      const ledger = Ledger.fromFile(ledgerFile);
      const chosen = keys.flatMap((key) => {
        const found = [...ledger.entries.keys()].filter((known) => known === key || known.startsWith(`${key}/`));
        if (found.length === 0)
          throw new UserError(
            `${ledgerFile} has no ${JSON.stringify(key)}, it has ${[...ledger.entries.keys()].join(", ") || "nothing"}`,
          );
        return found;
      });
      for (const key of chosen) {
        const entry = manifest.ledger[key];
        if (entry && !entry.released) {
          throw new UserError(
            `${JSON.stringify(key)} is still declared by the code: remove the service or the part, synthesize and deploy, then retire it`,
          );
        }
      }
      const entries = chosen.map((key) => ledger.entries.get(key)).filter((entry) => entry !== undefined);
      for (const key of chosen) ledger.delete(key);
      ledger.save();
      console.log(`Taken out of ${ledgerFile}: ${chosen.join(", ")}`);
      console.log("What Terraform still has in a state is destroyed by the next deployment of its stack.");
      console.log("What it has forgotten stays where it is until you destroy it:");
      for (const entry of entries) for (const command of commands(entry)) console.log(`  ${command}`);
    });
}

function commands(entry: LedgerEntry): string[] {
  return [entry, ...(entry.previous ?? [])].map(({ host, server, name }) => {
    if (entry.kind === "database") return `on database server ${server}: DROP DATABASE "${name}";`;
    if (entry.kind === "role") return `on database server ${server}: DROP ROLE "${name}";`;
    return entry.kind === "volume"
      ? `on host ${host}: docker volume rm ${shellWord(name)}`
      : `on host ${host}: rm -r -- ${shellWord(name)}`;
  });
}
