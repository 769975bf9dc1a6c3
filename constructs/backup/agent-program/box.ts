/** One-shot containers of the engine. */
export const BOX = `# A box is a one-shot container of the engine's image: it has what is mounted, and nothing else of the host. Its secrets
# are files, since an engine keeps a container's environment and shows it.
new_box() { options= inodes=; }
option() {
  local word
  for word; do
    case $word in *\\'*) refuse "a path must have no quote, got $(text "$word")" ;; esac
    options="$options '$word'"
  done
}
mount() {
  case $2 in *,* | *\\"*) refuse "a path must have no comma and no quote, got $(text "$2")" ;; esac
  option --mount "type=$1,source=$2,target=$3\${4-}"
}

# A part, as it is now and only to be read. An engine makes what is missing, so that is asked first; and a link on the
# way to a folder may have come meanwhile, so the box looks whether it has the folder that we saw.
mount_part() {
  case $1 in
    volume)
      docker volume inspect "$3" > /dev/null 2>&1 || { trouble "volume $3 of part $2 is not there"; return; }
      mount volume "$3" "/source/parts/$2" ,readonly,volume-nocopy
      ;;
    folder)
      inode=$(walk "$3" look 2>&1 && stat -c %d:%i .) || { trouble "folder $3 of part $2 can't be read: \${inode:-it is not there}"; return; }
      mount bind "$3" "/source/parts/$2" ,readonly
      inodes="$inodes/source/parts/$2 $inode
"
      ;;
  esac
  expected="$expected source/parts/$2"
}

# Where a repository is, and what opens it.
mount_repository() {
  case $kind in
    local)
      how=make
      [ ! -f "$state/known/$folder_name.$repository" ] || how=own
      why=$(walk "$location/$folder_name" "$how" 2>&1) || {
        trouble "repository $repository is not at $location/$folder_name: \${why:-the folder is gone; is its disk mounted? To begin a new one, remove $state/known/$folder_name.$repository}"
        return 1
      }
      mount bind "$location/$folder_name" /repository
      option --network none
      ;;
  esac
  for secret in pass ssh_key known_hosts env; do
    [ ! -f "$keys/$repository.$secret" ] || mount bind "$keys/$repository.$secret" "/run/secrets/$secret" ,readonly
  done
  mount bind "$state/home" /home
  engine_options
}

# have_image: an image that has to be fetched is, before a container holds still.
have_image() {
  docker image inspect "$image" > /dev/null 2>&1 || patiently docker pull --quiet "$image" >&2 ||
    refuse "image $image is not on this host and can't be fetched"
}

# box RIGHTS SCRIPT WORD…: runs a script in a box, with /out as $out.
box() {
  local options="$options" rights="$1" script="$2"
  shift 2
  for right in $rights; do option "--cap-add=$right"; done
  [ "$memory" = - ] || option --memory "$memory" --memory-swap "$memory"
  [ "$cpus" = - ] || option --cpus "$cpus"
  [ "$(docker info -f '{{.CgroupDriver}}')" != systemd ] || option --cgroup-parent homelab-backup.slice
  mount bind "$out" /out
  eval "set -- $options \\"\\$image\\" -c \\"\\$BOX_BEGIN\\$script\\" \\"\\$inodes\\" \\"\\$@\\""
  patiently docker run --rm --label "homelab.backup=\${list_of-$service}" --log-driver none --read-only --tmpfs /tmp --user 0:0 \\
    --hostname "$host" --cap-drop ALL --security-opt no-new-privileges --entrypoint sh \\
    -e HOME=/home -e TZ=UTC -e LC_ALL=C.UTF-8 "$@" < /dev/null >&2
}
BOX_BEGIN='
printf %s "$0" | while read -r path inode; do
  [ "$(stat -c %d:%i "$path")" = "$inode" ] || { echo "$path is another folder than a moment ago" >&2; exit 90; }
done || exit 90
if [ -f /run/secrets/env ]; then
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in [A-Z]*=*) export "\${line?}" ;; esac
  done < /run/secrets/env
fi
# The new ones of two lists of ids.
new_ids() { if [ -s /out/before ]; then grep -vFf /out/before /out/after; else cat /out/after; fi; }
'
`;
