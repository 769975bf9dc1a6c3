import { TerraformResource, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import type { ServiceCommons } from "./service-commons";

/** The addresses of a service's resources, by stack. */
export type ServiceResources = Readonly<Record<string, readonly string[]>>;

/**
 * Which resources belong to which service: what is made below its construct, or in its name inside an owner of another
 * stack, and what an owner has for it. What several services share, a DNS record, is the first one's by name.
 *
 * @param services - sorted by name, each with its own construct
 */
export function resourcesByService(
  services: readonly (IConstruct & { readonly service: ServiceCommons })[],
): ReadonlyMap<string, ServiceResources> {
  const taken = new Set<TerraformResource>();
  return new Map(
    services.map((own) => {
      const { name, scopes, sharedResources } = own.service;
      const made = [own, ...scopes].flatMap((scope) => scope.node.findAll());
      const shared = sharedResources.filter((resource) => !taken.has(resource));
      for (const resource of shared) taken.add(resource);
      const byStack = new Map<string, string[]>();
      for (const resource of [...made, ...shared]) {
        if (!(resource instanceof TerraformResource)) continue;
        const stack = TerraformStack.of(resource).node.id;
        const known = byStack.get(stack) ?? [];
        known.push(`${resource.terraformResourceType}.${resource.friendlyUniqueId}`);
        byStack.set(stack, known);
      }
      const sorted = [...byStack].sort(([a], [b]) => (a < b ? -1 : 1));
      return [name, Object.fromEntries(sorted.map(([stack, addresses]) => [stack, addresses.sort()]))];
    }),
  );
}
