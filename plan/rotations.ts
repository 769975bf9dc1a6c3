import type { ComparedLabs } from "./labs";

/** A database password with a new value: its server's stack has it first, then those of the services that use it. */
export interface Rotation {
  /** The stack of the database server. */
  readonly server: string;
  /** The stacks whose containers get the new value. */
  readonly users: readonly string[];
  /** The services that use it. */
  readonly services: readonly string[];
}

/** The passwords that get new values, by the stacks of their servers. */
export function rotationsOf({ base, head }: ComparedLabs): Rotation[] {
  const before = new Map((base?.manifest?.secrets ?? []).map((secret) => [secret.name, secret]));
  const servers = (head.manifest?.databaseServers ?? []).map(({ stack }) => stack);
  const rotated = (head.manifest?.secrets ?? []).filter(({ name, generation, fingerprint }) => {
    const was = before.get(name);
    return was !== undefined && (was.generation !== generation || was.fingerprint !== fingerprint);
  });
  return servers.flatMap((server): Rotation[] => {
    const shared = rotated.filter(({ stacks }) => stacks.includes(server) && stacks.length > 1);
    if (shared.length === 0) return [];
    const names = new Set(shared.map(({ name }) => name));
    const users = shared.flatMap(({ stacks }) => stacks).filter((stack) => !servers.includes(stack));
    const services = (head.manifest?.services ?? []).filter(({ secrets }) =>
      secrets.some(({ name }) => names.has(name)),
    );
    return [{ server, users: [...new Set(users)].sort(), services: services.map(({ name }) => name).sort() }];
  });
}

/**
 * The order with each server right before the first of those that get its new passwords, where nothing between needs
 * the server: from the one to the other, new connections fail.
 */
export function closeTogether(
  order: readonly string[],
  rotations: readonly Rotation[],
  needs: (stack: string) => readonly string[],
): string[] {
  return rotations.reduce<string[]>(
    (stacks, { server, users }) => {
      const at = stacks.indexOf(server);
      const next = stacks.findIndex((stack, index) => index > at && users.includes(stack));
      if (at < 0 || next < 0 || stacks.slice(at, next).some((stack) => needs(stack).includes(server))) return stacks;
      return [...stacks.slice(0, at), ...stacks.slice(at + 1, next), server, ...stacks.slice(next)];
    },
    [...order],
  );
}

/** What a reader of the deployment of a stack must know. */
export function rotationNote(stack: string, rotations: readonly Rotation[]): string {
  const found = rotations.find(({ server }) => server === stack);
  if (!found) return "";
  const services = found.services.join(", ");
  return `; new passwords: open connections of ${services} stay, and new ones fail from here until ${found.users.join(", ")} is deployed as well, so deploy that right after this`;
}
