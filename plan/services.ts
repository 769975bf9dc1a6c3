import type { Manifest, ServiceManifest } from "../contract/manifest";
import { resourceOf, triggersOf, type ComparedLabs } from "./labs";
import type { ChangeKind, DataReport, ResourceReport, ServiceReport } from "./model";

/** What becomes of every service that something happens to. */
export function reportServices(
  { base, head }: ComparedLabs,
  resources: readonly ResourceReport[],
  data: readonly DataReport[],
): ServiceReport[] {
  const [was, is] = [base?.manifest, head.manifest];
  if (!is) return [];
  const former = renamedServices(was, is, resources);
  const gone = (was?.services ?? []).filter(
    ({ name }) => !is.services.some((other) => other.name === name) && ![...former.values()].includes(name),
  );
  return [...is.services, ...gone]
    .map((service) => {
      const before = gone.includes(service)
        ? service
        : was?.services.find(({ name }) => name === (former.get(service.name) ?? service.name));
      const after = gone.includes(service) ? undefined : service;
      return reportService({ base, head }, before, after, resources, data);
    })
    .filter(({ change }) => change !== "unchanged")
    .sort((a, b) => (a.service < b.service ? -1 : 1));
}

function reportService(
  labs: ComparedLabs,
  before: ServiceManifest | undefined,
  after: ServiceManifest | undefined,
  resources: readonly ResourceReport[],
  data: readonly DataReport[],
): ServiceReport {
  const { name, host } = after ?? before ?? { name: "", host: "" };
  const names = [name, ...(before ? [before.name] : [])];
  const own = resources.filter(({ service }) => service !== undefined && names.includes(service));
  const renamedFrom = before && after && before.name !== after.name ? before.name : undefined;
  const movesData = data.some((one) => one.service === name && one.risk === "relocated");
  const isMoved = before && after && (before.host !== after.host || movesData);
  const restarts = [
    ...own
      .filter(({ kind }) => kind === "restarted")
      .map(({ stack, address, causes }) => ({ container: containerName(labs, stack, address), causes })),
    ...own.flatMap((resource) => restartsItself(labs, resource)),
  ];
  const interrupted = restarts.length > 0 || !after || isMoved === true || renamedFrom !== undefined;
  return {
    service: name,
    host,
    change: !before
      ? own.some(({ kind }) => kind === "adopted")
        ? "returns"
        : "added"
      : !after
        ? "removed"
        : isMoved
          ? "relocated"
          : renamedFrom !== undefined
            ? "renamed"
            : own.length > 0
              ? "changed"
              : "unchanged",
    renamedFrom,
    relocatedFrom: isMoved ? before.host : undefined,
    counts: countKinds(own),
    restarts,
    images: before && after && before.image !== after.image ? [{ before: before.image, after: after.image }] : [],
    dependents: interrupted ? dependentsOf(labs, new Set([name, before?.name ?? name]), before) : [],
  };
}

/** The services that became others: something of theirs was moved. */
function renamedServices(
  was: Manifest | undefined,
  is: Manifest,
  resources: readonly ResourceReport[],
): Map<string, string> {
  const before = new Map(
    was?.services.map((service) => [
      service.name,
      new Set(service.data.flatMap(({ key, kind }) => placesOf(was, key).map((place) => `${kind} ${place}`))),
    ]),
  );
  return new Map(
    is.services.flatMap(({ name, data }) => {
      if (before.has(name)) return [];
      const isMoved = resources.some((one) => one.service === name && one.previousAddress !== undefined);
      const held = data.flatMap(({ key, kind }) => placesOf(is, key).map((place) => `${kind} ${place}`));
      const former = [...before].find(
        ([other, names]) =>
          !is.services.some((service) => service.name === other) &&
          (held.length > 0 ? held.some((one) => names.has(one)) : isMoved && formerName(resources, name) === other),
      )?.[0];
      return former !== undefined ? [[name, former] as const] : [];
    }),
  );
}

/** The former service of one without data, from the address of its container. */
function formerName(resources: readonly ResourceReport[], service: string): string | undefined {
  const container = resources.find(
    (one) =>
      one.service === service && one.address.startsWith("docker_container.") && one.previousAddress !== undefined,
  );
  return container?.previousAddress?.replace(/^docker_container\./, "").replaceAll("_", "-");
}

/** Where a holder is, and where it was before it moved. */
function placesOf({ ledger }: Manifest, key: string): string[] {
  const entry = ledger[key];
  return [...(entry ? [entry] : []), ...(entry?.previous ?? [])].map(
    ({ host, server, name }) => `${host ?? server ?? ""} ${name}`,
  );
}

/** How many resources go through what. */
export function countKinds(resources: readonly ResourceReport[]): Record<ChangeKind, number> {
  const counts: Record<ChangeKind, number> = {
    created: 0,
    adopted: 0,
    changed: 0,
    restarted: 0,
    repeated: 0,
    renamed: 0,
    released: 0,
    replaced: 0,
    destroyed: 0,
  };
  for (const { kind } of resources) counts[kind] += 1;
  return counts;
}

/** Who needs a service, and who has its data in a server that it runs. */
function dependentsOf(
  { head }: ComparedLabs,
  names: ReadonlySet<string>,
  before: ServiceManifest | undefined,
): string[] {
  const services = head.manifest?.services ?? [];
  const servers = (head.manifest?.databaseServers ?? [])
    .filter(({ stack, managed }) => managed && stack === before?.stack)
    .map(({ name }) => name);
  return services
    .filter(
      ({ needs, databases, name }) =>
        !names.has(name) &&
        (needs.some((need) => names.has(need.service)) || databases.some(({ server }) => servers.includes(server))),
    )
    .map(({ name }) => name)
    .sort();
}

/** Containers that a placed file restarts: those of programs that read their files at the start only. */
function restartsItself(
  { head }: ComparedLabs,
  { kind, stack, address, causes }: ResourceReport,
): { readonly container: string; readonly causes: readonly string[] }[] {
  if (kind !== "repeated") return [];
  const { path } = triggersOf(resourceOf(head, stack, address));
  return (head.manifest?.directories ?? []).flatMap((directory) => {
    const restarts = directory.files.some(({ onChange }) => onChange === "restart");
    if (directory.stack !== stack || directory.path !== path || !restarts) return [];
    return directory.container === undefined ? [] : [{ container: directory.container, causes }];
  });
}

function containerName({ base, head }: ComparedLabs, stack: string, address: string): string {
  const body = resourceOf(head, stack, address) ?? resourceOf(base, stack, address);
  return typeof body?.name === "string" ? body.name : address;
}
