import { fileTrigger } from "../contract/names-on-hosts";
import type { FirewallFacts } from "../contract/host-facts";
import { written, type WrittenLab } from "./containers";
import { elements, type ComparedLabs } from "./labs";

/** A lab before and after a change, where both can be read by service. */
export interface WrittenLabs {
  /** The lab before; none where there was nothing. */
  readonly base: WrittenLab | undefined;
  /** The lab after. */
  readonly head: WrittenLab;
}

/** Both labs with what Terraform is told; undefined where one of them can't be read. */
export function writtenLabs(labs: ComparedLabs): WrittenLabs | undefined {
  const [base, head] = [written(labs.base), written(labs.head)];
  if (!head || (labs.base && !base)) return undefined;
  return { base: base && knownFirewalls(base, head), head };
}

/** Lets nobody in: what another firewall opens is told as new. */
const SHUT: FirewallFacts = { ssh: [], lan: [], ports: [] };

/**
 * A base with what its firewalls let in, where an earlier version of the library did not tell: the same as at the head
 * where the rules are the same, else nothing, so that all that the head opens is told.
 */
function knownFirewalls(base: WrittenLab, head: WrittenLab): WrittenLab {
  const hosts = base.manifest.hosts.map((host) => {
    if (host.firewall !== undefined) return host;
    const [was, is] = [rulesOf(base, host.stack), rulesOf(head, host.stack)];
    const now = head.manifest.hosts.find(({ name }) => name === host.name)?.firewall;
    return { ...host, firewall: was === undefined ? null : was === is && now ? now : SHUT };
  });
  return { manifest: { ...base.manifest, hosts }, stacks: base.stacks };
}

/** What stands for the rules in a plan, their hash; none where the stack places none. */
function rulesOf({ stacks }: WrittenLab, stack: string): string | undefined {
  const document = stacks.find(({ name }) => name === stack)?.document;
  const [body] = elements(document?.resource?.null_resource?.firewall_rules);
  const [triggers] = elements(body?.triggers);
  const hash = triggers?.[fileTrigger("rules.nft")];
  return typeof hash === "string" ? hash : undefined;
}
