/**
 * The functions of the script that `bootstrapScript()` writes. What they evaluate runs where the shell's `set -e` holds
 * nothing back, so every change is one list joined by `&&`.
 */
export const BOOTSTRAP_FUNCTIONS = `
# What a file said before, and what is not in use yet; nobody else looks into it.
kept_in=/var/lib/homelab/bootstrap

# want WHAT TEST CHANGE: makes sure of something.
want() {
  if eval "$2" >/dev/null 2>&1; then return 0; fi
  differs=$((differs + 1))
  if [ -n "\${HOMELAB_CHECK:-}" ]; then echo "differs: $1"; return 0; fi
  echo "changes: $1"
  { eval "$3" && eval "$2" >/dev/null; } || { echo "failed: $1" >&2; exit 1; }
}

# advise WHAT TEST ADVICE: tells what nobody should change unasked.
advise() {
  if eval "$2" >/dev/null 2>&1; then return 0; fi
  differs=$((differs + 1))
  echo "differs: $1, by hand: $3"
}

# want_file PATH MODE TEXT [USE [TRIAL]]: a file of root's with exactly this text. TRIAL is a command that gets the new
# file and may refuse it, USE one that takes the file into use. It belongs to the wish, which is not fulfilled before it
# ran well.
want_file() {
  path=$1 mode=$2 text=$3 use=\${4:-:} trial=\${5:-:}
  kept=$kept_in/$(printf %s "$path" | tr / -)
  want "$path" \\
    '[ ! -e "$kept.pending" ] && [ "$(stat -c "%a %u:%g" "$path")" = "$mode 0:0" ] && printf "%s\\n" "$text" | cmp -s - "$path"' \\
    'try_file && keep_file && mv -f "$path.new" "$path" && use_file'
}

try_file() {
  mkdir -p "$(dirname "$path")" && (umask 077 && printf "%s\\n" "$text" > "$path.new") && chmod "$mode" "$path.new" &&
    $trial "$path.new" || { rm -f "$path.new"; return 1; }
}

# A run that was cut off has kept the file already.
keep_file() {
  mkdir -p -m 700 "$kept_in" || return 1
  if [ ! -e "$kept.pending" ]; then
    rm -f "$kept.before" && { [ ! -e "$path" ] || cp -p "$path" "$kept.before"; } && : > "$kept.pending"
  fi
}

# One that can't be taken into use is replaced by what was there, so that the next run tries again.
use_file() {
  if $use; then rm -f "$kept.pending"; return; fi
  if [ -e "$kept.before" ]; then cp -p "$kept.before" "$path.new" && mv -f "$path.new" "$path"; else rm -f "$path"; fi
  echo "$path is as before, since this failed: $use" >&2
  $use || true
  rm -f "$kept.pending"
  return 1
}

want_package() {
  want "package $1" "dpkg-query -W -f '\\\${Status}' $1 | grep -q 'ok installed'" "packages $1"
}

# The first boot of a machine updates packages itself: its lock is waited for.
packages() {
  { [ -n "\${updated:-}" ] || apt-get update -q >/dev/null; } && updated=1 &&
    apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@" >/dev/null
}

# A configuration that sshd refuses is never loaded: it would be the end of all deployments.
reload_sshd() { mkdir -p /run/sshd && sshd -t && service reload ssh; }

# Where systemd runs; in an image that is being made it does not.
service() { [ ! -d /run/systemd/system ] || systemctl "$@"; }
`;
