/**
 * Functions of a POSIX shell with which root goes into folders and writes there. Whoever else may write somewhere on
 * the way could lead root elsewhere by a link. So it goes step by step, asks the kernel after each one where it is, and
 * works relative to the folder that it then is in.
 */
export const ROOT_FOLDERS = `refuse() { echo "$1" >&2; exit 1; }

# walk PATH HOW: goes there by no link. HOW is "look", "own": nobody but root may write on the way, or "make": the same,
# and what is missing is made. Fails where something is missing and not made.
walk() {
  cd / || exit 1
  left=\${1#/}
  while [ -n "$left" ]; do
    step=\${left%%/*}
    left=\${left#"$step"}
    left=\${left#/}
    at=$(env pwd -P)
    at=\${at%/}/$step
    if [ ! -e "./$step" ] && [ ! -L "./$step" ]; then
      [ "$2" = make ] || return 1
      why=$(mkdir -m 755 -- "./$step" 2>&1) || [ -d "./$step" ] || refuse "$at can't be made: $why"
    fi
    [ ! -L "./$step" ] && [ -d "./$step" ] && cd -P -- "./$step" && [ "$(env pwd -P)" = "$at" ] ||
      refuse "$at is a link, or no folder: root follows no link, name the folder itself"
    [ "$2" = look ] || [ "$(id -u)" = "$(stat -c %u .)" ] || [ "$(stat -c %u .)" = 0 ] ||
      refuse "$at belongs to user $(stat -c %u .), who could lead root elsewhere: give it to root, or name another folder"
    [ "$2" = look ] || case "$(stat -c %A .)" in
      ?????-??-? | *[tT]) ;;
      *) refuse "$at may be written by others, who could lead root elsewhere: take that right away with chmod go-w" ;;
    esac
  done
}

# place NAME MODE TEXT: a file in the folder that we are in.
place() {
  rm -rf -- "./.$1.new"
  printf %s "$3" > "./.$1.new"
  chmod "$2" "./.$1.new"
  mv -f -T -- "./.$1.new" "./$1"
}
`;
