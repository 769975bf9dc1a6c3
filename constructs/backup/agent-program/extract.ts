/** A part of a copy at a place of your choice. */
export const EXTRACT = `# extract OPTIONS: a part of a copy, or a path in it, goes into a folder; the service does not notice.
extract() {
  read_options "$@"
  part=\${wanted_parts# }
  part=\${part% }
  plain --part "$part"
  [ -n "$into" ] || refuse "say where it goes: --into FOLDER"
  verb_of=extract begun= kept=$state/aside/$service.$stamp
  record=record_restore
  lock "an extract"
  (walk "$into" make) || exit 1
  open_copy
  [ -z "$problem" ] || return 1
  new_box
  mount_repository || return 1
  option --tmpfs /restore
  if grep -q " source/parts/$part\\$" "$opened/contents"; then
    mount bind "$into" "/restore/source/parts/$part"
    path=source/parts/$part\${part_path:+/\${part_path#/}}
    box "$RESTORE_RIGHTS" "$ENGINE_EXTRACT" "$wanted_copy" "$path" 2> "$out/log" || trouble "$path can't be extracted: $(last "$out/log")"
  else
    brought=
    for kind_of_dump in dump rdb facts roles.sql json; do
      [ -f "$copy_dumps/$part.$kind_of_dump" ] || continue
      brought=yes
      cp -- "$copy_dumps/$part.$kind_of_dump" "$into/" || trouble "$into can't take the dump of part $part"
    done
    [ -n "$brought" ] || trouble "the copy has no part $part"
  fi
  [ -z "$problem" ]
}
`;
