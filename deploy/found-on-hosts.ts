import type { Manifest } from "../contract/manifest";
import { shellWord } from "../contract/text";
import type { Found, Looked } from "./found";
import { answersOf, askingEngine, documentsIn, unaskedOf } from "./host-answers";
import type { ManifestHost } from "./ssh";

/**
 * The volumes of a host that have a name, and the folders of its layout with data. Folders with placed files are the
 * lab's own, and made anew.
 *
 * @param containers - the names of the lab's containers
 */
export async function foundOnHost(
  host: ManifestHost,
  { directories }: Manifest,
  containers: ReadonlySet<string>,
): Promise<Looked> {
  const { name: hostName, dataFolder } = host;
  const answers = await answersOf(host, script(dataFolder));
  const mounts = answers("containers")
    .flatMap(documentsIn)
    .filter(({ Names }) => !namesOf(Names).some((name) => containers.has(name)));
  const placed = directories.filter((one) => one.host === hostName).map(({ path }) => path);
  const found = (kind: "volume" | "folder", name: string, foreign: string | undefined): Found => {
    const why = foreign ?? mountedBy(kind, name, mounts);
    return { kind, host: hostName, name, seen: `host ${hostName}`, ...(why !== undefined && { foreign: why }) };
  };
  const volumes = answers("volumes")
    .flatMap(documentsIn)
    .flatMap(({ Name, Labels }) => {
      // Docker names a volume that nobody named by a digest.
      if (typeof Name !== "string" || /^[0-9a-f]{64}$/.test(Name)) return [];
      const labelled =
        typeof Labels === "string" && Labels !== "" ? `it has the label ${Labels.split(",")[0]}` : undefined;
      return [found("volume", Name, labelled)];
    });
  const folders = answers("folder")
    .filter((name) => !isOfFiles(name, placed))
    .map((name) => found("folder", name, /[\0-\x1f\ufffd]/.test(name) ? "no service has such a name" : undefined));
  return { found: [...volumes, ...folders], unasked: unaskedOf(host, answers) };
}

function script(dataFolder: string | undefined): string[] {
  const engine = askingEngine({ volumes: ["volume", "ls"], containers: ["ps", "--all", "--no-trunc"] });
  if (dataFolder === undefined) return engine;
  const root = shellWord(dataFolder);
  return [
    ...engine,
    `if [ -d ${root} ]; then`,
    `  find -H ${root} -mindepth 2 -maxdepth 2 -type d -printf 'folder %p\\0' 2>/dev/null ||`,
    `    printf 'failed %s\\0' ${shellWord(`not all folders in ${dataFolder} can be listed`)}`,
    "fi",
  ];
}

/** Whether a folder is one for files, or what a placement that was interrupted left beside it. */
function isOfFiles(name: string, placed: readonly string[]): boolean {
  return (
    /\/(\.homelab|\.[^/]+\.(new|previous))$/.test(name) ||
    placed.some((path) => path === name || path.startsWith(`${name}/`))
  );
}

/** The names of a container, of which links give it more. */
function namesOf(names: unknown): string[] {
  return typeof names === "string" ? names.split(",") : [];
}

/** Which of some containers mounts a volume, or a folder or something in it. */
function mountedBy(
  kind: "volume" | "folder",
  name: string,
  containers: readonly Readonly<Record<string, unknown>>[],
): string | undefined {
  const owner = containers.find(({ Mounts }) =>
    String(Mounts)
      .split(",")
      .some((source) => source === name || (kind === "folder" && source.startsWith(`${name}/`))),
  );
  return owner && `container ${JSON.stringify(owner.Names)} has it, which is not the lab's`;
}
