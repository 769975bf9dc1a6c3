/** A backup. */
export const RUN = `# What the schedule runs, and a person by hand.
run_backup() {
  copied= dumped= expected= sizes= done_well=
  record=record_run
  lock "a backup"
  [ -n "$repositories" ] || refuse "the lab has no repository"
  have_image
  mkdir -p "$state/dumps/$service"
  before_hooks
  [ -n "$problem" ] || hold_still "$quiescing"
  [ -n "$problem" ] || each_line postgres dump_postgres
  [ -n "$problem" ] || each_line redis dump_redis
  dumps_expected=$expected
  if [ -n "$problem" ]; then
    snapshot=null files=0 bytes=0 added=0
    for repository in $repositories; do told failed "nothing was copied, since before that: $problem"; done
  else
    for name in $repositories; do copy_to "$name"; done
  fi
  undo_quiesce
  after_hooks
  for name in $done_well; do ask "$name" "$ENGINE_PRUNE" "old copies can't be removed"; done
  if [ -n "$done_well" ] && older "$state/known/$service.checked" 7; then check_repositories "$done_well"; fi
  [ -z "$problem" ]
}

# told RESULT SENTENCE: of the repository that is at hand.
told() {
  copied="$copied\${copied:+,}{\\"name\\":$(text "$repository"),\\"result\\":\\"$1\\",\\"message\\":$(text "$2"),\\"snapshot\\":$snapshot,\\"files\\":$files,\\"bytes\\":$bytes,\\"added\\":$added}"
}

# copy_to REPOSITORY: a copy, which is proved by what the repository has now and had not before. What fails here stops no
# other repository.
copy_to() {
  snapshot=null files=0 bytes=0 added=0
  failures=$problem problem=
  if copy "$1"; then told ok "copied"; done_well="$done_well $1"; else told failed "\${problem:-it failed}"; fi
  [ -n "$problem" ] && problem="repository $repository: $problem"
  [ -z "$failures" ] || problem=$failures
}
copy() {
  choose "$1"
  say "$service: copying into $repository"
  expected=$dumps_expected
  new_box
  each_line 'volume folder' mount_part
  [ -z "$dumped" ] || mount bind "$state/dumps/$service" /source/dumps ,readonly
  [ -z "$problem" ] || return 1
  mount_repository || return 1
  new_out
  if [ ! -f "$state/known/$folder_name.$repository" ]; then
    box DAC_READ_SEARCH "$ENGINE_BEGIN" 2> "$out/log" || { trouble "the repository can't be made: $(last "$out/log")"; return 1; }
  fi
  : > "$state/known/$folder_name.$repository"
  box DAC_READ_SEARCH "$ENGINE_COPY" $expected 2> "$out/log"
  status=$?
  if [ ! -s "$out/id" ]; then
    trouble "no copy was made: $(last "$out/log")"
    return 1
  fi
  snapshot=$(text "$(cat "$out/id")")
  eval "$(sizes_of)"
  [ "$status" = 0 ] || { trouble "a copy was made that is not whole: $(last "$out/log")"; return 1; }
  prove
}

# What was declared is in the copy, and the dumps have their sizes.
prove() {
  for path in $expected; do
    grep -q "^[0-9]* $path\\$" "$out/contents" || { trouble "the copy lacks $path"; return 1; }
  done
  printf %s "$sizes" | grep -vxFf "$out/contents" > "$out/lacking"
  [ ! -s "$out/lacking" ] || { trouble "a dump has another size in the copy: $(last "$out/lacking")"; return 1; }
}

new_out() {
  out=$(mktemp -d "$state/scratch/$service/out.XXXXXX") || exit 1
}

`;
