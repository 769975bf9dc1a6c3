import { BACKUP_AGENT, parseBackupMessages, type BackupMessage } from "../contract/backups";
import type { Manifest } from "../contract/manifest";
import { shellWord } from "../contract/text";
import { UserError } from "../process/user-error";
import { findHost, runOnHost } from "./ssh";

/** What an agent said, and whether all of it went well. */
export interface AgentAnswer {
  readonly isOk: boolean;
  readonly messages: readonly BackupMessage[];
}

/** How the host's script says that there is no agent (EX_UNAVAILABLE of sysexits.h). */
const NO_AGENT = 69;

/** Has the backup agent of a host do something: what its timers run, as root, over the pinned connection. */
export async function askAgent(
  manifest: Manifest,
  hostName: string,
  words: readonly string[],
  onProgress?: (text: string) => void,
): Promise<AgentAnswer> {
  const script = `[ -x ${BACKUP_AGENT} ] || exit ${NO_AGENT}\nexec ${BACKUP_AGENT} ${words.map(shellWord).join(" ")} </dev/null\n`;
  const host = findHost(manifest, hostName);
  const { status, printed } = await runOnHost(host, script, { expected: [0, 1, NO_AGENT], onProgress });
  if (status === NO_AGENT)
    throw new UserError(`host ${JSON.stringify(hostName)} has no backup agent yet: deploy stack ${host.stack}`);
  return { isOk: status === 0, messages: messagesOf(hostName, printed) };
}

function messagesOf(hostName: string, printed: string): BackupMessage[] {
  try {
    return parseBackupMessages(printed);
  } catch (error) {
    throw new UserError(`host ${JSON.stringify(hostName)}: ${(error as Error).message}`);
  }
}
