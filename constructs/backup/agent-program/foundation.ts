/** What all of the agent uses: how it ends, waits and tells. */
export const FOUNDATION = `set -u
umask 077
LC_ALL=C TZ=UTC
export LC_ALL TZ
started=$(date +%s)
problem= child= locked= record=:

now() { date -u -d "@\${1-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ; }
say() { printf '%s\\n' "$*" >&2; }

# refuse SENTENCE: ends here. What was begun is undone by finish.
refuse() {
  problem=\${problem:-$1}
  say "$1"
  exit 1
}

# trouble SENTENCE: goes on, and fails at the end. The first sentence is the one that is told.
trouble() {
  say "$1"
  [ -n "$problem" ] || problem=$1
}

# text WORDS: a JSON string.
text() {
  printf '"%s"' "$(printf %s "$*" | tr '\\n\\t' '  ' | tr -d '\\000-\\037\\177' | cut -c 1-600 | sed 's/\\\\/\\\\\\\\/g; s/"/\\\\"/g')"
}

# last FILE: what a program said last, without its ornaments.
last() {
  [ ! -s "$1" ] || grep -v '^[[:space:]]*$' "$1" | tail -n 3 | tr '\\n' ' ' | tr -s ' '
}

# patiently COMMAND: as if it were called, and a signal need not wait for its end. No child keeps our locks.
patiently() {
  { "$@" <&3 3<&- 9>&- & child=$!; } 3<&0
  wait "$child"
  patience=$?
  child=
  return "$patience"
}

# A name of ours, which becomes a part of paths.
plain() {
  case $2 in
    '' | . | .. | -* | *[!A-Za-z0-9_.@-]*) refuse "$1 must be letters, digits, dots, hyphens, underscores or @, got $(text "$2")" ;;
  esac
}

folders() {
  [ "$(id -u)" = 0 ] || refuse "the backup agent reads everybody's files: run it as root"
  for one in docker flock; do
    command -v "$one" > /dev/null || refuse "the backup agent needs $one on this host, which is not installed"
  done
  (walk "$run" make && chmod 700 .) || exit 1
  (walk "$state" make && chmod 700 . && mkdir -p home dumps records aside scratch known quiesced) || exit 1
}
`;
