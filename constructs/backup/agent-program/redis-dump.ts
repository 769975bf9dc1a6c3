/** Dumps of Redis, and of what speaks its protocol. */
export const REDIS_DUMP = `# dump_redis redis PART CONTAINER: all keys as one moment had them, as a replica is sent them, checked by the server's own
# program. Its exit status says nothing of a file that was cut.
dump_redis() {
  part=$2 server=$3
  dump=$state/dumps/$service/$part said=$state/scratch/$service/dump.log
  say "$service: dump of $server"
  patiently docker exec "$server" redis-cli -e --rdb - < /dev/null > "$dump.part" 2> "$said" || {
    trouble "part $part can't be dumped: $(last "$said")"
    return
  }
  # Behind the dump is a mark of the connection, by which two equal ones would differ.
  whole=$(sed -n 's/^Transfer finished with success after \\([0-9]*\\) bytes.*/\\1/p' "$said")
  [ -z "$whole" ] || [ "$whole" -ge "$(stat -c %s "$dump.part")" ] || truncate -s "$whole" "$dump.part"
  patiently docker exec -i "$server" redis-check-rdb /dev/stdin < "$dump.part" > "$said" 2>&1
  grep -q 'RDB looks OK' "$said" || {
    trouble "the dump of part $part can't be read: $(last "$said")"
    return
  }
  mv -f "$dump.part" "$dump.rdb"
  keys_read=$(sed -n 's/^.info. \\([0-9]*\\) keys read$/\\1/p' "$said")
  version=$(sed -n "s/.*AUX FIELD [a-z]*-ver = '\\(.*\\)'.*/\\1/p" "$said")
  bytes=$(stat -c %s "$dump.rdb")
  printf '{"part":%s,"kind":"redis","version":%s,"bytes":%s,"keys":%s,"sha256":"%s"}\\n' "$(text "$part")" \\
    "$(text "$version")" "$bytes" "\${keys_read:-0}" "$(sha256sum < "$dump.rdb" | cut -c 1-64)" > "$dump.json"
  dumped="$dumped\${dumped:+,}{\\"part\\":$(text "$part"),\\"kind\\":\\"redis\\",\\"version\\":$(text "$version"),\\"bytes\\":$bytes}"
  sizes="$sizes$bytes source/dumps/$part.rdb
"
  expected="$expected source/dumps/$part.rdb"
}
`;
