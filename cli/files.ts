import type { Command } from "commander";
import { RECORDS } from "../contract/names-on-hosts";
import type { DirectoryFacts } from "../contract/host-facts";
import { ROOT_FOLDERS } from "../contract/root-folders";
import { shellWord } from "../contract/text";
import { plain, plainLines, plainly } from "../contract/plain";
import { currentLab } from "./lab";
import { UserError } from "../process/user-error";
import { findHost, runOnHost } from "../deploy/ssh";
import { table } from "./table";

/** Where hosts keep what was placed on them, one record a directory; see `constructs/host/host-directory.ts`. */

/** `homelab files`: what the lab places on a host, whether it is still so, and the way back to the version before. */
export function addFiles(program: Command): void {
  program
    .command("files")
    .description("list the files that the lab places on a host")
    .argument("<host>", "name of a host")
    .option("--check", "ask the host, and exit with 1 when a file is not as it was placed")
    .option("--rollback <directory>", "put the previous version of a directory back, once")
    .action(async (name: string, { check, rollback }: { check?: boolean; rollback?: string }) => {
      const manifest = await currentLab(program);
      const host = findHost(manifest, name);
      const directories = manifest.directories.filter((directory) => directory.host === name);
      if (rollback !== undefined) {
        if (!directories.some(({ path }) => path === rollback))
          throw new UserError(`the lab places no directory ${JSON.stringify(rollback)} on ${name}`);
        console.log(plainLines((await runOnHost(host, rollbackScript(rollback))).printed.trim()));
        return;
      }
      if (!check) {
        console.log(listed(plainly(directories)));
        return;
      }
      const findings = compare(directories, parseReport((await runOnHost(host, REPORT)).printed));
      for (const finding of findings) console.log(plain(finding));
      if (findings.length > 0) throw new UserError(`${findings.length} files on ${name} are not as they were placed`);
      const count = directories.reduce((sum, { files }) => sum + files.length, 0);
      console.log(`${count} files in ${directories.length} directories on ${name} are as they were placed`);
    });
}

function listed(directories: readonly DirectoryFacts[]): string {
  const rows = directories.flatMap(({ path, stack, files }) =>
    files.map(({ name, owner, mode, version }) => [`${path}/${name}`, owner, mode, version ?? "no secret", stack]),
  );
  return table([["FILE", "OWNER", "MODE", "CONTENT", "STACK"], ...rows]);
}

/** Tells of each directory on record what was placed (`=`) and what is there (`+`). */
const REPORT = `
for record in ${RECORDS}/*.files; do
  [ -f "$record" ] || continue
  sed -e '1!s/^/= /' "$record"
  read -r _mark _stack dir < "$record"
  cd "$dir" 2>/dev/null || continue
  for file in * .[!.]* ..?*; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then
      echo "+ $(sha256sum < "$file" | cut -c1-64) $(stat -c '%a %u:%g' "$file") $file"
    elif [ -e "$file" ] || [ -L "$file" ]; then
      echo "+ none $(stat -c '%a %u:%g' "$file") $file"
    fi
  done
done
`;

interface Reported {
  readonly stack: string;
  readonly placed: Map<string, string>;
  readonly found: Map<string, string>;
}

function parseReport(text: string): Map<string, Reported> {
  const report = new Map<string, Reported>();
  let current: Reported | undefined;
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [mark = "", first = "", second = "", owner = "", name = ""] = line.split(" ");
    if (mark === "#") {
      current = { stack: first, placed: new Map(), found: new Map() };
      report.set(line.split(" ").slice(2).join(" "), current);
    } else (mark === "=" ? current?.placed : current?.found)?.set(name, `${first} ${second} ${owner}`);
  }
  return report;
}

/** What differs, one sentence each: from the code where the content is no secret, from the host's record otherwise. */
function compare(directories: readonly DirectoryFacts[], report: ReadonlyMap<string, Reported>): string[] {
  const declared = directories.flatMap(({ path, stack, files }) => {
    const reported = report.get(path);
    if (!reported) return [`${path}: was never placed, deploy ${stack}`];
    const { placed, found } = reported;
    const names = [...new Set([...files.map(({ name }) => name), ...found.keys()])].sort();
    return names.flatMap((name) => {
      const file = files.find((known) => known.name === name);
      const actual = found.get(name);
      if (!file) return [`${path}/${name}: is not the lab's`];
      if (actual === undefined) return [`${path}/${name}: is missing`];
      const [hash = "", mode = "", owner = ""] = actual.split(" ");
      const changed = placed.get(name) !== actual;
      const outdated =
        (file.sha256 !== undefined && file.sha256 !== hash) ||
        Number(file.mode) !== Number(mode) ||
        file.owner !== owner;
      if (changed) return [`${path}/${name}: was changed on the host`];
      return outdated ? [`${path}/${name}: the code has another one, deploy ${stack}`] : [];
    });
  });
  const orphans = [...report].flatMap(([path, { stack }]) =>
    directories.some((directory) => directory.path === path)
      ? []
      : [`${path}: the code no longer declares it, deploy ${stack}`],
  );
  return [...declared, ...orphans];
}

/** Changes a directory and its previous version for each other; the running container sees it by its mount. */
export function rollbackScript(directory: string): string {
  return `set -eu
${ROOT_FOLDERS}
dir=${shellWord(directory)}
name=\${dir##*/}
previous=./.$name.previous
walk "$dir" own || refuse "$dir is not there"
walk "\${dir%/*}" own
[ -d "$previous" ] && [ ! -L "$previous" ] || refuse "$dir has no previous version: it was placed once, or rolled back already"
trap '' HUP INT TERM PIPE
for file in "./$name"/* "./$name"/.[!.]* "./$name"/..?*; do
  [ -e "$previous/\${file##*/}" ] || rm -rf -- "$file"
done
for file in "$previous"/* "$previous"/.[!.]* "$previous"/..?*; do
  [ -e "$file" ] || continue
  [ ! -d "./$name/\${file##*/}" ] || rm -rf -- "./$name/\${file##*/}"
  mv -f -T -- "$file" "./$name/\${file##*/}"
done
rmdir -- "$previous"
echo "$dir is as before; a program that reads its files at the start only needs a restart, and the next deployment places what the code says"
`;
}
