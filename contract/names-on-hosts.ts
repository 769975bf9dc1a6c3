/** Names that a synthesis gives to what is on hosts and in stacks, and that reports and commands find again. */

/** The label of a container by which a change that the provider would not carry out replaces it. */
export const FINGERPRINT_LABEL = "homelab.fingerprint";

/** Where a host keeps how to remove what stacks made on it, and what was placed in each directory. */
export const RECORDS = "/var/lib/homelab/records";

/** Where a host keeps the firewall's rules from before, and whether somebody confirmed the new ones. */
export const FIREWALL_STATE = "/var/lib/homelab/firewall";

/** The resource of a host's stack that removes what the stack made on the host and no longer declares. */
export const DECLARED = { id: "Declared", address: "null_resource.declared" } as const;

/** The trigger of a script that stands for the machine itself: another one has none of our files. */
export const HOST_KEY_TRIGGER = "host_key";

/** The trigger that stands for the content of a file in a directory. */
export function fileTrigger(name: string): string {
  return `file ${name}`;
}

/** The file that a trigger stands for, if it does. */
export function fileOfTrigger(trigger: string): string | undefined {
  return trigger.startsWith("file ") ? trigger.slice(5) : undefined;
}

/** What stands for the value of a secret in a plan: its generation, with the fingerprint of the value if there is one. */
export function generationText(version: string): string {
  return `generation ${version}`;
}

/** The generation in such a text, if it is one. */
export function generationIn(text: string): string | undefined {
  return /^generation (\d+)/.exec(text)?.[1];
}

/**
 * The uid of a deploy user that `homelab bootstrap` makes: one that no common image has. 1000 is that of most images,
 * and what Debian itself gives to a system user, 999 and downwards, that of PostgreSQL's, Redis' and MariaDB's.
 */
export const DEPLOY_UID = 870;
