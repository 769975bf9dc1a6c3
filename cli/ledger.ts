import type { Command } from "commander";
import { colors } from "./colors";
import type { LedgerEntry } from "../constructs/ledger-entry";
import { plainJson, plainly } from "../plan/plain";
import { currentLab } from "./lab";
import { checkFile } from "./ledger-check";
import { table } from "./table";

/** `homelab ledger`: everything that holds data, also what the code no longer declares. */
export function addLedger(program: Command): void {
  program
    .command("ledger")
    .description("list everything that holds data, also what the code no longer declares")
    .option("--check", "exit with 1 when the committed ledger is not the one that the last synthesis made")
    .option("--json", "print as JSON")
    .action(async (options: { check?: boolean; json?: boolean }) => {
      const manifest = await currentLab(program);
      const entries = [...Object.entries(manifest.ledger), ...Object.entries(manifest.retired ?? {})];
      if (options.json) console.log(plainJson(Object.fromEntries(entries)));
      else {
        const rows = plainly(entries).map(([key, entry]) => [
          key,
          entry.kind,
          entry.host ?? entry.server ?? "",
          entry.name,
          stateOf(entry),
        ]);
        console.log(table([["KEY", "KIND", "ON", "NAME", "STATE"].map((name) => colors.bold(name)), ...rows]));
      }
      if (options.check) checkFile(manifest);
    });
}

function stateOf(entry: LedgerEntry & { readonly released?: boolean }): string {
  if (entry.retired) return colors.red("retired");
  return entry.released ? colors.yellow("released") : "in use";
}
