import type { Command } from "commander";
import { colors } from "./colors";
import { Ledger } from "../constructs/ledger";
import { plainJson, plainly } from "../plan/plain";
import { currentLab } from "./lab";
import { UserError } from "./manifest";
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
      const entries = Object.entries(manifest.ledger);
      if (options.json) console.log(plainJson(manifest.ledger));
      else {
        const rows = plainly(entries).map(([key, { kind, host, server, name, released }]) => [
          key,
          kind,
          host ?? server ?? "",
          name,
          released ? colors.yellow("released") : "in use",
        ]);
        console.log(table([["KEY", "KIND", "ON", "NAME", "STATE"].map((name) => colors.bold(name)), ...rows]));
      }
      if (options.check)
        check(
          manifest.ledgerFile,
          entries.map(([key, { released: _released, ...entry }]) => [key, entry]),
        );
    });
}

function check(file: string | undefined, made: readonly (readonly [string, unknown])[]): void {
  if (file === undefined) throw new UserError("the lab keeps no ledger: pass Ledger.fromFile() in its configuration");
  const written = Ledger.fromFile(file).entries;
  const keys = new Set([...written.keys(), ...made.map(([key]) => key)]);
  const differing = [...keys].filter(
    (key) => JSON.stringify(written.get(key)) !== JSON.stringify(made.find(([other]) => other === key)?.[1]),
  );
  if (differing.length > 0)
    throw new UserError(
      `${file} differs from the synthesized lab in ${differing.join(", ")}: synthesize again and commit it`,
    );
}
