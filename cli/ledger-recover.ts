import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { Ledger } from "../constructs/ledger";
import type { Manifest } from "../constructs/manifest";
import { DeployedMounts } from "../deploy/deployed-mounts";
import { foundInStates, type DeployedStack, type Found } from "../deploy/found";
import { foundOnHost } from "../deploy/found-on-hosts";
import { foundOnServer } from "../deploy/found-on-servers";
import { recover, type RecoveredEntry } from "../deploy/recovery";
import { readState } from "../deploy/stack-state";
import { storeOf } from "../deploy/secret-stores";
import { openTunnels } from "../deploy/tunnels";
import { inParallel } from "../offline/in-parallel";
import { readStacks } from "../offline/providers";
import { Children } from "../plan/children";
import { plain, plainly } from "../plan/plain";
import { untilEnd, type Defer } from "../plan/until-end";
import { colors } from "./colors";
import { labToRecover } from "./lab";
import { NO_LEDGER } from "./ledger-check";
import { UserError, type ManifestOptions } from "./manifest";
import { table } from "./table";

/** `homelab ledger --recover`: finds what a ledger lacks again, in the states, on the hosts and in the database servers. */
export async function recoverLedger(program: Command, isAsked: boolean): Promise<void> {
  const manifest = await labToRecover(program);
  const { out } = program.opts<ManifestOptions>();
  const { ledgerFile } = manifest;
  if (ledgerFile === undefined) throw new UserError(NO_LEDGER);
  const ledger = Ledger.fromFile(ledgerFile);
  const entries = await untilEnd(async (defer) => {
    const stacks = await deployedStacks(out, defer);
    const elsewhere = await foundElsewhere(manifest, defer);
    const found = [...foundInStates(stacks, manifest, elsewhere), ...elsewhere];
    for (const one of found.filter(({ host, server }) => host === undefined && server === undefined)) tellLost(one);
    const known = new Map([...ledger.entries, ...ledger.retired]);
    return recover(found, manifest, known, new DeployedMounts(stacks));
  });
  if (entries.length === 0) {
    console.log(plain(`${ledgerFile} lacks nothing of what was found`));
    return;
  }
  tell(entries);
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

async function deployedStacks(out: string, defer: Defer): Promise<DeployedStack[]> {
  const children = new Children();
  defer(() => children.end());
  return inParallel(readStacks(out), async (stack) => {
    const resources = await reached(() => readState(stack, children));
    return [{ ...stack, resources: resources ?? [] }];
  });
}

async function foundElsewhere(manifest: Manifest, defer: Defer): Promise<Found[]> {
  const hosts = await Promise.all(manifest.hosts.map((host) => reached(() => foundOnHost(host, manifest))));
  const stored = await reached(() => storeOf(manifest).read());
  const servers: Found[][] = [];
  for (const server of manifest.databaseServers) {
    const found = await reached(async () => {
      const { through } = server;
      const tunnel = await openTunnels(manifest, server.managed ? [] : [server], defer);
      return foundOnServer(server, manifest, {
        host: (through && tunnel[through.hostVariable]) ?? server.host,
        port: Number((through && tunnel[through.portVariable]) ?? server.port),
        password: stored?.get(`homelab.postgres.${server.name}.admin_pass`)?.value,
      });
    });
    servers.push(found ?? []);
  }
  return [...hosts.map((found) => found ?? []), ...servers].flat();
}

/** What could be asked, or a word on what could not: what nothing else tells of stays unknown then. */
async function reached<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    process.stderr.write(
      plain(`homelab: not looked at: ${error instanceof Error ? error.message : String(error)}`) + "\n",
    );
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
