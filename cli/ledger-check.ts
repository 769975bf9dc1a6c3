import { Ledger } from "../contract/ledger";
import type { LedgerEntry, LedgerSecret } from "../contract/ledger-entry";
import { ledgerLine, readLedger } from "../contract/ledger-file";
import { forgotten } from "../contract/ledger-memory";
import type { Manifest } from "../contract/manifest";
import { Repository } from "../plan/base";
import { Children } from "../process/children";
import { untilEnd } from "../process/until-end";
import { UserError } from "../process/user-error";

/** Refuses a committed ledger that is not the one which the code makes. */
export function checkFile({ ledger, retired = {}, ledgerSecrets = {}, ledgerFile }: Manifest): void {
  if (ledgerFile === undefined) throw new UserError(NO_LEDGER);
  const file = Ledger.fromFile(ledgerFile);
  const written = linesOf([...file.entries, ...file.retired, ...file.secrets, ...file.retiredSecrets]);
  const held = Object.entries(ledger).map(([key, { released: _released, ...entry }]) => [key, entry] as const);
  const made = linesOf([...held, ...Object.entries(retired), ...Object.entries(ledgerSecrets)]);
  const differing = [...new Set([...written.keys(), ...made.keys()])].filter(
    (key) => written.get(key) !== made.get(key),
  );
  if (differing.length > 0)
    throw new UserError(
      `${ledgerFile} differs from the synthesized lab in ${differing.join(", ")}: synthesize again and commit it`,
    );
}

export const NO_LEDGER = "the lab keeps no ledger: pass Ledger.fromFile() in its configuration";

/**
 * Refuses a ledger that has forgotten something which that of a commit had: a line that a merge lost, a history that was
 * tidied up. What was retired in that commit already may be gone.
 */
export async function checkAgainst(base: string | undefined, { ledgerFile }: Manifest): Promise<void> {
  if (base === "none") return;
  if (ledgerFile === undefined) throw new UserError(NO_LEDGER);
  const children = new Children();
  const { ref, losses } = await untilEnd(async (defer) => {
    defer(() => children.end());
    const repository = await Repository.of(process.cwd(), children);
    if (!repository.has(ledgerFile))
      throw new UserError(`${ledgerFile} is not in the repository, so no commit has it: leave it to "--base none"`);
    const facts = await repository.find(base);
    const text = await repository.fileAt(facts, ledgerFile);
    if (text === undefined) return { ref: facts.ref, losses: [] };
    const before = readLedger(text, `${ledgerFile} of ${facts.ref}`);
    const now = Ledger.fromFile(ledgerFile);
    const holders = new Map([...now.entries, ...now.retired]);
    const secrets = new Map([...now.secrets, ...now.retiredSecrets]);
    return { ref: facts.ref, losses: forgotten(before, { holders, secrets }) };
  });
  if (losses.length > 0) throw new UserError(losses.map((loss) => `${ledgerFile}, against ${ref}: ${loss}`).join("\n"));
}

function linesOf(entries: Iterable<readonly [string, LedgerEntry | LedgerSecret]>): ReadonlyMap<string, string> {
  return new Map([...entries].map(([key, entry]) => [key, ledgerLine(key, entry)]));
}
