import { DEPLOY_UID } from "../contract/names-on-hosts";
import { shellWord } from "../contract/text";
import { BOOTSTRAP_FUNCTIONS } from "./bootstrap-functions";
import { ENGINE_FUNCTIONS, engineSettings } from "./engine-settings";
import type { ManifestHost } from "./ssh";

/** docker over SSH opens a connection for each resource that Terraform looks at: the defaults refuse the tenth. */
const SSHD = ["MaxStartups 100:30:200", "MaxSessions 100"];

/** Without the parser of `apparmor` the engine runs containers unconfined, and says nothing. */
const PACKAGES = "openssh-server sudo nftables unattended-upgrades tzdata ca-certificates apparmor".split(" ");

const UPGRADES = 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n';

/**
 * The script that makes a fresh Debian machine a host of the lab: a list of wishes, each with how to see that it is
 * fulfilled and how to fulfil it. It runs as root, changes only what is not as it should be, and with HOMELAB_CHECK set
 * changes nothing and tells what differs.
 */
export function bootstrapScript(host: ManifestHost): string {
  return `#!/bin/sh
# Makes a Debian machine the host ${host.name} of the lab. To be run as root, as often as you like: what is as it should
# be is not touched. With HOMELAB_CHECK=1 nothing is changed; what differs is told, and the exit status is 3.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022

differs=0
${BOOTSTRAP_FUNCTIONS}${ENGINE_FUNCTIONS}
# Read whole before any of it runs: what is installed must not read the rest of the script as its input.
main() {

${sections(host)}

}

main </dev/null
`;
}

function sections(host: ManifestHost): string {
  const { user = "root", uid = DEPLOY_UID } = host.ssh ?? {};
  return [
    section("A Debian that this was tried on.", [
      ". /etc/os-release",
      'case "$ID ${VERSION_ID:-}" in "debian 12" | "debian 13") ;; *) echo "this is $PRETTY_NAME, and only Debian 12 and 13 will do" >&2; exit 1 ;; esac',
    ]),
    section("Packages.", [
      "command -v dockerd >/dev/null || want_package docker.io # unless Docker was installed by a package of its makers",
      '[ "$VERSION_ID" = 12 ] || command -v docker >/dev/null || want_package docker-cli',
      ...PACKAGES.map((name) => `want_package ${name}`),
    ]),
    section("The engine: networks, logs, containers and health checks that outlive its restart.", engineSettings()),
    ...(user === "root" ? [] : [deployUser(user, uid)]),
    ...authorizedKeys(host, user),
    section("The limits of sshd that docker over SSH runs into.", [
      `want_file /etc/ssh/sshd_config.d/10-homelab.conf 644 ${quoted(SSHD.join("\n"))} reload_sshd`,
      `advise "limits of sshd" ${quoted(sshdHas(SSHD))} ${quoted("another file of /etc/ssh sets them first")}`,
    ]),
    section("Security updates by themselves.", [
      `want_file /etc/apt/apt.conf.d/20auto-upgrades 644 ${quoted(UPGRADES.trimEnd())}`,
    ]),
    section("The time zone.", [
      `zone=${shellWord(host.timeZone)}`,
      `want "time zone $zone" '[ "$(readlink /etc/localtime)" = "/usr/share/zoneinfo/$zone" ]' 'test -e "/usr/share/zoneinfo/$zone" && ln -sfn "/usr/share/zoneinfo/$zone" /etc/localtime'`,
      `want_file /etc/timezone 644 "$zone"`,
    ]),
    section("The folders of the lab. One that exists keeps its owner and mode.", [
      `for folder in ${(host.folders ?? []).map(shellWord).join(" ")}; do`,
      `  want "folder $folder" '[ -d "$folder" ]' 'mkdir -p "$folder"'`,
      "done",
    ]),
    section("What an inventory pins.", [
      "key=$(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)",
      'echo "host key: $key"',
      'if [ -n "${HOMELAB_CHECK:-}" ] && [ "$differs" -gt 0 ]; then exit 3; fi',
    ]),
  ].join("\n\n");
}

/** Whoever is in the group of Docker is root in effect, so that sudo takes nothing from anybody. */
function deployUser(user: string, uid: number): string {
  return section(`The user ${user}, without a password: a key alone lets in. In the group docker, so root in effect.`, [
    `want "user ${user}" 'id ${user}' 'useradd --system --uid ${uid} --create-home --shell /bin/sh ${user}'`,
    `advise "uid of ${user}" '! id ${user} || [ "$(id -u ${user})" = ${uid} ]' ${quoted(otherUid(user, uid))}`,
    `want "no password of ${user}" '[ "$(getent shadow ${user} | cut -d : -f 2)" = "*" ]' 'usermod --password "*" ${user}'`,
    `want "${user} in group docker" 'id -nG ${user} | tr " " "\\n" | grep -qx docker' 'usermod --append --groups docker ${user}'`,
    `want_file /etc/sudoers.d/homelab-${user.replaceAll(".", "_")} 440 '${user} ALL=(ALL:ALL) NOPASSWD: ALL' : 'visudo -cqf'`,
  ]);
}

function otherUid(user: string, uid: number): string {
  return [
    `it should be ${uid}: that of an image would make who breaks out of it ${user}, and so root`,
    `as root, while nobody is logged in as ${user}: usermod --uid ${uid} ${user}; groupmod --gid ${uid} ${user}; chgrp -R ${uid} ~${user}`,
    `or say in the inventory, as 'ssh.uid', which one it has, and no container may have it`,
  ].join("; ");
}

/** Whether sshd, with all of its files, has these settings. */
function sshdHas(lines: readonly string[]): string {
  const words = lines.map((line) => `-e ${shellWord(line.toLowerCase())}`).join(" ");
  return `[ ! -e /etc/ssh/sshd_config.d/10-homelab.conf ] || [ "$(sshd -T -C user=x,host=x,addr=127.0.0.1 | grep -cxF ${words})" = ${lines.length} ]`;
}

function authorizedKeys({ ssh }: ManifestHost, user: string): string[] {
  const { authorizedKeys: keys = [], from = [] } = ssh ?? {};
  if (keys.length === 0) return [];
  const restriction = from.length === 0 ? "" : `from="${from.join(",")}" `;
  const text = keys.map((key) => restriction + key).join("\n");
  return [
    section(`The keys of those who deploy${from.length === 0 ? "" : ", and where they are accepted from"}.`, [
      `home=$(getent passwd ${user} | cut -d : -f 6)`,
      `folder=\${home:-/home/${user}}/.ssh file=\${home:-/home/${user}}/.ssh/authorized_keys`,
      `want "folder $folder" '[ "$(stat -c "%a %U" "$folder")" = "700 ${user}" ]' 'install -d -m 700 -o ${user} -g "$(id -gn ${user})" "$folder"'`,
      `want "keys of ${user}" \\`,
      `  '[ "$(stat -c "%a %U" "$file")" = "600 ${user}" ] && printf "%s\\n" "$keys" | cmp -s - "$file"' \\`,
      `  'printf "%s\\n" "$keys" | install -m 600 -o ${user} -g "$(id -gn ${user})" /dev/stdin "$file.new" && mv -f "$file.new" "$file"'`,
    ]).replace("\n", `\nkeys=${quoted(text)}\n`),
  ];
}

function section(title: string, lines: readonly string[]): string {
  return [`# ${title}`, ...lines].join("\n");
}

/** Text in single quotes, its lines as they are: readable, and evaluated by nobody. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
