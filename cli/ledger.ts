import type { Command } from "commander";
import { colors } from "./colors";
import type { LedgerEntry, LedgerSecret } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import { plainJson, plainly } from "../contract/plain";
import { currentLab } from "./lab";
import { checkAgainst, checkFile } from "./ledger-check";
import { recoverLedger } from "./ledger-recover";
import { table } from "./table";

/** `homelab ledger`: everything that holds data and the secrets that open it, also what the code no longer declares. */
export function addLedger(program: Command): void {
  program
    .command("ledger")
    .description("list everything that holds data and the secrets that open it, also what the code no longer declares")
    .option("--check", "exit with 1 when the ledger is not the one that the code makes, or has forgotten something")
    .option("--base <ref>", 'the commit whose ledger must not be forgotten; "none" asks no commit')
    .option("--recover", "find what it lacks again, in the states, on the hosts and in the database servers")
    .option("--write", "with --recover: add what was found without a question")
    .option("--json", "print as JSON")
    .addHelpText("after", "\nWithout --base it is the merge base with the default branch.")
    .action(async (options: { check?: boolean; base?: string; recover?: boolean; write?: boolean; json?: boolean }) => {
      if (options.recover) {
        await recoverLedger(program, options.write ?? false);
        return;
      }
      const manifest = await currentLab(program);
      const entries = [
        ...Object.entries(manifest.ledger),
        ...Object.entries(manifest.retired ?? {}),
        ...secretsOf(manifest),
      ];
      if (options.json) console.log(plainJson(Object.fromEntries(entries)));
      else {
        const rows = plainly(entries).map(([key, entry]) => [
          key,
          entry.kind,
          entry.kind === "secret" ? "" : (entry.host ?? entry.server ?? ""),
          entry.name,
          stateOf(entry),
        ]);
        console.log(table([["KEY", "KIND", "ON", "NAME", "STATE"].map((name) => colors.bold(name)), ...rows]));
      }
      if (options.check || options.base !== undefined) {
        checkFile(manifest);
        await checkAgainst(options.base, manifest);
      }
    });
}

/** The secrets that have a line of their own, since no code says what they are called: they open the data. */
function secretsOf({
  ledgerSecrets = {},
  secrets,
}: Manifest): [string, LedgerSecret & { readonly released: boolean }][] {
  const used = new Set(secrets.map(({ name }) => name));
  return Object.entries(ledgerSecrets).map(([key, secret]) => [key, { ...secret, released: !used.has(secret.name) }]);
}

function stateOf(entry: (LedgerEntry | LedgerSecret) & { readonly released?: boolean }): string {
  if (entry.retired) return colors.red("retired");
  return entry.released ? colors.yellow("released") : "in use";
}
