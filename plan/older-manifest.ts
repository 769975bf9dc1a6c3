import { MANIFEST_VERSION, type Manifest, type ServiceManifest } from "../contract/manifest";
import type { PartFacts, ServiceFacts } from "../contract/service-facts";
import type { StackDocument } from "../offline/providers";

/** The lists of a service that say where each of their elements is. */
type List = Exclude<keyof ServiceFacts, "people" | "signOns"> | "ports";

/** An element of version 1: it did not say in which container it is, a port not even in which part. */
type Former<T extends PartFacts> = Omit<T, keyof PartFacts> & Partial<PartFacts>;

/** A service of version 1. */
type FormerService = Omit<ServiceManifest, List | "people" | "signOns" | "privileges" | "resources"> & {
  readonly [Key in List]: readonly Former<ServiceManifest[Key][number]>[];
};

/** A manifest of whatever version, as it was read. */
export type ReadManifest = Manifest | FormerManifest | { readonly version: undefined };

/** A manifest of version 1. */
type FormerManifest = Omit<Manifest, "version" | "services"> & {
  readonly version: 1;
  readonly services: readonly FormerService[];
};

/** Reads a manifest as this version would have written it, where that can be known from it and from the stacks. */
export function asPresent(manifest: ReadManifest, stacks: readonly StackDocument[]): Manifest | undefined {
  if (manifest.version === MANIFEST_VERSION) return { ...manifest, zones: manifest.zones.map(enteredZone) };
  if (manifest.version !== 1) return undefined;
  const services = manifest.services.map((former) => ({
    ...placedService(former),
    privileges: [], // which say no more than why; what containers have is in the stacks
    resources: resourcesOf(former, manifest, stacks),
  }));
  return { ...manifest, version: MANIFEST_VERSION, zones: manifest.zones.map(enteredZone), services };
}

/** A zone with how people get in as data: versions before 0.2.0 said it in words alone. */
function enteredZone(zone: Manifest["zones"][number]): Manifest["zones"][number] {
  const [, kind, host] = /^(direct|through|tunnel)(?: (.+))?$/.exec(zone.ingress) ?? [];
  if (zone.entry || (kind !== "direct" && kind !== "through" && kind !== "tunnel")) return zone;
  return { ...zone, entry: { kind, ...(host !== undefined && { host }) } };
}

/**
 * The resources of a service: version 1 did not list them, but a construct that a service made has the service's name
 * on the way to it, and a DNS record the name of a route.
 */
function resourcesOf(
  { name }: FormerService,
  { services }: FormerManifest,
  stacks: readonly StackDocument[],
): Record<string, string[]> {
  const ownerOf = (path: string): string | undefined => {
    const ids = path.split("/").slice(1);
    const hostName = ids.at(-1)?.split(" ")[0] ?? "";
    return (
      ids.find((id) => services.some((service) => service.name === id)) ??
      services.find(({ routes }) => routes.some(({ hosts }) => hosts.includes(hostName)))?.name
    );
  };
  const found = stacks.map((stack): readonly [string, string[]] => {
    const addresses = Object.entries(stack.document.resource ?? {}).flatMap(([type, named]) =>
      Object.entries(named).flatMap(([id, body]) =>
        ownerOf(body["//"]?.metadata?.path ?? "") === name ? [`${type}.${id}`] : [],
      ),
    );
    return [stack.name, addresses];
  });
  return Object.fromEntries(found.filter(([, addresses]) => addresses.length > 0));
}

/** Version 1 told of companions only their secrets and the paths of the host that they use. */
function placedService(former: FormerService): Omit<ServiceManifest, "privileges" | "resources"> {
  const containers = new Map(former.companions.map(({ part, container }) => [part, container]));
  const placed = <T extends PartFacts>(facts: readonly Former<T>[]): T[] =>
    facts.map(({ part = "", ...fact }) => {
      const container = fact.container ?? containers.get(part.replace(/\.[^.]*$/, "")) ?? former.container;
      return { ...fact, part, container } as unknown as T; // all that T has beside its place was in the former fact
    });
  const { routes, databases, secrets, backups, unprotected, monitors, jobs, hostPaths, companions, ports } = former;
  return {
    ...former,
    routes: placed(routes),
    databases: placed(databases),
    secrets: placed(secrets),
    backups: placed(backups),
    unprotected: placed(unprotected),
    monitors: placed(monitors),
    jobs: placed(jobs),
    hostPaths: placed(hostPaths),
    companions: placed(companions),
    ports: placed(ports),
  };
}
