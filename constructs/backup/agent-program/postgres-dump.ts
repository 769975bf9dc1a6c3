/** Dumps of PostgreSQL. */
export const POSTGRES_DUMP = `# dump_postgres postgres PART CONTAINER DATABASE OWNER SUPERUSER: the dump, and beside it what was in it: one transaction
# says both. psql says what there is, a line a fact, then pg_dump writes behind it. It does not compress, so that the
# engines find what has not changed; they compress themselves.
dump_postgres() {
  part=$2 server=$3 database=$4 superuser=$6
  dump=$state/dumps/$service/$part said=$state/scratch/$service/dump.log
  say "$service: dump of database $database in $server"
  printf %s "$POSTGRES_ROLES" | in_postgres "$database" > "$dump.roles.sql" 2> "$said" || {
    trouble "database $database of part $part can't be dumped: $(last "$said")"
    return
  }
  patiently facts_and_dump 2> "$said"
  if ! grep -qx 'pg_dump ended with 0' "$said" || ! grep -qx 'all is said' "$said"; then
    trouble "database $database of part $part can't be dumped: $(last "$said")"
    return
  fi
  # A dump that was cut has its list at the front: only whoever reads all of it knows.
  patiently docker exec -i "$server" pg_restore -f /dev/null < "$dump.part" 2> "$said" || {
    trouble "the dump of database $database of part $part can't be read: $(last "$said")"
    return
  }
  mv -f "$dump.part" "$dump.dump"
  version=$(sed -n 's/^version //p' "$dump.facts" | head -n 1)
  bytes=$(stat -c %s "$dump.dump")
  printf '{"part":%s,"kind":"postgres","database":%s,"version":%s,"bytes":%s,"sha256":"%s"}\\n' "$(text "$part")" \\
    "$(text "$database")" "$(text "$version")" "$bytes" "$(sha256sum < "$dump.dump" | cut -c 1-64)" > "$dump.json"
  dumped="$dumped\${dumped:+,}{\\"part\\":$(text "$part"),\\"kind\\":\\"postgres\\",\\"version\\":$(text "$version"),\\"bytes\\":$bytes}"
  sizes="$sizes$bytes source/dumps/$part.dump
"
  expected="$expected source/dumps/$part.dump"
}

facts_and_dump() {
  printf '%s\\n' "$POSTGRES_FACTS" "$POSTGRES_DUMP" | in_postgres "$database" | {
    while IFS= read -r line && [ "$line" != "$POSTGRES_END" ]; do printf '%s\\n' "$line"; done > "$dump.facts"
    cat > "$dump.part"
  }
}

# in_postgres DATABASE OPTION…: what the server's superuser says to a script over the local socket.
in_postgres() {
  connect=$1
  shift
  patiently docker exec -i "$server" psql -U "$superuser" -d "$connect" -qAtX -v ON_ERROR_STOP=1 "$@"
}

POSTGRES_END='-- end of facts --'
POSTGRES_DUMP='
\\echo -- end of facts --
\\! pg_dump -Fc -Z 0 --snapshot="$HOMELAB_SNAPSHOT"; echo "pg_dump ended with $?" >&2
commit;
\\! echo all is said >&2
'
`;
