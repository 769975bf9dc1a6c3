import { UNPROTECTED, type Finding } from "../findings";
import { elements, resourceOf } from "../labs";
import type { Change } from "../rules/rule";
import type { Teller } from "./teller";

/** Resources that Terraform must never destroy, in words. */
const HOLDING: Readonly<Record<string, string>> = {
  docker_volume: "volume",
  postgresql_database: "database",
  postgresql_schema: "schema",
  postgresql_role: "role",
};

/** What keeps Terraform from destroying data: protection of what is declared, and the way in which the rest is let go of. */
export const tellProtection: Teller = (difference, change) => {
  const { stack, path } = difference;
  if (stack === undefined) return undefined;
  if (path[0] === "removed") return released(stack, difference.before, difference.after, change);
  const [block, type = "", name = "", attribute] = path;
  if (block !== "resource" || attribute !== "lifecycle") return undefined;
  const address = `${type}.${name}`;
  const { lists, labs } = change;
  const former =
    lists.resources.find((one) => one.stack === stack && one.address === address)?.previousAddress ?? address;
  const [was] = elements(resourceOf(labs.base, stack, former)?.lifecycle);
  const [is] = elements(resourceOf(labs.head, stack, address)?.lifecycle);
  if (was?.prevent_destroy === true && is?.prevent_destroy !== true) {
    return [
      unprotected(
        address,
        type,
        stack,
        `${address} of stack ${stack} may be destroyed from now on: 'prevent_destroy' is gone`,
      ),
    ];
  }
  if (JSON.stringify(was?.ignore_changes) !== JSON.stringify(is?.ignore_changes)) {
    return [
      {
        concern: "trust",
        severity: type in HOLDING ? "danger" : "warning",
        kind: type in HOLDING ? UNPROTECTED : "lifecycle",
        subject: address,
        message: `${address} of stack ${stack}: changes that were ignored ('ignore_changes') are others now, and may replace it`,
      },
    ];
  }
  return undefined;
};

function unprotected(subject: string, type: string, _stack: string, message: string): Finding {
  return type in HOLDING || type === "docker_container"
    ? { concern: "trust", severity: "danger", kind: UNPROTECTED, subject, message }
    : { concern: "trust", severity: "warning", kind: "lifecycle", subject, message };
}

/** What is no longer declared, and which Terraform lets go of or destroys. */
function released(stack: string, before: unknown, after: unknown, { lists }: Change): readonly Finding[] | undefined {
  const gone = elements(before);
  const found = elements(after).flatMap((block): Finding[] => {
    const address = String(block.from);
    const [lifecycle] = elements(block.lifecycle);
    const [type = ""] = address.split(".");
    if (lifecycle?.destroy === false) return [];
    if (gone.some((one) => JSON.stringify(one) === JSON.stringify(block))) return [];
    return [
      {
        concern: "destroyed",
        severity: "danger",
        subject: address,
        message: `${HOLDING[type] ?? "what"} ${address} of stack ${stack} is destroyed where a state has it: its 'removed' block must say "destroy = false"`,
      },
    ];
  });
  // A state that was not deployed since may have it still.
  const forgotten = gone
    .filter((block) => !elements(after).some((other) => other.from === block.from))
    .map((block) => String(block.from))
    .filter((address) => !lists.resources.some((one) => one.stack === stack && one.address === address))
    .map((address): Finding => {
      const [type = ""] = address.split(".");
      return {
        concern: "irreversible",
        severity: type in HOLDING ? "warning" : "note",
        kind: "retired",
        subject: address,
        message: `stack ${stack} no longer says to let go of ${address}: a deployment destroys it where the stack was not deployed since its code left`,
      };
    });
  return [...found, ...forgotten];
}
