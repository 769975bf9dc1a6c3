/** Loading a dump beside a database, and their exchange. */
export const POSTGRES_RESTORE = `# load_postgres postgres PART CONTAINER DATABASE OWNER SUPERUSER: loads a dump beside the database, and looks whether all
# of it is there.
load_postgres() {
  is_wanted "$2" && [ -s "$copy_dumps/$2.dump" ] && [ -z "$problem" ] || return 0
  part=$2 server=$3 database=$4 superuser=$6
  dump=$copy_dumps/$part said=$state/scratch/$service/load.log new=$(short "$4")__restore
  say "$service: loading database $database beside the one that is there"
  drop_postgres "$server" "$superuser" "$new"
  { in_postgres postgres < "$dump.roles.sql" &&
    printf %s "$POSTGRES_CREATE" | in_postgres postgres -v "db=$database" -v "new=$new" -v "owner=$5" &&
    patiently docker exec -i "$server" pg_restore -U "$superuser" -d "$new" --exit-on-error --single-transaction < "$dump.dump" &&
    printf '%s\\ncommit;\\n' "$POSTGRES_FACTS" | in_postgres "$new" > "$state/scratch/$service/facts" &&
    properties > "$state/scratch/$service/$part.sql"; } 2> "$said" || {
    trouble "database $database can't be loaded: $(last "$said")"
    drop_postgres "$server" "$superuser" "$new"
    return
  }
  same_facts "$dump.facts" "$state/scratch/$service/facts" || {
    trouble "database $database has other content than its dump: $(last "$state/scratch/$service/differs")"
    drop_postgres "$server" "$superuser" "$new"
    return
  }
}

# What belongs to a database and is not in it: grants, settings, its comment and limit. They name the database, so that
# they can be said when it has its name.
properties() {
  list=$(docker exec -i "$server" pg_restore -C -l < "$dump.dump" | grep -E ' (DATABASE PROPERTIES -|ACL - DATABASE|COMMENT - DATABASE) ')
  [ -z "$list" ] || docker exec -i "$server" sh -c 'exec 3<&0; printf "%s\\n" "$1" | pg_restore -C -L /dev/fd/4 -f - 4<&0 <&3' sh "$list" < "$dump.dump" |
    sed '/^CREATE DATABASE /d; /^\\\\connect /d; /^\\\\\\(un\\)\\{0,1\\}restrict /d; /^SET /d; /^--/d; /set_config/d; /^$/d'
}

# same_facts ONE OTHER: whether two databases have the same in them. Another major version may sum up rows otherwise.
same_facts() {
  in_them='^(extension|table|sequence|large object) '
  less=
  [ "$(sed -n 's/^version \\([0-9]*\\).*/\\1/p' "$1")" = "$(sed -n 's/^version \\([0-9]*\\).*/\\1/p' "$2")" ] || less='s/ hash .*//; s/^\\(extension [^ ]*\\) .*/\\1/'
  for each_facts in "$1" "$2"; do grep -E "$in_them" "$each_facts" | sed "$less" > "$each_facts.compared"; done
  diff "$1.compared" "$2.compared" > "$state/scratch/$service/differs"
}

same_properties() {
  for each_facts in "$1" "$2"; do grep -E '^(owner|grant|setting|comment) ' "$each_facts" > "$each_facts.compared"; done
  cmp -s "$1.compared" "$2.compared"
}

# swap_postgres postgres PART CONTAINER DATABASE OWNER SUPERUSER
swap_postgres() {
  is_wanted "$2" && [ -s "$copy_dumps/$2.dump" ] && [ -z "$problem" ] || return 0
  exchange postgres "$3" "$6" "$4" "$(short "$4")__restore" "$(short "$4")__before_$stamp" "$state/scratch/$service/$2.sql"
  [ -z "$problem" ] || return 0
  # What belongs to a database and is not in it came with the exchange.
  printf '%s\\ncommit;\\n' "$POSTGRES_FACTS" | in_postgres "$4" > "$state/scratch/$service/facts" 2> /dev/null
  same_properties "$copy_dumps/$2.facts" "$state/scratch/$service/facts" || trouble "database $4 has other grants or settings than its dump"
}

# A database's name of 63 bytes at most, with room for what we add.
short() { printf %.36s "$1"; }

is_free_postgres() {
  server=$1 superuser=$2
  taken=$(echo "select count(*) from pg_database where datname = :'old'" | in_postgres postgres -v "old=$5" 2> /dev/null)
  [ "$taken" = 0 ] || { trouble "database $5 is there already: remove it, or take another stamp"; return 1; }
}

# exchange_postgres SERVER SUPERUSER DATABASE NEW OLD PROPERTIES
exchange_postgres() {
  server=$1 superuser=$2
  { printf '%s\\n' "$POSTGRES_SWAP_BEGIN"
    [ ! -f "$6" ] || cat "$6"
    printf '%s\\n' "$POSTGRES_SWAP_END"; } > "$state/scratch/$service/swap.sql"
  in_postgres postgres -v "db=$3" -v "new=$4" -v "old=$5" < "$state/scratch/$service/swap.sql" > /dev/null 2> "$state/scratch/$service/swap.log" || {
    trouble "database $3 can't be exchanged: $(last "$state/scratch/$service/swap.log")"
  }
}
back_postgres() {
  server=$1 superuser=$2
  printf %s "$POSTGRES_BACK" | in_postgres postgres -v "db=$3" -v "new=$4" -v "old=$5" > /dev/null 2> "$state/scratch/$service/swap.log" || {
    trouble "database $3 can't be put back, and is called $5: $(last "$state/scratch/$service/swap.log")"
  }
}
drop_postgres() {
  server=$1 superuser=$2
  echo 'drop database if exists :"old" with (force);' | in_postgres postgres -v "old=$3" > /dev/null 2>&1
}
`;
