import { TerraformResource, TerraformStack } from "cdktf";
import type { Lab } from "./lab";
import { ROUTES } from "./route";

/** The addresses of a service's resources, by stack. */
export type ServiceResources = Readonly<Record<string, readonly string[]>>;

/**
 * Which resources belong to which service: what is made below its construct, or in its name inside an owner of another
 * stack, and the DNS records of its routes. A record that several services share is the first one's by name.
 */
export function resourcesByService(lab: Lab): ReadonlyMap<string, ServiceResources> {
  const services = [...lab.services.values()].sort((a, b) => (a.serviceName < b.serviceName ? -1 : 1));
  const records = new Map(
    [...lab.zones.values()].flatMap((zone) => zone.recordResources.map((record) => [record.resource, record.hostName])),
  );
  const owners = new Map<string, string>();
  for (const { serviceName, service } of services) {
    for (const host of service.said(ROUTES).flatMap(({ hosts }) => hosts))
      if (!owners.has(host)) owners.set(host, serviceName);
  }
  return new Map(
    services.map((own) => {
      const made = [own, ...own.service.scopes].flatMap((scope) => scope.node.findAll());
      const named = [...records].flatMap(([resource, host]) =>
        owners.get(host) === own.serviceName ? [resource] : [],
      );
      const byStack = new Map<string, string[]>();
      for (const resource of [...made, ...named]) {
        if (!(resource instanceof TerraformResource)) continue;
        const stack = TerraformStack.of(resource).node.id;
        const address = `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
        byStack.set(stack, [...(byStack.get(stack) ?? []), address]);
      }
      const sorted = [...byStack].sort(([a], [b]) => (a < b ? -1 : 1));
      return [own.serviceName, Object.fromEntries(sorted.map(([stack, addresses]) => [stack, addresses.sort()]))];
    }),
  );
}
