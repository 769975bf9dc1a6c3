/** The engine restic. */
export const RESTIC = `# restic.
engine_options() {
  url=$location/$folder_name
  [ "$kind" != local ] || url=/repository
  option -e "RESTIC_REPOSITORY=$url" -e RESTIC_PASSWORD_FILE=/run/secrets/pass -e RESTIC_CACHE_DIR=/home/.cache/restic \\
    -e RESTIC_PROGRESS_FPS=0.1 -e "HOST=$host" \\
    -e "KEEP=--keep-daily $keep_daily --keep-weekly $keep_weekly --keep-monthly $keep_monthly --keep-yearly $keep_yearly"
  [ "$bandwidth" = - ] || option -e "LIMIT=--limit-upload $bandwidth"
}

# It tries for a quarter of an hour to reach a server that is not there: the first question has a time limit.
RESTIC='
r() {
  \${TIMED-} restic \${LIMIT-} -o "sftp.args=-i /run/secrets/ssh_key -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=30 -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/run/secrets/known_hosts" "$@"
}
reach() {
  TIMED="timeout 120"
  r cat config > /dev/null
  reached=$?
  TIMED=
  return "$reached"
}
ids() { grep -o "\\"id\\":\\"[0-9a-f]*\\"" /out/list | cut -d "\\"" -f 4; }
tree() {
  sed -n "s/.*\\"path\\":\\"\\/\\([^\\"]*\\)\\".*\\"size\\":\\([0-9]*\\).*/\\2 \\1/p; t; s/.*\\"type\\":\\"dir\\",\\"path\\":\\"\\/\\([^\\"]*\\)\\".*/0 \\1/p" /out/tree > /out/contents
}
snapshots() { r snapshots --json --no-lock > /out/list; }
'
ENGINE_BEGIN=$RESTIC'
reach
case $? in
  0) exit 0 ;;
  10) r init ;;
  *) exit 1 ;;
esac
'
ENGINE_UNLOCK=$RESTIC'reach && r unlock --remove-all'
ENGINE_COPY=$RESTIC'
reach && r unlock --remove-all && snapshots || exit
ids > /out/before
set --
for path in /source/parts/* /source/dumps; do [ ! -e "$path" ] || set -- "$@" "$path"; done
r backup --json --host "$HOST" --group-by host "$@" > /out/said
status=$?
snapshots || exit
ids > /out/after
new=$(new_ids | tail -n 1)
[ -n "$new" ] || exit "$status"
echo "$new" > /out/id
grep "\\"summary\\"" /out/said | tail -n 1 > /out/info
r ls --json --no-lock "$new" /source/parts /source/dumps > /out/tree
tree
exit "$status"
'
ENGINE_PRUNE=$RESTIC'r forget --group-by "" $KEEP --prune --quiet'
ENGINE_CHECK=$RESTIC'r check --quiet'
ENGINE_CHECK_DATA=$RESTIC'r check --quiet --read-data-subset "$(date +%m)/12"'
ENGINE_LIST=$RESTIC'reach && snapshots'
ENGINE_OPEN=$RESTIC'
reach && r unlock --remove-all || exit
r ls --json "$1" /source/parts /source/dumps > /out/tree || exit
tree
r stats --json "$1" | sed "s/.*\\"total_size\\":\\([0-9]*\\).*/\\1/" > /out/bytes
if grep -q " source/dumps/" /out/contents; then r restore "$1" --target /restore --include /source/dumps --verify; fi
'
ENGINE_COUNT=$RESTIC'r ls --json "$1" | grep -cE "\\"type\\":\\"(file|symlink|fifo|dev|chardev)\\"" > /out/count'
ENGINE_EXTRACT=$RESTIC'
copy=$1
shift
for path; do
  shift
  # A name is a pattern here.
  set -- "$@" --include "/$(printf %s "$path" | sed "s/[][*?\\\\\\\\]/\\\\\\\\&/g")"
done
r restore "$copy" --target /restore --sparse --verify "$@"
'

# sizes_of: the numbers of files and bytes of the new copy, and the bytes that it added.
sizes_of() {
  sed 's/.*"total_files_processed":\\([0-9]*\\).*/files=\\1/' "$out/info"
  sed 's/.*"total_bytes_processed":\\([0-9]*\\).*/bytes=\\1/' "$out/info"
  sed 's/.*"data_added":\\([0-9]*\\).*/added=\\1/' "$out/info"
}

# copies: of each copy a line with id, time, files and bytes.
copies() {
  sed 's/,"short_id":"[0-9a-f]*"}/\\n/g' "$out/list" |
    sed -n 's/.*{"time":"\\([0-9T:-]*\\).*"total_files_processed":\\([0-9]*\\),"total_bytes_processed":\\([0-9]*\\).*"id":"\\([0-9a-f]*\\)"$/\\4 \\1Z \\2 \\3/p'
}
`;
