/** Restoring a copy, and the way back. */
export const RESTORE = `# restore VERB OPTIONS: a copy takes the place of what is there, or what was set aside does again, or is removed.
restore() {
  verb_of=$1 without=
  shift
  read_options "$@"
  plain --stamp "$stamp"
  case $stamp in *[!A-Za-z0-9_]*) refuse "--stamp must be letters and digits, got $(text "$stamp")" ;; esac
  done_with= begun=$state/aside/$service.$stamp.begun kept=$state/aside/$service.$stamp
  record=record_restore
  lock "$verb_of"
  case $verb_of in
    restore) restore_copy ;;
    undo) undo_restore ;;
    discard) discard_aside ;;
  esac
  [ -z "$problem" ]
}

read_options() {
  wanted_repository= wanted_copy= wanted_parts= stamp= part_path= into=
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || refuse "$1 needs a value"
    case $1 in
      --repository) wanted_repository=$2 ;;
      --snapshot) wanted_copy=$2 ;;
      --part) wanted_parts="$wanted_parts $2 " ;;
      --stamp) stamp=$2 ;;
      --path) part_path=$2 ;;
      --into) into=$2 ;;
      *) refuse "there is no option $(text "$1"): --repository, --snapshot, --part, --stamp, --path, --into" ;;
    esac
    shift 2
  done
}
is_wanted() {
  case $wanted_parts in '' | *" $1 "*) ;; *) return 1 ;; esac
}

restore_copy() {
  [ ! -e "$kept" ] || refuse "there is a restore $stamp already: take another stamp"
  have_image
  open_copy
  [ -z "$problem" ] || return 1
  : > "$begun"
  new_box
  restoring=
  each_line 'volume folder' prepare_part
  [ -z "$problem" ] || return 1
  if [ -n "$restoring" ]; then
    say "$service: restoring files beside those that are there"
    mount_repository || return 1
    option --tmpfs /restore
    box "$RESTORE_RIGHTS" "$ENGINE_EXTRACT" "$wanted_copy" $restoring 2> "$out/log" || {
      trouble "the files can't be restored: $(last "$out/log")"
      return 1
    }
  fi
  each_line postgres load_postgres
  each_line redis leave_redis
  [ -z "$problem" ] || return 1
  say "$service: exchanging"
  hold_still stop
  [ -n "$problem" ] || each_line postgres swap_postgres
  [ -n "$problem" ] || each_line 'volume folder' swap_part
  [ -z "$problem" ] || return 1
  start_again
}

# leave_redis redis PART CONTAINER: a server takes a dump only where it starts without data.
leave_redis() {
  is_wanted "$2" || return 0
  [ -z "$wanted_parts" ] || { trouble "part $2 is a dump of Redis, which is not put in place: take it out with extract"; return; }
  say "part $2 is a dump of Redis and stays as it is: take it out with extract"
}
RESTORE_RIGHTS='CHOWN DAC_OVERRIDE FOWNER FSETID SETFCAP MKNOD'

# start_again: when the service is well, what was begun is done.
start_again() {
  started_again=$(cat "$state/quiesced/$service.stop" 2> /dev/null)
  undo_quiesce
  [ -z "$problem" ] || return 1
  await_health $started_again || return 1
  mv -f -- "$begun" "$kept"
}
await_health() {
  sleep 2
  for container; do
    tries=150
    until docker inspect -f '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$container" | grep -qxE 'healthy|running'; do
      tries=$((tries - 1))
      [ "$tries" -gt 0 ] || { trouble "container $container is not well five minutes after its start"; return 1; }
      patiently sleep 2
    done
  done
}

# open_copy: what is in the copy, and its dumps, before anything is touched.
open_copy() {
  [ -n "$wanted_repository" ] && [ -n "$wanted_copy" ] || refuse "say what to take: --repository NAME --snapshot ID"
  case $wanted_copy in *[!0-9a-f]*) refuse "--snapshot must be an id, got $(text "$wanted_copy")" ;; esac
  choose "$wanted_repository"
  copy_dumps=$state/scratch/$service/dumps
  mkdir -p "$copy_dumps"
  new_box
  mount_repository || return 1
  option --tmpfs /restore
  mount bind "$copy_dumps" /restore/source/dumps
  new_out
  box "$RESTORE_RIGHTS" "$ENGINE_OPEN" "$wanted_copy" 2> "$out/log" || {
    trouble "copy $wanted_copy of repository $repository can't be read: $(last "$out/log")"
    return 1
  }
  opened=$out
  need=$(cat "$opened/bytes")
  [ -z "$wanted_parts" ] || for name in $wanted_parts; do
    grep -qE "^[0-9]+ source/(parts/$name|dumps/$name\\.(dump|rdb))\\$" "$opened/contents" || trouble "the copy has no part $name"
  done
  [ "$verb_of" != restore ] || each_line 'volume folder postgres redis' look_at_part
}

# look_at_part KIND PART …: whether it can be restored here.
look_at_part() {
  is_wanted "$2" || return 0
  case $1 in
    redis)
      [ -z "$wanted_parts" ] || trouble "part $2 is not restored by the agent: bring its dump out with extract, and load it"
      without="$without, without part $2, which extract brings out"
      ;;
    postgres)
      [ -s "$copy_dumps/$2.dump" ] || { without="$without, without part $2, which the copy has not"; return; }
      server=$3 superuser=$6
      theirs=$(sed -n 's/^version \\([0-9]*\\).*/\\1/p' "$copy_dumps/$2.facts")
      ours=$(echo "select current_setting('server_version_num')::int / 10000" | in_postgres postgres 2> /dev/null)
      [ "\${ours:-0}" -ge "\${theirs:-0}" ] || trouble "part $2 was dumped by PostgreSQL $theirs, and server $3 is \${ours:-not running}: restore it into a server that is as new"
      ;;
    *)
      grep -q "^[0-9]* source/parts/$2\\$" "$opened/contents" || { without="$without, without part $2, which the copy has not"; return; }
      place_of "$1" "$3" || return
      free=$(($(df -Pk "$parent" | awk 'NR == 2 { print $4 }') * 1024))
      [ "$free" -gt "$need" ] || trouble "$parent has room for $free bytes, and the copy has $need: make room, what is there stays until it is discarded"
      ;;
  esac
}

# place_of KIND SOURCE: sets $parent and $name.
place_of() {
  at_place=$2
  if [ "$1" = volume ]; then
    at_place=$(docker volume inspect -f '{{if or (ne .Driver "local") .Options}}{{else}}{{.Mountpoint}}{{end}}' "$2" 2> /dev/null) || at_place=
    [ -n "$at_place" ] || { trouble "volume $2 is not there, or is a file system of its own, which can't be exchanged: restore it with extract"; return 1; }
  fi
  parent=\${at_place%/*} name=\${at_place##*/}
  why=$(walk "$parent" own 2>&1) || { trouble "$at_place can't be exchanged: \${why:-$parent is not there}"; return 1; }
  if mountpoint -q "$at_place"; then
    trouble "$at_place is a file system of its own, which can't be exchanged: restore it with extract"
    return 1
  fi
}

# prepare_part KIND PART SOURCE: an empty folder beside it, which what is restored goes into.
prepare_part() {
  is_wanted "$2" && [ -z "$problem" ] || return 0
  grep -q "^[0-9]* source/parts/$2\\$" "$opened/contents" || return 0
  place_of "$1" "$3" || return
  (walk "$parent" own && rm -rf -- "./.$name.restoring" && mkdir -m 700 -- "./.$name.restoring") || { trouble "nothing can be written in $parent"; return; }
  mount bind "$parent/.$name.restoring" "/restore/source/parts/$2"
  restoring="$restoring source/parts/$2"
  prepared="\${prepared-}$2 "
}
swap_part() {
  case " \${prepared-}" in *" $2 "*) ;; *) return 0 ;; esac
  [ -z "$problem" ] || return 0
  place_of "$1" "$3" || return
  exchange files "$parent" "$name" ".$name.restoring" ".$name.before-$stamp"
}

kept_or_refuse() {
  [ -f "$kept" ] || refuse "nothing is set aside under $stamp for $service"
}
undo_restore() {
  kept_or_refuse
  begun=$kept.undo.begun
  : > "$begun"
  hold_still stop
  was() { [ -n "$problem" ] || turn "$@"; }
  [ -n "$problem" ] || . "$kept"
  [ -z "$problem" ] || return 1
  start_again
}
discard_aside() {
  kept_or_refuse
  was() { drop_old "$@" || trouble "what was set aside can't be removed: $*"; }
  . "$kept"
  [ -n "$problem" ] || rm -f -- "$kept"
}

# where_it_stands: nothing is promised while something that was begun could not be put back.
where_it_stands() {
  for left in "$state/aside/$service".*.begun; do
    [ ! -f "$left" ] || { echo "what was there is NOT all in its place again: mend that and run the agent's recover $service, which $left is for"; return; }
  done
  echo "nothing of it is in place, the data is what it was"
}
record_restore() {
  case $verb_of in restore) did="restored$without" ;; undo) did="as it was before the restore" ;; discard) did="what was set aside is removed" ;; extract) did="extracted into $into" ;; esac
  [ "$verb_of" != restore ] || [ -z "$problem" ] || problem="$problem; $(where_it_stands)"
  whole=$(printf '{%s,"stamp":%s,"aside":[%s]}' "$(timed restore "$did")" "$(text "$stamp")" "$(told_aside "$kept")")
  [ "$verb_of" != restore ] || place_record "$service.restore" "$whole"
  printf '%s\\n' "$whole"
}
`;
