/** The rules that a service is excepted from by a reason: constructs ask for it, a plan reads it. */

/** Says how the data of a part follows to another place. */
export function relocationRule(part: string): string {
  return `relocation:${part}`;
}

/**
 * Says why a container has something of its host.
 *
 * @param container - the keys that lead to it inside its service
 */
export function hostPrivilegeRule(container: readonly string[], means: string): string {
  return `host-privilege:${[...container, means].join(".")}`;
}

/**
 * Says that the program of a container looks for its data at another path now. The path is in it, so that it says nothing
 * of the next change.
 *
 * @param container - the keys that lead to it inside its service
 */
export function mountPathRule(container: readonly string[], path: string): string {
  return `mount-path:${[...container, path].join(".")}`;
}
