import type { Manifest } from "../contract/manifest";
import { askAgent, type AgentAnswer } from "../deploy/backup-agents";
import { agentsOf } from "../plan/coverage";

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
