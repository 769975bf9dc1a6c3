import {
  MANIFEST_VERSION,
  type Manifest,
  type PartFacts,
  type ServiceFacts,
  type ServiceManifest,
} from "../constructs/manifest";

/** The lists of a service that say where each of their elements is. */
type List = keyof ServiceFacts | "ports";

/** An element of version 1: it did not say in which container it is, a port not even in which part. */
type Former<T extends PartFacts> = Omit<T, keyof PartFacts> & Partial<PartFacts>;

/** A service of version 1. */
type FormerService = Omit<ServiceManifest, List> & {
  readonly [Key in List]: readonly Former<ServiceManifest[Key][number]>[];
};

/** A manifest of whatever version, as it was read. */
export type ReadManifest =
  | Manifest
  | (Omit<Manifest, "version" | "services"> & { readonly version: 1; readonly services: readonly FormerService[] })
  | { readonly version: undefined };

/** Reads a manifest as this version would have written it, where that can be known. */
export function asPresent(manifest: ReadManifest): Manifest | undefined {
  if (manifest.version === MANIFEST_VERSION) return manifest;
  if (manifest.version !== 1) return undefined;
  return { ...manifest, version: MANIFEST_VERSION, services: manifest.services.map(service) };
}

/** Version 1 told of companions only their secrets and the paths of the host that they use. */
function service(former: FormerService): ServiceManifest {
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
