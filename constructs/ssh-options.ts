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
 * what `KnownHostsCommand` prints (OpenSSH 8.5).
 */
export function pinnedKeyOptions({ address, port, hostKey }: SshAddress): string[] {
  const name = port === 22 ? address : `[${address}]:${port}`;
  return [
    "-o",
    "StrictHostKeyChecking=yes",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "GlobalKnownHostsFile=/dev/null",
    "-o",
    `KnownHostsCommand=/bin/echo ${name} ${hostKey}`,
  ];
}
