/** What is set aside, and its exchange with what is there. */
export const ASIDE = `# What is set aside for a restore lies beside what takes its place, in the same file system: an exchange is two renames.
# Each one is on record before it is done, as a line \`was KIND WORD…\`. While that record is called .begun, whoever comes
# next puts all of it back.

# exchange KIND WORD…: something new takes the place of what is there.
exchange() {
  case $* in *\\'*) trouble "a name must have no quote to be exchanged: $*"; return ;; esac
  # What has the name already is somebody else's, and would be taken for what we set aside.
  "is_free_$@" || return
  printf "was" >> "$begun"
  printf " '%s'" "$@" >> "$begun"
  echo >> "$begun"
  "exchange_$@"
}
is_free_files() {
  [ ! -e "$1/$4" ] && [ ! -L "$1/$4" ] || { trouble "$1/$4 is there already: remove it, or take another stamp"; return 1; }
}
# exchange_files PARENT NAME NEW OLD
exchange_files() {
  why=$(walk "$1" own 2>&1 && { [ ! -e "./$2" ] || mv -T -- "./$2" "./$4"; } 2>&1 && mv -T -- "./$3" "./$2" 2>&1) ||
    trouble "$1/$2 can't be exchanged: $why"
}
back_files() {
  why=$(walk "$1" own 2>&1 && {
    [ ! -e "./$4" ] || {
      { [ ! -e "./$2" ] || [ -e "./$3" ] || mv -T -- "./$2" "./$3"; } && mv -T -- "./$4" "./$2"
    }
  } 2>&1) || trouble "$1/$2 can't be put back, and is in $1/$4: $why"
}
drop_files() { (walk "$1" own && rm -rf -- "./$2"); }

# put_back: what was begun and is not whole.
put_back() {
  local begun
  for begun in "$state/aside/$service".*.begun; do
    [ -f "$begun" ] || continue
    say "$service: putting back what was there"
    [ ! -s "$begun" ] || hold_still stop
    turned=$(sed '1!G;h;$!d' "$begun")
    was() { "back_$@"; }
    before_back=$problem problem=
    eval "$turned"
    went_back=$problem
    problem=\${before_back:-$went_back}
    if [ -z "$went_back" ]; then
      # What an undo would have brought back is still set aside.
      case $begun in *.undo.begun) ;; *) each_line 'volume folder postgres' drop_restoring ;; esac
      rm -f -- "$begun"
    fi
  done
}
# drop_restoring KIND PART SOURCE …: what was laid beside, also before anything was exchanged.
drop_restoring() {
  case $1 in
    postgres) drop_postgres "$3" "$6" "$(short "$4")__restore" ;;
    *)
      at_place=$3
      [ "$1" != volume ] || at_place=$(docker volume inspect -f '{{.Mountpoint}}' "$3" 2> /dev/null) || return 0
      drop_files "\${at_place%/*}" ".\${at_place##*/}.restoring" 2> /dev/null
      ;;
  esac
}
drop_old() {
  case $1 in
    files) drop_files "$2" "$5" ;;
    postgres) drop_postgres "$2" "$3" "$6" ;;
  esac
}

# The other way round, by the names that an undo gives.
turn() {
  shift_kind=$1
  shift
  case $shift_kind in
    files) exchange files "$1" "$2" "$4" "$(other_name "$4")" ;;
    postgres) exchange postgres "$1" "$2" "$3" "$5" "$(other_name "$5")" '' ;;
  esac
}
other_name() {
  case $1 in
    *before*) printf %s "\${1%%before*}undone\${1##*before}" ;;
    *) printf %s "\${1%%undone*}before\${1##*undone}" ;;
  esac
}

# told_aside: what was set aside, as JSON strings.
told_aside() {
  [ -f "$1" ] || return 0
  comma=
  was() {
    case $1 in
      files) where=$2/$5 ;;
      postgres) where="database $6 in $2" ;;
    esac
    printf '%s%s' "$comma" "$(text "$where")"
    comma=,
  }
  . "$1"
}
`;
