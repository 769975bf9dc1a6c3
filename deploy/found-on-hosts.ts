import type { Manifest } from "../constructs/manifest";
import { shellWord } from "../constructs/text";
import type { Found, Looked } from "./found";
import { runOnHost, type ManifestHost } from "./ssh";

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
  const { printed } = await runOnHost(host, script(dataFolder));
  const answers = printed.split("\0").map((answer) => {
    const [, kind = "", text = ""] = /^(\w+) ([\s\S]*)$/.exec(answer) ?? [];
    return { kind, text };
  });
  const textsOf = (wanted: string): string[] => answers.flatMap(({ kind, text }) => (kind === wanted ? [text] : []));
  const mounts = textsOf("containers")
    .flatMap(documents)
    .filter(({ Names }) => !containers.has(String(Names)));
  const placed = directories.filter((one) => one.host === hostName).map(({ path }) => path);
  const found = (kind: "volume" | "folder", name: string, foreign: string | undefined): Found => {
    const why = foreign ?? mountedBy(kind, name, mounts);
    return { kind, host: hostName, name, seen: `host ${hostName}`, ...(why !== undefined && { foreign: why }) };
  };
  const volumes = textsOf("volumes")
    .flatMap(documents)
    .flatMap(({ Name, Labels }) => {
      // Docker names a volume that nobody named by a digest.
      if (typeof Name !== "string" || /^[0-9a-f]{64}$/.test(Name)) return [];
      const labelled =
        typeof Labels === "string" && Labels !== "" ? `it has the label ${Labels.split(",")[0]}` : undefined;
      return [found("volume", Name, labelled)];
    });
  const folders = textsOf("folder")
    .filter((name) => !isOfFiles(name, placed))
    .map((name) => found("folder", name, /[\0-\x1f\ufffd]/.test(name) ? "no service has such a name" : undefined));
  const unasked = textsOf("failed").map((said) => `host ${JSON.stringify(hostName)}: ${said.trim().split("\n")[0]}`);
  return { found: [...volumes, ...folders], unasked };
}

/** Each answer ends with a NUL, which is in no name. What can't be asked is said, and does not keep the rest from it. */
function script(dataFolder: string | undefined): string {
  const engine = [
    "export LC_ALL=C",
    "ask() {",
    "  kind=$1; shift",
    `  said=$("$@" 2>&1) || { printf 'failed %s are unknown: %s\\0' "$kind" "$said"; return 1; }`,
    `  printf '%s %s\\0' "$kind" "$said"`,
    "}",
    "if command -v docker >/dev/null 2>&1; then",
    "  ask volumes docker volume ls --format '{{json .}}' &&",
    "    ask containers docker ps --all --no-trunc --format '{{json .}}' || :",
    "else",
    `  printf 'failed volumes are unknown: docker is not installed there\\0'`,
    "fi",
  ];
  if (dataFolder === undefined) return engine.join("\n");
  const root = shellWord(dataFolder);
  return [
    ...engine,
    `if [ -d ${root} ]; then`,
    `  find -H ${root} -mindepth 2 -maxdepth 2 -type d -printf 'folder %p\\0' 2>/dev/null ||`,
    `    printf 'failed %s\\0' ${shellWord(`not all folders in ${dataFolder} can be listed`)}`,
    "fi",
  ].join("\n");
}

/** What a program printed as JSON, a line each; warnings are among the lines. */
function documents(text: string): Readonly<Record<string, unknown>>[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/** Whether a folder is one for files, or what a placement that was interrupted left beside it. */
function isOfFiles(name: string, placed: readonly string[]): boolean {
  return (
    /\/(\.homelab|\.[^/]+\.(new|previous))$/.test(name) ||
    placed.some((path) => path === name || path.startsWith(`${name}/`))
  );
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
