import { Ledger } from "../constructs/ledger";
import type { LedgerEntry, LedgerSecret } from "../constructs/ledger-entry";
import { ledgerLine } from "../constructs/ledger-file";
import type { Manifest } from "../constructs/manifest";
import { UserError } from "./manifest";

/** Refuses a committed ledger that is not the one which the code makes. */
export function checkFile({ ledger, retired = {}, ledgerSecrets = {}, ledgerFile }: Manifest): Ledger {
  if (ledgerFile === undefined)
    throw new UserError("the lab keeps no ledger: pass Ledger.fromFile() in its configuration");
  const file = Ledger.fromFile(ledgerFile);
  const written = linesOf([...file.entries, ...file.retired, ...file.secrets]);
  const held = Object.entries(ledger).map(([key, { released: _released, ...entry }]) => [key, entry] as const);
  const made = linesOf([...held, ...Object.entries(retired), ...Object.entries(ledgerSecrets)]);
  const differing = [...new Set([...written.keys(), ...made.keys()])].filter(
    (key) => written.get(key) !== made.get(key),
  );
  if (differing.length > 0)
    throw new UserError(
      `${ledgerFile} differs from the synthesized lab in ${differing.join(", ")}: synthesize again and commit it`,
    );
  return file;
}

function linesOf(entries: Iterable<readonly [string, LedgerEntry | LedgerSecret]>): ReadonlyMap<string, string> {
  return new Map([...entries].map(([key, entry]) => [key, ledgerLine(key, entry)]));
}
