/** The engine borgmatic, with Borg where a configuration is not needed. */
export const BORG = `# Borg, and borgmatic for what is in its configuration: copying and pruning.
engine_options() {
  url=$location/$folder_name
  [ "$kind" != local ] || url=/repository
  mount bind "$etc/$service.borgmatic.$repository.yaml" /etc/borgmatic/config.yaml ,readonly
  # The lock of a dead run must be nobody's: each run has a name of its own.
  option -e "BORG_REPO=$url" -e 'BORG_PASSCOMMAND=cat /run/secrets/pass' -e "BORG_HOST_ID=$host-$$-$started" \\
    -e BORG_RELOCATED_REPO_ACCESS_IS_OK=yes -e BORG_EXIT_CODES=legacy \\
    -e "BORG_RSH=ssh -i /run/secrets/ssh_key -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=30 -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/run/secrets/known_hosts"
}

# Each script says in /out what it found.
ENGINE_BEGIN='borg info > /dev/null || borg init --encryption repokey-blake2 --make-parent-dirs'
ENGINE_UNLOCK='borg break-lock'
ENGINE_COPY='
borg break-lock
borg list --format "{id}{NL}" > /out/before || exit
borgmatic --config /etc/borgmatic/config.yaml create --json > /dev/null
status=$?
borg list --format "{id} {archive}{NL}" > /out/after || exit
new=$(new_ids | tail -n 1)
[ -n "$new" ] || exit "$status"
echo "\${new%% *}" > /out/id
patterns=
for path; do patterns="$patterns pf:$path"; done
[ -z "$patterns" ] || borg list --format "{size} {path}{NL}" "::\${new#* }" $patterns > /out/contents
borg info --json "::\${new#* }" > /out/info || exit
exit "$status"
'
ENGINE_PRUNE='borgmatic --config /etc/borgmatic/config.yaml prune compact'
ENGINE_CHECK='borg check'
ENGINE_CHECK_DATA='borg check --verify-data'
ENGINE_LIST='borg info --json --bypass-lock --glob-archives "*" > /out/info'
NAMED='
name=$(borg list --format "{id} {archive}{NL}" | sed -n "s/^$1 //p")
[ -n "$name" ] || { echo "there is no copy $1" >&2; exit 1; }
shift
[ ! -d /restore ] || cd /restore
'
ENGINE_OPEN='borg break-lock || exit'$NAMED'
borg list --format "{size} {path}{NL}" "::$name" | grep -E "^[0-9]+ source/(parts|dumps)/[^/]*\\$" > /out/contents
borg info --json "::$name" | sed -n "s/^ *\\"original_size\\": \\([0-9]*\\).*/\\1/p" > /out/bytes
if grep -q " source/dumps/" /out/contents; then borg extract --numeric-ids "::$name" source/dumps; fi
'
ENGINE_COUNT=$NAMED'borg list --format "{type}{NL}" "::$name" source | grep -vc "^[ds]" > /out/count'
ENGINE_EXTRACT=$NAMED'borg extract --numeric-ids --sparse "::$name" "$@"'

# sizes_of: the numbers of files and bytes of the new copy, and the bytes that it added.
sizes_of() {
  sed -n 's/^ *"nfiles": \\([0-9]*\\).*/files=\\1/p; s/^ *"original_size": \\([0-9]*\\).*/bytes=\\1/p' "$out/info"
  sed -n '/"archives"/,/^    \\],/ s/^ *"deduplicated_size": \\([0-9]*\\).*/added=\\1/p' "$out/info"
}

# copies: of each copy a line with id, time, files and bytes.
copies() {
  awk -F'"' '
    /^ +"id": / { id = $4 }
    /^ +"start": / { time = substr($4, 1, 19) "Z" }
    /^ +"nfiles": / { files = $3; gsub(/[^0-9]/, "", files) }
    /^ +"original_size": / { bytes = $3; gsub(/[^0-9]/, "", bytes); if (id != "") print id, time, files, bytes; id = "" }
  ' "$out/info"
}
`;
