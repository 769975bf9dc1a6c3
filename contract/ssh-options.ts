import { isIP } from "node:net";

/** How a host is reached over SSH. */
export interface SshAddress {
  /** Its address. */
  readonly address: string;
  /** The port of sshd. */
  readonly port: number;
  /** The pinned public host key: its type and its base64. */
  readonly hostKey: string;
}

/**
 * Options of ssh that accept the pinned host key and no other one, whatever the deployer's own files say: the key is
 * what `KnownHostsCommand` prints (OpenSSH 8.5). A host has a key of each type, and shows the one that it is asked for.
 * A connection that is open already would be used without a look at any key.
 */
export function pinnedKeyOptions({ address, port, hostKey }: SshAddress): string[] {
  const name = port === 22 ? address : `[${address}]:${port}`;
  return [
    "StrictHostKeyChecking=yes",
    "UserKnownHostsFile=/dev/null",
    "GlobalKnownHostsFile=/dev/null",
    `KnownHostsCommand=/bin/echo ${name} ${hostKey}`,
    `HostKeyAlgorithms=${keyAlgorithms(hostKey)}`,
    "ControlPath=none",
  ].flatMap((option) => ["-o", option]);
}

/** Where the docker provider finds the engine of a host. */
export function dockerHost({
  user,
  address,
  port = 22,
}: {
  readonly user: string;
  readonly address: string;
  readonly port?: number | undefined;
}): string {
  return `ssh://${user}@${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
}

/** The arguments of ssh that lead to a host, without a question to anybody; a host that says nothing is given up. */
export function sshArguments(host: SshAddress & { readonly user: string }): string[] {
  const options = ["BatchMode=yes", "ConnectTimeout=15", "ServerAliveInterval=15", "ServerAliveCountMax=4"];
  return [
    ...pinnedKeyOptions(host),
    ...options.flatMap((option) => ["-o", option]),
    ...["-p", String(host.port), "-l", host.user, "--", host.address],
  ];
}

/** The signatures of a key. An RSA key signs with SHA-2 only: OpenSSH 8.8 turned SHA-1 off. */
function keyAlgorithms(hostKey: string): string {
  const [type = ""] = hostKey.split(" ");
  return type === "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256" : type;
}
