import type { HolderKind, HolderPlace } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import { shellWord } from "../contract/text";
import type { Defer } from "../process/until-end";
import { accessTo, passwordsOf, reached } from "./found-elsewhere";
import { namesOnServer } from "./found-on-servers";
import { answersOf, askingEngine, documentsIn, unaskedOf } from "./host-answers";
import type { ManifestHost } from "./ssh";

/** Something in a place, whatever Terraform knows of it. */
export interface Thing extends Pick<HolderPlace, "host" | "server" | "name"> {
  readonly kind: HolderKind;
}

/** What of some things is there still. */
export interface Remains<T extends Thing> {
  readonly there: readonly T[];
  /** What could not be asked, a sentence each. */
  readonly unasked: readonly string[];
  /** What is where the lab is no longer, so that nothing leads there. */
  readonly beyond: readonly T[];
}

/** Asks hosts and database servers which of some things they have. */
export async function remainsOf<T extends Thing>(
  things: readonly T[],
  manifest: Manifest,
  defer: Defer,
): Promise<Remains<T>> {
  const onHosts = manifest.hosts.map((host) => [host, things.filter((one) => one.host === host.name)] as const);
  const onServers = manifest.databaseServers
    .map((server) => [server, things.filter((one) => one.server === server.name)] as const)
    .filter(([, own]) => own.length > 0);
  const asked = await Promise.all(
    onHosts.filter(([, own]) => own.length > 0).map(([host, own]) => reached(() => onHost(host, own))),
  );
  const servers = onServers.map(([server]) => server);
  const { passwords, unasked } = await passwordsOf(servers, manifest);
  for (const [server, own] of onServers) {
    const databases = own.flatMap(({ kind, name }) => (kind === "extension" ? name.replace(/\.[^.]*$/, "") : []));
    const answer = await reached(async () => {
      const access = await accessTo(server, manifest, passwords, defer);
      const names = await namesOnServer(server, manifest, access, [...new Set(databases)]);
      return { found: own.filter(({ kind, name }) => names.has(`${kind} ${name}`)), unasked: [] };
    });
    asked.push(answer);
  }
  const within = new Set([...onHosts, ...onServers].flatMap(([, own]) => own));
  return {
    there: asked.flatMap(({ found }) => found),
    unasked: [...unasked, ...asked.flatMap((one) => one.unasked)],
    beyond: things.filter((thing) => !within.has(thing)),
  };
}

async function onHost<T extends Thing>(
  host: ManifestHost,
  things: readonly T[],
): Promise<{ readonly found: readonly T[]; readonly unasked: readonly string[] }> {
  const folders = things.flatMap(({ kind, name }) => (kind === "folder" ? [shellWord(name)] : []));
  const answers = await answersOf(host, [
    ...(things.some(({ kind }) => kind === "volume") ? askingEngine({ volumes: ["volume", "ls"] }) : []),
    ...folders.map((path) => `if [ -e ${path} ] || [ -L ${path} ]; then printf 'folder %s\\0' ${path}; fi`),
  ]);
  const volumes = answers("volumes").flatMap(documentsIn);
  const names = { folder: answers("folder"), volume: volumes.map(({ Name }) => Name) };
  return {
    found: things.filter(({ kind, name }) => (kind === "folder" ? names.folder : names.volume).includes(name)),
    unasked: unaskedOf(host, answers),
  };
}
