/** What the agent keeps and prints of what it did. */
export const RECORDS = `# place_record NAME RECORD: a record is there whole, or the one before.
place_record() {
  printf '%s\\n' "$2" > "$state/records/.$1.new"
  mv -f "$state/records/.$1.new" "$state/records/$1.json"
}

# timed KIND: what each record begins with.
timed() {
  ended=$(date +%s)
  result=ok
  [ -z "$problem" ] || result=failed
  printf '"kind":"%s","service":%s,"host":%s,"started":"%s","ended":"%s","seconds":%s,"result":"%s","message":%s' "$1" \\
    "$(text "$service")" "$(text "$host")" "$(now "$started")" "$(now "$ended")" "$((ended - started))" "$result" \\
    "$(text "\${problem:-$2}")"
}

# since FILE: the time that it holds, as JSON.
since() {
  if [ -s "$1" ]; then text "$(cat "$1")"; else printf null; fi
}
# older FILE DAYS: whether that was so many days ago, a few hours less since a run starts a bit earlier than the last.
older() {
  [ ! -s "$1" ] || [ "$(($(date +%s) - $(date -u -d "$(cat "$1")" +%s)))" -ge "$(($2 * 86400 - 10800))" ]
}

record_run() {
  [ -n "$problem" ] || now > "$state/known/$service.success"
  whole=$(printf '{%s,"lastSuccess":%s,"repositories":[%s],"dumps":[%s],"checked":{"repository":%s,"data":%s}}' \\
    "$(timed backup "copied into $(count $repositories)")" "$(since "$state/known/$service.success")" "$copied" "$dumped" \\
    "$(since "$state/known/$service.checked")" "$(since "$state/known/$service.read")")
  place_record "$service" "$whole"
  printf '%s\\n' "$whole"
}
count() { if [ $# = 1 ]; then echo "1 repository"; else echo "$# repositories"; fi; }

status() {
  printf '['
  comma=
  for one in "$state"/records/*.json; do
    [ -f "$one" ] || continue
    printf '%s' "$comma"
    tr -d '\\n' < "$one"
    comma=,
  done
  printf ']\\n'
}
`;
