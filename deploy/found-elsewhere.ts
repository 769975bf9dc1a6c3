import type { Manifest } from "../contract/manifest";
import type { Defer } from "../process/until-end";
import type { Looked } from "./found";
import { foundOnHost } from "./found-on-hosts";
import { foundOnServer, type Access } from "./found-on-servers";
import { storeOf } from "./secret-stores";
import { openTunnels } from "./tunnels";

type Server = Manifest["databaseServers"][number];

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
  const { passwords, unasked } = await passwordsOf(servers, manifest);
  for (const server of servers) {
    const access = (): Promise<Access> => accessTo(server, manifest, passwords, defer);
    looked.push(await reached(async () => foundOnServer(server, manifest, await access())));
  }
  return {
    found: looked.flatMap(({ found }) => found),
    unasked: [...unasked, ...looked.flatMap(({ unasked }) => unasked)],
  };
}

/** The passwords of the administrators of servers that the lab does not run itself, by the names of the servers. */
export async function passwordsOf(
  servers: readonly Server[],
  manifest: Manifest,
): Promise<{ readonly passwords: ReadonlyMap<string, string>; readonly unasked: readonly string[] }> {
  if (servers.every(({ managed }) => managed)) return { passwords: new Map(), unasked: [] };
  try {
    const stored = await storeOf(manifest).read();
    const passwords = servers.flatMap(({ name }) => {
      const value = stored.get(`homelab.postgres.${name}.admin_pass`)?.value;
      return value === undefined ? [] : [[name, value] as const];
    });
    return { passwords: new Map(passwords), unasked: [] };
  } catch (error) {
    return { passwords: new Map(), unasked: [messageOf(error)] };
  }
}

/** How a server is reached from here, by a tunnel where it has to be. */
export async function accessTo(
  server: Server,
  manifest: Manifest,
  passwords: ReadonlyMap<string, string>,
  defer: Defer,
): Promise<Access> {
  const { name, through } = server;
  const tunnel = await openTunnels(manifest, server.managed ? [] : [server], defer);
  return {
    host: (through && tunnel[through.hostVariable]) ?? server.host,
    port: Number((through && tunnel[through.portVariable]) ?? server.port),
    password: passwords.get(name),
  };
}

/** What could be asked, or why it could not. */
export async function reached<T>(
  ask: () => Promise<{ readonly found: readonly T[]; readonly unasked: readonly string[] }>,
): Promise<{ readonly found: readonly T[]; readonly unasked: readonly string[] }> {
  try {
    return await ask();
  } catch (error) {
    return { found: [], unasked: [messageOf(error)] };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
