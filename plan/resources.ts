import { stacksIn, stacksOf } from "../contract/holder-stacks";
import type { PlannedResource } from "../offline/stack-plan";
import { causesOf } from "./causes";
import { pathOf, resourceOf, serviceOf, type ComparedLabs } from "./labs";
import type { ChangeKind, ResourceReport } from "./model";

/** What happens to every resource, told by the construct and the service that it belongs to. */
export function reportResources(labs: ComparedLabs, planned: readonly PlannedResource[]): ResourceReport[] {
  return planned.map((change) => {
    const before = resourceOf(labs.base, change.stack, change.previousAddress ?? change.address);
    const after = resourceOf(labs.head, change.stack, change.address);
    const found =
      serviceOf(labs.head.manifest, change.stack, change.address) ??
      serviceOf(labs.base?.manifest, change.stack, change.previousAddress ?? change.address);
    const kind = kindOf(labs, change);
    return {
      stack: change.stack,
      address: change.address,
      previousAddress: change.previousAddress,
      path: pathOf(after) ?? pathOf(before),
      service: found?.name,
      kind,
      causes: kind === "released" && change.action === "update" ? ["may no longer log in"] : causesOf(labs, change),
    };
  });
}

function kindOf(labs: ComparedLabs, change: PlannedResource): ChangeKind {
  switch (change.action) {
    case "none":
      return "renamed";
    case "import":
      return "adopted";
    case "create":
      return returns(labs, change) ? "adopted" : "created";
    case "update":
      return isReleasedRole(labs, change) ? "released" : "changed";
    case "replace":
      return REPLACED_AS[change.type] ?? "replaced";
    case "delete":
      // A folder is a script that made it: what is in it outlives the script.
      return change.type === "null_resource" && holderOf(labs.base, change) !== undefined ? "released" : "destroyed";
    case "forget":
      return "released";
  }
}

/** What the replacement of a resource means to who runs the lab; of all others the thing itself is made anew. */
const REPLACED_AS: Readonly<Record<string, ChangeKind>> = {
  docker_container: "restarted",
  docker_image: "changed", // the old one is kept on the host
  null_resource: "repeated",
};

/** The ledger key of the holder that is kept at an address. */
function holderOf(lab: ComparedLabs["base"], { stack, address }: PlannedResource): string | undefined {
  const manifest = lab?.manifest;
  if (!manifest) return undefined;
  const own = stacksIn(manifest);
  return Object.entries(manifest.ledger).find(
    ([key, entry]) => entry.address === address && stacksOf({ ...entry, key }, entry, own).includes(stack),
  )?.[0];
}

/** Whether what is made was released before: it is there already. */
function returns(labs: ComparedLabs, change: PlannedResource): boolean {
  const key = holderOf(labs.head, change);
  return key !== undefined && labs.base?.manifest?.ledger[key]?.released === true;
}

/** A role whose service is gone, or has moved to another server, stays without the right to log in. */
function isReleasedRole({ base, head }: ComparedLabs, { type, stack, address }: PlannedResource): boolean {
  if (type !== "postgresql_role") return false;
  return resourceOf(head, stack, address)?.login === false && resourceOf(base, stack, address)?.login !== false;
}
