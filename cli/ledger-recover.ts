import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { Generations } from "../contract/generations";
import { Ledger, type LedgerEntry } from "../contract/ledger";
import { ledgerLine } from "../contract/ledger-file";
import type { Manifest } from "../contract/manifest";
import { quote } from "../contract/text";
import { DeployedMounts } from "../deploy/deployed-mounts";
import { containersOf, foundInStates, type DeployedStack, type Found } from "../deploy/found";
import { lookElsewhere } from "../deploy/found-elsewhere";
import { recover, type RecoveredEntry } from "../deploy/recovery";
import { readState } from "../deploy/stack-state";
import { inParallel } from "../process/in-parallel";
import { readStacks } from "../offline/providers";
import { Children } from "../process/children";
import { plain, plainly } from "../contract/plain";
import { untilEnd, type Defer } from "../process/until-end";
import { colors } from "./colors";
import { labToRecover } from "./lab";
import { NO_LEDGER } from "./ledger-check";
import type { ManifestOptions } from "./manifest";
import { UserError } from "../process/user-error";
import { table } from "./table";

/** `homelab ledger --recover`: finds what a ledger lacks again, in the states, on the hosts and in the database servers. */
export async function recoverLedger(program: Command, isAsked: boolean): Promise<void> {
  const manifest = await labToRecover(program);
  const { out } = program.opts<ManifestOptions>();
  const { ledgerFile } = manifest;
  if (ledgerFile === undefined) throw new UserError(NO_LEDGER);
  const ledger = Ledger.fromFile(ledgerFile);
  const known = new Map([...ledger.entries, ...ledger.retired]);
  const all = await untilEnd(async (defer) => {
    const stacks = await deployedStacks(out, defer);
    const elsewhere = await foundElsewhere(manifest, stacks, defer);
    const found = [...foundInStates(stacks, manifest, elsewhere), ...elsewhere];
    for (const one of found.filter(({ host, server }) => host === undefined && server === undefined)) tellLost(one);
    return recover(found, manifest, known, new DeployedMounts(stacks));
  });
  const entries = all.filter(({ foreign }) => foreign === undefined);
  if (entries.length === 0) console.log(plain(`${ledgerFile} lacks nothing of what was found`));
  else tell(entries);
  for (const line of unknownIn(all, known, manifest)) console.log(plain(line));
  if (entries.length === 0) return;
  if (!isAsked && !(await isWanted(`Add these ${entries.length} lines to ${ledgerFile}?`))) {
    console.log("Nothing was written; --write adds them without a question.");
    return;
  }
  for (const { key, entry } of entries) ledger.set(key, entry);
  ledger.save();
  console.log(
    plain(`${ledgerFile} has ${entries.length} lines more: look at them, take out what is not the lab's, commit`),
  );
}

/** What is left to whoever knows more than states, hosts and servers do, a line each. */
function unknownIn(
  all: readonly RecoveredEntry[],
  known: ReadonlyMap<string, LedgerEntry>,
  manifest: Manifest,
): string[] {
  const has = (key: string): boolean => known.has(key) || all.some((one) => one.key === key);
  const missing = Object.entries(manifest.ledger).filter(([key, { released }]) => !released && !has(key));
  const unneeded = unneededSecrets(manifest);
  return [
    ...all.flatMap(({ key, entry, foreign }) =>
      foreign === undefined
        ? []
        : [
            `Not taken: ${entry.kind} ${quote(entry.name)} on ${entry.host ?? entry.server ?? ""}, since ${foreign}; if it is the lab's, add the line ${ledgerLine(key, entry)}`,
          ],
    ),
    ...missing.map(
      ([key, entry]) =>
        `Not found: ${key}, which the code declares as ${entry.kind} ${quote(entry.name)} on ${entry.host ?? entry.server ?? ""}: it is new, or has another name above, whose line then gets this key`,
    ),
    ...(all.length === 0
      ? []
      : [
          "Keys that something had before a rename are in none of these places: a 'formerly' that is not deployed yet has to stay in the code until it is.",
        ]),
    ...(all.length === 0 || unneeded.length === 0
      ? []
      : [
          `Nor are the names of secrets of what was renamed. The code needs none of these: ${unneeded.join(", ")}; for one that it needs under another name, add a line like ${ledgerLine("SERVICE/secret:WORD", { kind: "secret", name: unneeded[0] ?? "" })}`,
        ]),
  ];
}

/** Secrets of services that have a generation, and that the code needs no more: gone, or under another name by now. */
function unneededSecrets({ generationsFile, secrets, ledgerSecrets = {} }: Manifest): string[] {
  if (generationsFile === undefined) return [];
  const taken = new Set([...secrets, ...Object.values(ledgerSecrets)].map(({ name }) => name));
  const known = Generations.fromFile(generationsFile).entries.keys();
  return [...known].filter((name) => name.startsWith("webservices.") && !taken.has(name));
}

async function deployedStacks(out: string, defer: Defer): Promise<DeployedStack[]> {
  const children = new Children();
  defer(() => children.end());
  return inParallel(readStacks(out), async (stack) => {
    const resources = await reached(() => readState(stack, children));
    return [{ ...stack, resources: resources ?? [] }];
  });
}

async function foundElsewhere(
  manifest: Manifest,
  stacks: readonly DeployedStack[],
  defer: Defer,
): Promise<readonly Found[]> {
  const places = {
    hosts: new Set(manifest.hosts.map(({ name }) => name)),
    servers: new Set(manifest.databaseServers.map(({ name }) => name)),
  };
  const { found, unasked } = await lookElsewhere(manifest, places, containersOf(stacks), defer);
  for (const sentence of unasked) say(sentence);
  return found;
}

/** What could be asked, or a word on what could not: what nothing else tells of stays unknown then. */
async function reached<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** What a state has, and no host or server that was asked. */
function tellLost({ kind, name, address, stack }: Found): void {
  process.stderr.write(
    plain(
      `homelab: the state of stack ${JSON.stringify(stack)} has ${kind} ${JSON.stringify(name)} (${address}), and nothing says where that is: add its line by hand, with its host or server and "stack"`,
    ) + "\n",
  );
}

function say(sentence: string): void {
  process.stderr.write(`${plain(`homelab: not looked at: ${sentence}`)}\n`);
}

function tell(entries: readonly RecoveredEntry[]): void {
  const rows = plainly(entries).map(({ key, entry, isDeclared, seen }) => [
    key,
    entry.kind,
    entry.host ?? entry.server ?? "",
    entry.name,
    isDeclared ? "in use" : colors.yellow("released"),
    seen.join(", "),
  ]);
  console.log(table([["KEY", "KIND", "ON", "NAME", "STATE", "SEEN"].map((name) => colors.bold(name)), ...rows]));
}

/** Asks whoever sits there; nobody does where the input is no terminal. */
async function isWanted(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(plain(`${question} [y/N] `))).trim());
  } finally {
    asking.close();
  }
}
