/** A restore that is rehearsed. */
export const DRILL = `# drill [REPOSITORY]: the newest copy of it, or of the first one, restored into scratch: the files into a folder, each database into a
# server of its own from the image of the real one, without a network. Then it is compared and removed.
drill() {
  record=record_drill
  wanted_parts= wanted_copy= snapshot_time= drilled= found_files=0 found_bytes=0 from=
  lock "a drill"
  have_image
  first=\${1-\${repositories# }}
  [ -n "$first" ] || refuse "the lab has no repository"
  ask "\${first%% *}" "$ENGINE_LIST" "it can't be read" || return 1
  newest=$(copies | sort -k 2 | tail -n 1)
  [ -n "$newest" ] || { trouble "repository $repository has no copy"; return 1; }
  from=$repository wanted_repository=$repository wanted_copy=\${newest%% *}
  snapshot_time=$(echo "$newest" | cut -d ' ' -f 2)
  room_for_scratch "$(echo "$newest" | cut -d ' ' -f 4)" || return 1
  pull_copy || return 1
  drill_files || return 1
  each_line postgres drill_postgres
  [ -z "$problem" ]
}

room_for_scratch() {
  free=$(($(df -Pk "$state/scratch" | awk 'NR == 2 { print $4 }') * 1024))
  [ "$free" -gt "$1" ] || { trouble "$state/scratch has room for $free bytes, and the copy has $1"; return 1; }
}

# pull_copy: all of the copy; the dumps are files of it.
pull_copy() {
  say "$service: drill of copy $wanted_copy of $repository"
  choose "$wanted_repository"
  scratch=$state/scratch/$service/drill copy_dumps=$state/scratch/$service/drill/dumps
  mkdir -p "$scratch/parts" "$copy_dumps"
  new_box
  mount_repository || return 1
  mount bind "$scratch" /restore/source
  option --tmpfs /restore
  new_out
  box "$RESTORE_RIGHTS" "$ENGINE_EXTRACT" "$wanted_copy" source 2> "$out/log" || {
    trouble "copy $wanted_copy of repository $repository can't be restored: $(last "$out/log")"
    return 1
  }
}

# drill_files: as many files as the copy lists, and dumps that are what they were. Neither engine restores sockets.
drill_files() {
  new_box
  mount_repository || return 1
  new_out
  box DAC_READ_SEARCH "$ENGINE_COUNT" "$wanted_copy" 2> "$out/log"
  listed=$(cat "$out/count")
  found_files=$(find "$scratch" -xdev ! -type d -printf x | wc -c)
  found_bytes=$(find "$scratch" -xdev -type f -printf '%s\\n' | awk '{ sum += $1 } END { printf "%d", sum }')
  [ "$found_files" = "$listed" ] || { trouble "the copy lists \${listed:-no} files, and $found_files came back"; return 1; }
  for sidecar in "$copy_dumps"/*.json; do
    [ -f "$sidecar" ] || continue
    sum=$(sed -n 's/.*"sha256":"\\([0-9a-f]*\\)".*/\\1/p' "$sidecar")
    [ "$sum" = "$(sha256sum < "\${sidecar%.json}.dump" | cut -c 1-64)" ] || { trouble "dump \${sidecar##*/} has another content than when it was taken"; return 1; }
  done
}

# drill_postgres postgres PART CONTAINER DATABASE OWNER SUPERUSER
drill_postgres() {
  [ -z "$problem" ] && [ -s "$copy_dumps/$2.dump" ] || return 0
  real=$3 part=$2 superuser=$6 server=homelab-drill-$service
  mkdir -p "$state/scratch/$service/secret"
  tr -dc a-f0-9 < /dev/urandom | head -c 32 > "$state/scratch/$service/secret/password"
  chmod 755 "$state/scratch/$service/secret"
  chmod 444 "$state/scratch/$service/secret/password"
  server_image=$(docker inspect -f '{{.Image}}' "$real" 2> /dev/null) || { trouble "container $real is not there, whose image the drill takes"; return; }
  docker run -d --rm --name "$server" --label "homelab.backup=$service" --network none --log-driver none \\
    --mount "type=bind,source=$state/scratch/$service/secret,target=/run/drill,readonly" \\
    -e POSTGRES_PASSWORD_FILE=/run/drill/password -e "POSTGRES_USER=$superuser" "$server_image" > /dev/null || { trouble "a server for part $part does not start"; return; }
  # By TCP, since the first start answers on the socket before it is one.
  tries=120
  until docker exec "$server" pg_isready -q -h 127.0.0.1 2> /dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { trouble "a server for part $part is not ready after two minutes"; return; }
    patiently sleep 1
  done
  load_postgres postgres "$2" "$server" "$4" "$5" "$6"
  [ -n "$problem" ] || drilled="$drilled\${drilled:+,}$(awk -v part="$2" '
    /^table / { tables++; for (i = 1; i < NF; i++) if ($i == "rows") rows += $(i + 1) }
    END { printf "{\\"part\\":\\"%s\\",\\"tables\\":%d,\\"rows\\":%d}", part, tables, rows }' "$state/scratch/$service/facts")"
  docker rm -fv "homelab-drill-$service" > /dev/null 2>&1 || :
}

record_drill() {
  whole=$(printf '{%s,"repository":%s,"snapshot":%s,"snapshotTime":%s,"files":%s,"bytes":%s,"databases":[%s]}' \\
    "$(timed drill "restored into scratch, compared and removed")" "$(text "$from")" "$(text "$wanted_copy")" "$(text "$snapshot_time")" \\
    "$found_files" "$found_bytes" "$drilled")
  place_record "$service.drill" "$whole"
  printf '%s\\n' "$whole"
}
`;
