import { differencesOf, type Difference, type Renames } from "../differences";
import type { Finding } from "../findings";
import type { Change, Rule } from "../rules/rule";
import { tellBlock } from "./blocks";
import { tellFile } from "./files";
import { tellHost } from "./hosts";
import { tellListed } from "./listed";
import { tellOthers } from "./others";
import { tellProgram } from "./programs";
import { tellProtection } from "./protection";
import { tellProvider } from "./providers";
import { tellSecret } from "./secrets";
import { tellServer } from "./servers";
import { tellStack } from "./stacks";
import { tellStates } from "./states";
import type { Teller } from "./teller";

/** Who is asked about a difference, one after the other. What none of them knows is told with its path. */
const TELLERS: readonly Teller[] = [
  tellStack,
  tellStates,
  tellProvider,
  tellProtection,
  tellProgram,
  tellHost,
  tellServer,
  tellSecret,
  tellFile,
  tellBlock,
  tellListed,
];

/** Every difference between the two labs, told by the first who knows it. */
export const differenceFindings: Rule = (change) => {
  const told: Finding[] = [];
  const untold: Difference[] = [];
  for (const difference of differencesOf(change.labs, renamesOf(change))) {
    const found = firstOf(difference, change);
    if (found) told.push(...found);
    else untold.push(difference);
  }
  const distinct = new Map([...told, ...tellOthers(untold)].map((finding) => [JSON.stringify(finding), finding]));
  return [...distinct.values()];
};

function firstOf(difference: Difference, change: Change): readonly Finding[] | undefined {
  for (const teller of TELLERS) {
    const found = teller(difference, change);
    if (found) return found;
  }
  return undefined;
}

function renamesOf({ lists }: Change): Renames {
  return {
    resources: new Map(
      lists.resources.flatMap(({ stack, address, previousAddress }) =>
        previousAddress === undefined ? [] : [[`${stack} ${address}`, previousAddress] as const],
      ),
    ),
    services: new Map(
      lists.services.flatMap(({ service, renamedFrom }) =>
        renamedFrom === undefined ? [] : [[service, renamedFrom] as const],
      ),
    ),
  };
}
