import type { Manifest } from "../constructs/manifest";
import { shellWord } from "../constructs/text";
import type { Found } from "./found";
import { runOnHost, type ManifestHost } from "./ssh";

/**
 * The volumes of a host that have a name, and the folders of its layout with data. Folders with placed files are the
 * lab's own, and made anew.
 */
export async function foundOnHost(host: ManifestHost, { directories }: Manifest): Promise<Found[]> {
  const { dataFolder } = host;
  const script = [
    "docker volume ls --format 'volume {{.Name}}' 2>/dev/null || :",
    ...(dataFolder === undefined
      ? []
      : [`find ${shellWord(dataFolder)} -mindepth 2 -maxdepth 2 -type d -printf 'folder %p\\n' 2>/dev/null || :`]),
  ].join("\n");
  const { printed } = await runOnHost(host, script);
  const placed = directories.filter((one) => one.host === host.name).map(({ path }) => path);
  return printed.split("\n").flatMap((line): Found[] => {
    const [, kind, name = ""] = /^(volume|folder) (.+)$/.exec(line) ?? [];
    const seen = `host ${host.name}`;
    // Docker names a volume that nobody named by a digest.
    if (kind === "volume" && !/^[0-9a-f]{64}$/.test(name)) return [{ kind, host: host.name, name, seen }];
    const isFiles = name.endsWith("/.homelab") || placed.some((path) => path === name || path.startsWith(`${name}/`));
    return kind === "folder" && !isFiles ? [{ kind, host: host.name, name, seen }] : [];
  });
}
