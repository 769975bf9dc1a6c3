import { spawn } from "node:child_process";
import type { Manifest } from "../contract/manifest";
import { otherKey, ROOT_SHELL, WHOLE } from "../contract/remote-shell";
import { sshArguments } from "../contract/ssh-options";
import { UserError } from "../process/user-error";

/** A host of the manifest. */
export type ManifestHost = Manifest["hosts"][number];

/** A host by its name. */
export function findHost(manifest: Manifest, name: string): ManifestHost {
  const host = manifest.hosts.find((known) => known.name === name);
  if (!host) {
    const known = manifest.hosts.map((other) => other.name).join(", ");
    throw new UserError(`the lab has no host ${JSON.stringify(name)}, it has ${known || "none"}`);
  }
  return host;
}

/** The words that lead to a host over SSH: it must prove to have the pinned key. */
export function sshWords({ name, lanAddress, ssh }: ManifestHost, user?: string): string[] {
  if (ssh?.hostKey === undefined)
    throw new UserError(`the manifest has no host key of ${name}: synthesize the lab again with this version`);
  const { port, hostKey } = ssh;
  return sshArguments({ address: lanAddress, port, hostKey, user: user ?? ssh.user });
}

/** How a script is run on a host. */
export interface RunOptions {
  /**
   * Who logs in: root, or somebody with sudo.
   *
   * @default - the inventory's user
   */
  readonly user?: string;
  /**
   * Exit statuses that are no failure.
   *
   * @default [0]
   */
  readonly expected?: readonly number[];
  /**
   * Gets what is printed as it comes.
   *
   * @default - it is returned only
   */
  readonly onOutput?: (text: string) => void;
  /**
   * Gets what is said on standard error as it comes.
   *
   * @default - its end is in the error of a script that fails
   */
  readonly onProgress?: (text: string) => void;
}

/** Runs a POSIX script on a host as root. Returns its exit status and what it printed. */
export async function runOnHost(
  host: ManifestHost,
  script: string,
  { user, expected = [0], onOutput, onProgress }: RunOptions = {},
): Promise<{ readonly status: number; readonly printed: string }> {
  const child = spawn("ssh", ["-T", ...sshWords(host, user), ROOT_SHELL], {
    env: process.env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let printed = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    onOutput?.(text);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
    onProgress?.(text);
  });
  child.stdin.on("error", () => undefined); // its exit status tells
  child.stdin.end(WHOLE.begin + script + WHOLE.end);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  if (complaint.includes("Host key verification failed")) {
    throw new UserError(otherKey(host.name, host.lanAddress));
  }
  if (status === null || !expected.includes(status)) {
    const said = complaint.trim().split("\n").slice(-5).join("\n");
    throw new UserError(`host "${host.name}": the script ended with ${status ?? "a signal"}: ${said}`);
  }
  return { status, printed };
}
