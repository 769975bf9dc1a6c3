import { stacksIn, stacksOf } from "../contract/holder-stacks";
import { addressesOf, kindOf, type HolderPlace, type LedgerEntry } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import { quote } from "../contract/text";
import { readState } from "../deploy/stack-state";
import { remainsOf, type Thing } from "../deploy/still-there";
import { inParallel } from "../process/in-parallel";
import { readStacks } from "../offline/providers";
import { Children } from "../process/children";
import { plain, plainLines } from "../contract/plain";
import { untilEnd, type Defer } from "../process/until-end";
import { UserError } from "../process/user-error";
import { adminIn, retireCommands, told } from "./retire-commands";

/** A place of what was retired, and the stacks whose states may have it. */
interface Left extends Thing {
  readonly key: string;
  readonly place: HolderPlace;
  readonly stacks: readonly string[];
}

/**
 * Refuses to forget what was retired while a state, a host or a database server still has it, or can't be asked: whatever
 * got its address or its name would get the thing itself.
 */
export async function refuseWhatIsLeft(
  keys: readonly string[],
  retired: ReadonlyMap<string, LedgerEntry>,
  manifest: Manifest,
  out: string,
): Promise<void> {
  const places = keys.flatMap((key): Left[] => {
    const entry = retired.get(key);
    if (!entry) return [];
    return [entry, ...(entry.previous ?? [])].map((place) => ({
      ...{ key, place, host: place.host, server: place.server, name: place.name },
      kind: kindOf(place) ?? entry.kind,
      stacks: stacksOf({ ...entry, key }, place, stacksIn(manifest)),
    }));
  });
  if (places.length === 0) return;
  const left = await untilEnd(async (defer) => {
    const inStates = await leftInStates(places, out, defer);
    return inStates.length > 0 ? inStates : leftInPlaces(places, retired, manifest, defer);
  });
  if (left.length > 0) throw new UserError(plainLines(left.join("\n")));
}

async function leftInStates(places: readonly Left[], out: string, defer: Defer): Promise<string[]> {
  const stacks = readStacks(out).filter(({ name }) => places.some((one) => one.stacks.includes(name)));
  const children = new Children();
  defer(() => children.end());
  return inParallel(stacks, async (stack) => {
    const known = new Set((await readState(stack, children))?.map(({ address }) => address));
    return places
      .filter((one) => one.stacks.includes(stack.name))
      .flatMap(({ key, place }) =>
        addressesOf(place)
          .filter((address) => known.has(address))
          .map(
            (address) =>
              `${JSON.stringify(key)} is still in the state of stack ${JSON.stringify(stack.name)}, as ${address}: deploy that stack first`,
          ),
      );
  });
}

async function leftInPlaces(
  places: readonly Left[],
  retired: ReadonlyMap<string, LedgerEntry>,
  manifest: Manifest,
  defer: Defer,
): Promise<string[]> {
  const { there, unasked, beyond } = await remainsOf(places, manifest, defer);
  for (const { key, kind, name, host, server } of beyond) {
    const where = host === undefined ? `database server ${String(server)}` : `host ${host}`;
    const sentence = `homelab: not looked at: ${kind} ${quote(name)} of ${quote(key)} on ${where}, which the lab no longer has`;
    process.stderr.write(`${plain(sentence)}\n`);
  }
  const entries = new Map([...retired].filter(([key]) => there.some((one) => one.key === key)));
  const commands = retireCommands([...entries.keys()], entries, adminIn(manifest)).filter(({ place }) =>
    there.some(({ host, server }) => host === place.host && server === place.server),
  );
  return [
    ...there.map(({ key, kind, name }) => `${quote(key)} is still there, ${kind} ${quote(name)}: destroy it first`),
    ...commands.map((command) => `  ${told(command)}`),
    ...unasked.map((sentence) => `nothing is taken out, since nobody knows whether it is gone: ${sentence}`),
  ];
}
