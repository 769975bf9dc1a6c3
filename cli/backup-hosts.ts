import type { Manifest } from "../contract/manifest";
import { plainLines } from "../contract/plain";
import { askAgent, type AgentAnswer } from "../deploy/backup-agents";
import { agentsOf } from "../plan/coverage";
import { UserError } from "../process/user-error";

/** The hosts whose agents copy something of a service; the service's own last, which waits for what it needs. */
export function hostsWith(manifest: Manifest, service: string): string[] {
  const own = manifest.services.find(({ name }) => name === service)?.host;
  const hosts = agentsOf(manifest, service).map(({ host }) => host);
  return [...hosts.filter((host) => host !== own), ...hosts.filter((host) => host === own)];
}

/** Has the agents of hosts do the same, at once. */
export function askEach(
  manifest: Manifest,
  hosts: readonly string[],
  words: readonly string[],
  onProgress?: (text: string) => void,
): Promise<readonly AgentAnswer[]> {
  return Promise.all(hosts.map((host) => askAgent(manifest, host, words, onProgress)));
}

/** Refuses a service that the lab does not have. */
export function refuseUnknown(manifest: Manifest, service: string): void {
  if (!manifest.services.some(({ name }) => name === service))
    throw new UserError(`the lab has no service ${JSON.stringify(service)}`);
}

/** Refuses a service of which no agent backs anything up. */
export function refuseUncovered(manifest: Manifest, service: string): void {
  refuseUnknown(manifest, service);
  if (agentsOf(manifest, service).length === 0)
    throw new UserError(`nothing of ${JSON.stringify(service)} is backed up: see "homelab backup coverage ${service}"`);
}

/** What an agent says on its way, to whoever waits. */
export function progress(text: string): void {
  process.stderr.write(plainLines(text));
}
