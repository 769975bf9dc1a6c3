/** The lock of a service, and the way back from whatever was begun. */
export const LOCKS = `# Exclusion is the host's: the engines take a dead run's lock for a live one, or a live one for a dead one. A service on
# a host has repositories of its own, so one lock holds for all of them.
lock() {
  exec 9>> "$run/$service.lock"
  if ! flock -n 9; then
    holder=$(cat "$run/$service.lock")
    # One that was killed leaves its last command, which ends by itself.
    kill -0 "\${holder##* }" 2> /dev/null || flock -w 60 9 ||
      refuse "$service is busy on this host: a command of a run that was killed goes on ($holder); wait for its end"
    ! kill -0 "\${holder##* }" 2> /dev/null ||
      refuse "$service is busy on this host: $holder; wait for its end, or stop that process"
  fi
  printf '%s\\n' "$1 since $(now), process $$" > "$run/$service.lock"
  locked=yes
  recover
}

# What a run left that was killed.
recover() {
  mkdir -p "$state/scratch/$service"
  # Without the engine nothing can be undone, and nothing may be forgotten.
  remove_boxes || return
  put_back
  undo_quiesce
  after_hooks
  rm -rf -- "$state/dumps/$service" "$state/scratch/$service"
  mkdir -p "$state/scratch/$service"
}

remove_boxes() {
  leftover=$(docker ps -aq --filter "label=homelab.backup=$service") || { trouble "the engine of containers does not answer"; return 1; }
  [ -z "$leftover" ] || docker rm -fv $leftover > /dev/null
}

# Whatever way it ends, what was begun is undone and told.
finish() {
  status=$?
  trap '' TERM INT HUP
  trap - EXIT
  [ -z "$child" ] || kill "$child" 2> /dev/null
  if [ -n "$locked" ]; then
    recover
    rm -rf -- "$state/scratch/$service"
    [ "$status" != 0 ] || [ -z "$problem" ] || status=1
    [ "$status" = 0 ] || [ -n "$problem" ] || problem="the agent ended with $status"
    $record
  fi
  exit "$status"
}
trap finish EXIT
trap 'problem="stopped by SIGTERM"; exit 143' TERM
trap 'problem="stopped by SIGINT"; exit 130' INT
trap 'problem="stopped by SIGHUP"; exit 129' HUP
`;
