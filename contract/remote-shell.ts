import { sshArguments, type SshAddress } from "./ssh-options";
import { shellWord } from "./text";

/**
 * What the login shell of a host runs: a shell of root's that reads its script from the connection. Nothing of it is
 * written to a disk, where somebody else could read or change it.
 */
export const ROOT_SHELL =
  'if [ "$(id -u)" -eq 0 ]; then exec sh -s; else exec sudo -n env SSH_CONNECTION="${SSH_CONNECTION:-}" sh -s; fi';

/** What opens and what ends a script that a shell reads while it runs. */
export const WHOLE = {
  /** The shell reads all of a function before it runs any of it: of a connection that is lost half-way, nothing. */
  begin: "homelab() {\n",
  /** The programs of the script must not read what follows as their input. */
  end: "\n}\nhomelab </dev/null\n",
};

/** What somebody has to know when a host answers with another key. */
export function otherKey(name: string, address: string): string {
  return `host "${name}" at ${address} has another host key than the inventory pins: if it was installed anew, look at the new key on its console and pin that as 'ssh.hostKey'; otherwise somebody else answers`;
}

/** The variable with the names of those that hold the script. */
export const NAMES = "HOMELAB_SCRIPT";

/**
 * The script of the deploying machine: it sends the text of the variables that `HOMELAB_SCRIPT` names to a shell of
 * root's on a host. Arguments would be seen by everybody on the machine, and ssh might send variables on. A host that
 * does not answer yet may be starting; nothing ran there when ssh says so.
 */
export function sendingScript(name: string, host: SshAddress & { readonly user: string }): string {
  const ssh = ["ssh", "-T", ...sshArguments(host), ROOT_SHELL].map(shellWord).join(" ");
  return [
    `text() { for one in $${NAMES}; do eval "printf %s \\"\\$$one\\""; done; }`,
    `send() { text | (unset $${NAMES} ${NAMES}; exec ${ssh}) 2>&1; }`,
    "until=$(($(date +%s) + 30))",
    'while said=$(send); status=$?; [ "$status" -eq 255 ] && [ "$(date +%s)" -lt "$until" ]; do',
    '  case $said in *"ssh: connect to host"* | *kex_exchange_identification* | *"banner exchange"*) sleep 2 ;; *) break ;; esac',
    "done",
    `case $said in *"Host key verification failed"*) said=${shellWord(otherKey(name, host.address))} ;; esac`,
    `printf '%s\\n' "$said"`,
    'exit "$status"',
  ].join("\n");
}
