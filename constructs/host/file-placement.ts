import { posix } from "node:path";
import { RECORDS } from "../../contract/names-on-hosts";
import { IN_RECORDS, recordName } from "./host-script";
import { shellWord } from "../../contract/text";

/** What a script that places files is made of. */
export interface Placing {
  /** Absolute path of the directory. */
  readonly path: string;
  /** The stack that places it. */
  readonly stack: string;
  /** The names of the files. */
  readonly names: readonly string[];
  /** Shell text that fails when the new files, in the folder `$new`, will not do. */
  readonly checks: readonly string[];
  /** Shell text that runs when they are in place. */
  readonly reloads: readonly string[];
  /** The container that has to run for that, if it is one that reloads. */
  readonly container: string | undefined;
}

/**
 * The shell text that replaces the files of a directory: all written beside the old ones and checked, then renamed one by
 * one into the directory that containers mount. What was there is kept as the previous version; what is not ours is
 * removed. It finds of each file its name, owner, mode, and how many words of base64 follow. A run that was killed leaves
 * what only root may read, and the next one removes it.
 */
export function placing({ path, stack, names, checks, reloads, container }: Placing): string {
  const id = recordName(path);
  return [
    `dir=${shellWord(path)} name=${shellWord(posix.basename(path))}`,
    "new=${dir%/*}/.$name.new",
    IN_RECORDS,
    `exec 9>> ${id}.lock`,
    'flock -w 60 9 || refuse "another deployment places the files of $dir"',
    'walk "$dir" make',
    `walk ${shellWord(posix.dirname(path))} own`,
    'leftovers() { rm -rf -- "./.$name.new" "./.$name.previous.new"; }',
    "trap leftovers EXIT",
    "trap 'exit 1' HUP INT TERM PIPE",
    "leftovers",
    'mkdir -m 700 -- "./.$name.new"',
    'while [ "$#" -gt 0 ]; do',
    "  file=./.$name.new/$1 owner=$2 mode=$3 count=$4",
    "  shift 4",
    '  : > "$file"',
    '  while [ "$count" -gt 0 ]; do',
    '    printf %s "$1" | base64 -d >> "$file"',
    "    shift",
    "    count=$((count - 1))",
    "  done",
    '  chown -h -- "$owner" "$file"',
    '  chmod -- "$mode" "$file"',
    "done",
    ...checks.map(
      (check) => `${check} || { echo "the new files of $dir were refused; the old ones stay" >&2; exit 1; }`,
    ),
    `record=$(cd "./.$name.new" && printf '%s\\n' ${shellWord(`# ${stack} ${path}`)} && for file in ${names.join(" ")}; do`,
    `  echo "$(sha256sum < "$file" | cut -c1-64) $(stat -c '%a %u:%g' "$file") $file"`,
    "done)",
    'cp -a -- "./$name" "./.$name.previous.new"',
    'rm -rf -- "./.$name.previous"',
    'mv -T -- "./.$name.previous.new" "./.$name.previous"',
    "trap '' HUP INT TERM PIPE", // nothing stops it half way
    `for file in ${names.join(" ")}; do`,
    '  [ ! -d "./$name/$file" ] || rm -rf -- "./$name/$file"',
    '  mv -f -T -- "./.$name.new/$file" "./$name/$file"',
    "done",
    `find "./$name" -mindepth 1 -maxdepth 1 ${names.map((file) => `! -name ${file}`).join(" ")} -exec rm -rf -- {} +`,
    `(${IN_RECORDS} && place ${id}.files 600 "$record\n")`,
    ...reloading(container, reloads),
  ].join("\n");
}

/** The shell text that removes a directory of files with everything that was ever beside it. */
export function removing(path: string): string {
  const id = recordName(path);
  return [
    `name=${shellWord(posix.basename(path))}`,
    `if walk ${shellWord(posix.dirname(path))} own; then`,
    '  rm -rf -- "./$name" "./.$name.new" "./.$name.previous" "./.$name.previous.new"',
    "fi",
    `if walk ${RECORDS} own; then rm -f -- ${id}.files ${id}.lock; fi`,
  ].join("\n");
}

/** What it starts may run for long, and must not keep the lock. */
function reloading(container: string | undefined, reloads: readonly string[]): string[] {
  if (reloads.length === 0) return [];
  if (container === undefined) return ["{", ...reloads, "} 9>&-"];
  return [
    `if [ "$(docker inspect -f '{{.State.Running}}' ${shellWord(container)} 2>/dev/null)" = true ]; then`,
    ...reloads.map((reload) => `  ${reload}`),
    "fi 9>&-",
  ];
}
