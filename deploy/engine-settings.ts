/** What the engine of a host takes addresses for its networks from; see `CONTAINERS` in `contract/networks.ts`. */
const ADDRESS_POOL = { base: "172.20.0.0/14", size: 24 };

/**
 * The engine's configuration. Containers of the lab say themselves how they log; `local` rotates what any other one
 * writes. There are no `log-opts`: the engine would merge them into those of the lab's containers.
 */
const DAEMON: Readonly<Record<string, unknown>> = {
  "default-address-pools": [ADDRESS_POOL],
  "live-restore": true,
  "log-driver": "local",
};

/** The lines of the bootstrap script that are about the engine. */
export function engineSettings(): string[] {
  const members = Object.entries(DAEMON).map(([name, value]) => `'"${name}"' '${JSON.stringify(value)}'`);
  return [
    `want_file ${WAKE_FILE} 755 '${WAKE.replaceAll("'", `'\\''`)}'`,
    `want_file /etc/systemd/system/docker.service.d/homelab.conf 644 '${DROP_IN}' wake_health_checks`,
    "daemon=/etc/docker/daemon.json",
    // One that only root may read may hold the password of a proxy.
    'case "$(stat -c %a "$daemon" 2>/dev/null)" in 600) mode=600 ;; *) mode=644 ;; esac',
    `{ settings=$(with_members "$daemon" ${members.join(" ")}); } 3>&1`,
    'want_file "$daemon" "$mode" "$settings" restart_engine try_engine',
  ];
}

const WAKE_FILE = "/usr/local/lib/homelab/wake-health-checks";

const WAKE = `#!/bin/sh
# Docker before version 23 runs no health check of a container that outlived its restart: one that was healthy stays so
# for ever. Going on after a pause makes it look again; the container stands still for some milliseconds.
case "$(docker version --format '{{.Server.Version}}')" in 1?.* | 20.*) ;; *) exit 0 ;; esac
for id in $(docker ps --quiet --filter health=starting --filter health=healthy --filter health=unhealthy); do
  docker pause "$id" >/dev/null
  docker unpause "$id" >/dev/null || docker unpause "$id" >/dev/null
done`;

const DROP_IN = `[Service]
ExecStartPost=-${WAKE_FILE}`;

/**
 * Shell functions. JSON is read and written by a grammar in Perl, since a Debian has neither jq nor Python, and of Perl
 * itself only what is essential.
 */
export const ENGINE_FUNCTIONS = `
wake_health_checks() {
  [ ! -d /run/systemd/system ] || { systemctl daemon-reload && { ! systemctl is-active --quiet docker || ${WAKE_FILE}; }; }
}

# Docker before version 23 can't try a file: it is put back when the engine does not start with it.
try_engine() {
  if dockerd --help | grep -q -e --validate; then dockerd --validate --config-file "$1" >/dev/null; fi
}

# Attempts that failed would count, and the last one, with the file that was there, not be made.
restart_engine() { { service reset-failed docker.service docker.socket || true; } && service restart docker; }

# with_members FILE [NAME VALUE]…: the JSON object in FILE with these members, everything else as it is; on fd 3
# what they replace.
with_members() {
  perl -e '
    use strict;
    my ($file, %wanted, @names) = shift;
    open my $told, ">&=", 3 or die "$!\\n";
    while (my ($name, $value) = splice @ARGV, 0, 2) { push @names, $name; $wanted{$name} = $value }
    my $text = "{}";
    if (-s $file) { open my $handle, "<", $file or die "$file: $!\\n"; local $/; $text = <$handle> }
    my $json = qr/(?(DEFINE)
      (?<string> "(?:[^"\\\\\\x00-\\x1f]|\\\\.)*" )
      (?<value> \\s*(?: (?&string) | true | false | null | -?\\d[\\d.eE+-]*
        | \\{(?:(?&member)(?:,(?&member))*|\\s*)\\} | \\[(?:(?&value)(?:,(?&value))*|\\s*)\\] )\\s* )
      (?<member> \\s*(?&string)\\s*:(?&value) ))/x;
    $text =~ /\\A\\s*\\{(?:(?&member)(?:,(?&member))*|\\s*)\\}\\s*\\z$json/
      or die "failed: $file is not a JSON object, mend it or move it away\\n";
    my $compact = sub { my $copy = shift; $copy =~ s/((?&string))$json|\\s+/defined $1 ? $1 : ""/ge; $copy };
    my ($body) = $text =~ /\\A\\s*\\{(.*)\\}\\s*\\z/s;
    my ($same, @members, %seen) = 1;
    while ($body =~ /\\G\\s*((?&string))\\s*:((?&value)),?$json/gc) {
      my ($name, $value) = ($1, $2);
      $value =~ s/\\A\\s+|\\s+\\z//g;
      if (exists $wanted{$name} and $compact->($value) ne $wanted{$name}) {
        print {$told} "$file says $name: " . $compact->($value) . ", and will not\\n";
        ($value, $same) = ($wanted{$name}, 0);
      }
      $seen{$name} = push @members, "$name: $value";
    }
    for (grep { not $seen{$_} } @names) { push @members, "$_: $wanted{$_}"; $same = 0 }
    print $same ? $text : "{\\n  " . join(",\\n  ", @members) . "\\n}\\n";
  ' "$@"
}
`;
