import type { Manifest } from "../constructs/manifest";
import type { Defer } from "../plan/until-end";
import type { Found, Looked } from "./found";
import { foundOnHost } from "./found-on-hosts";
import { foundOnServer } from "./found-on-servers";
import { storeOf } from "./secret-stores";
import { openTunnels } from "./tunnels";

/** The hosts and database servers to look at, by their names. */
export interface Places {
  readonly hosts: ReadonlySet<string>;
  readonly servers: ReadonlySet<string>;
}

/**
 * What holds data on some hosts and database servers, whatever Terraform knows of it. What can't be asked is said, and
 * does not keep the rest from it.
 *
 * @param containers - the names of the lab's containers
 */
export async function lookElsewhere(
  manifest: Manifest,
  places: Places,
  containers: ReadonlySet<string>,
  defer: Defer,
): Promise<Looked> {
  const hosts = manifest.hosts.filter(({ name }) => places.hosts.has(name));
  const servers = manifest.databaseServers.filter(({ name }) => places.servers.has(name));
  const looked = await Promise.all(hosts.map((host) => reached(() => foundOnHost(host, manifest, containers))));
  const isAsked = servers.some(({ managed }) => !managed);
  const unread: string[] = [];
  const stored = isAsked
    ? await storeOf(manifest)
        .read()
        .catch((error: unknown) => void unread.push(messageOf(error)))
    : undefined;
  for (const server of servers) {
    const asked = await reached(async () => {
      const { through } = server;
      const tunnel = await openTunnels(manifest, server.managed ? [] : [server], defer);
      return foundOnServer(server, manifest, {
        host: (through && tunnel[through.hostVariable]) ?? server.host,
        port: Number((through && tunnel[through.portVariable]) ?? server.port),
        password: stored?.get(`homelab.postgres.${server.name}.admin_pass`)?.value,
      });
    });
    looked.push(asked);
  }
  return {
    found: looked.flatMap(({ found }) => found),
    unasked: [...unread, ...looked.flatMap(({ unasked }) => unasked)],
  };
}

async function reached(ask: () => Promise<Looked>): Promise<Looked> {
  try {
    return await ask();
  } catch (error) {
    return { found: [] satisfies Found[], unasked: [messageOf(error)] };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
