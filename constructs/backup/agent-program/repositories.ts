/** What is done in repositories without the files of a service. */
export const REPOSITORIES = `# ask REPOSITORY SCRIPT TROUBLE: has the engine do something in a repository, without the service's files.
ask() {
  choose "$1"
  new_box
  mount_repository || return
  new_out
  box DAC_READ_SEARCH "$2" 2> "$out/log" || { trouble "repository $repository: $3: $(last "$out/log")"; return 1; }
}

# check_repositories NAMES: finds what is damaged. Once a month the data is read too, not in the run that brought it all.
check_repositories() {
  checking=$ENGINE_CHECK data=\${data-}
  [ ! -s "$state/known/$service.checked" ] || ! older "$state/known/$service.read" 30 || data=yes
  [ -z "$data" ] || checking=$ENGINE_CHECK_DATA
  sound=yes
  for name in $1; do
    say "$service: checking $name"
    ask "$name" "$checking" "the check found" || sound=
  done
  [ -n "$sound" ] || return 1
  now > "$state/known/$service.checked"
  [ -z "$data" ] || now > "$state/known/$service.read"
}

# list_copies: needs no lock, and takes none.
list_copies() {
  out=$run/list.$$ list_of=$service.list
  mkdir "$out"
  for name in $repositories; do
    choose "$name"
    new_box
    if mount_repository && box DAC_READ_SEARCH "$ENGINE_LIST" 2> "$out/log"; then
      copies | while read -r id time files bytes; do
        printf '{"kind":"snapshot","service":%s,"host":%s,"repository":"%s","id":"%s","time":"%s","files":%s,"bytes":%s}\\n' \\
          "$(text "$service")" "$(text "$host")" "$repository" "$id" "$time" "$files" "$bytes"
      done
    else
      trouble "repository $name can't be read: $(last "$out/log")"
    fi
  done
  rm -rf -- "$out"
  [ -z "$problem" ]
}

check_by_hand() {
  lock "a check"
  case \${1-} in
    --data) data=yes ;;
    '') ;;
    *) refuse "a check knows only --data, got $(text "$1")" ;;
  esac
  check_repositories "$repositories"
}

unlock() {
  lock "an unlock"
  for name in $repositories; do ask "$name" "$ENGINE_UNLOCK" "its lock can't be removed" || :; done
  [ -z "$problem" ]
}
`;
