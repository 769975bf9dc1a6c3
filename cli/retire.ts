import type { Command } from "commander";
import { Ledger } from "../constructs/ledger";
import { plain } from "../plan/plain";
import { currentLab } from "./lab";
import { UserError } from "./manifest";
import { retireCommands, type RetireCommand } from "./retire-commands";

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
      const admin = (server: string): string =>
        manifest.databaseServers.find(({ name }) => name === server)?.adminRole ?? "postgres";
      const commands = retireCommands(chosen, ledger.entries, admin);
      for (const key of chosen) ledger.delete(key);
      ledger.save();
      console.log(plain(`Taken out of ${ledgerFile}: ${chosen.join(", ")}`));
      console.log("What Terraform still has in a state is destroyed by the next deployment of its stack.");
      console.log("What it has forgotten stays where it is until you destroy it:");
      for (const command of commands) console.log(`  ${plain(told(command))}`);
    });
}

function told({ place: { host, server }, database, command }: RetireCommand): string {
  if (host !== undefined) return `on host ${host}: ${command}`;
  return `on database server ${server}${database === undefined ? "" : `, in its database ${database}`}: ${command}`;
}
