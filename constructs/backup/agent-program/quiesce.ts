/** Containers that hold still while they are copied, and commands of their own before and after. */
export const QUIESCE = `# hold_still HOW: by "pause" or "stop" the service's containers hold still, all but those whose databases are dumped. What we did is on record
# before it is done, since we may be killed.
hold_still() {
  [ "$1" != none ] || return 0
  for one in $reversed; do
    case $servers in *" $one "*) continue ;; esac
    [ "$(docker inspect -f '{{.State.Running}} {{.State.Paused}}' "$one" 2> /dev/null)" = "true false" ] || continue
    echo "$one" >> "$state/quiesced/$service.$1"
    docker "$1" "$one" > /dev/null || { trouble "container $one could not be brought to $1"; return 1; }
  done
}

undo_quiesce() {
  undo_by pause unpause
  undo_by stop start
}
undo_by() {
  [ -f "$state/quiesced/$service.$1" ] || return 0
  undone=yes
  # Last stopped, first started.
  for one in $(sed '1!G;h;$!d' "$state/quiesced/$service.$1"); do
    docker inspect "$one" > /dev/null 2>&1 || continue
    if [ "$1" = pause ] && [ "$(docker inspect -f '{{.State.Paused}}' "$one")" != true ]; then continue; fi
    docker "$2" "$one" > /dev/null || { undone=; trouble "container $one could not be brought back by $2"; }
  done
  [ -z "$undone" ] || rm -f -- "$state/quiesced/$service.$1"
}

# A command of the service's own in one of its containers.
hook() {
  which=$1 container=$2
  shift 2
  say "$service: $* in $container"
  patiently timeout 1800 docker exec "$container" "$@" >&2
  ended=$?
  [ "$ended" = 0 ] || trouble "$* in $container ended with $ended ($which)"
}
before_hooks() {
  : > "$state/quiesced/$service.hooks"
  each_line command_before hook
}
after_hooks() {
  [ -f "$state/quiesced/$service.hooks" ] || return 0
  each_line command_after hook
  rm -f -- "$state/quiesced/$service.hooks"
}
`;
