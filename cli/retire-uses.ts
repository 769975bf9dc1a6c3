import { kindOf, type HolderPlace, type LedgerEntry } from "../contract/ledger-entry";
import type { Manifest } from "../contract/manifest";
import { quote } from "../contract/text";
import type { StackDocument } from "../offline/providers";

type Entries = ReadonlyMap<string, LedgerEntry>;
type Body = Readonly<Record<string, unknown>>;

/** A synthesized lab: its manifest and its stacks. */
export interface Uses {
  readonly manifest: Manifest;
  readonly stacks: readonly StackDocument[];
}

/** Why entries must not be retired: what else uses them, one sentence for each use. */
export function usesOf(retired: readonly string[], ledger: Entries, lab: Uses): string[] {
  const others = [...ledger].filter(([key]) => !retired.includes(key));
  return retired.flatMap((key) => {
    const entry = ledger.get(key);
    if (!entry) return [];
    return [entry, ...(entry.previous ?? [])].flatMap((place) => {
      const kind = kindOf(place) ?? entry.kind;
      const thing = `${quote(key)} is ${kind} ${quote(place.name)} on ${place.host ?? place.server ?? "nothing"}`;
      return [
        ...others
          .filter(([, other]) => placesOf(other).some((one) => isWithin(one, kindOf(one) ?? other.kind, place, kind)))
          .map(([other]) => `${thing}, which ${quote(other)} has as well: retire both, or neither`),
        ...others
          .filter(([other, { kind: what }]) => what === "database" && key === `${other}.owner`)
          .map(([other]) => `${thing}, which owns ${quote(other)}: retire the database with it`),
        ...usersOf(place, kind, lab).map(
          (user) => `${thing}, which ${user} uses: remove that from the code, synthesize and deploy first`,
        ),
      ];
    });
  });
}

function placesOf(entry: LedgerEntry): readonly HolderPlace[] {
  return [entry, ...(entry.previous ?? [])];
}

/** Whether one holder is another one, or a folder in its folder. */
function isWithin(one: HolderPlace, kind: string, place: HolderPlace, ofKind: string): boolean {
  if (kind !== ofKind || one.host !== place.host || one.server !== place.server) return false;
  return one.name === place.name || (kind === "folder" && one.name.startsWith(`${place.name}/`));
}

/** What the synthesized stacks have that uses something: a container that mounts it, or a resource that names it. */
function usersOf(place: HolderPlace, kind: string, lab: Uses): string[] {
  if (place.host !== undefined) {
    return [...mountedBy(place, kind, lab), ...(kind === "volume" ? declaredAgain(place, lab) : [])];
  }
  return stacksOf(place, lab)
    .flatMap((stack) => Object.keys(stack.document.resource ?? {}).flatMap((type) => resourcesOf(stack, type)))
    .filter(([address, body]) => address !== place.address && namesInServer(kind, body, address).includes(place.name))
    .map(([address]) => address);
}

/** The names that a resource of a database server has for what it is about, of one kind. */
function namesInServer(kind: string, { name, database, owner, role, roles }: Body, address: string): unknown[] {
  if (kind === "database") return [database, ...(address.startsWith("postgresql_database.") ? [name] : [])];
  if (kind !== "role") return [];
  return [owner, role, ...listOf(roles), ...(address.startsWith("postgresql_role.") ? [name] : [])];
}

/** The containers of a host that mount a volume, or a folder or something in it. */
function mountedBy(place: HolderPlace, kind: string, lab: Uses): string[] {
  const { name } = place;
  const folders = lab.manifest.hosts.find((one) => one.name === place.host)?.folders ?? [];
  const isUsed = (source: unknown): boolean => {
    if (typeof source !== "string") return false;
    if (kind !== "folder") return source === name;
    return namesOf(source, folders).some((path) =>
      namesOf(name, folders).some((own) => path === own || path.startsWith(`${own}/`)),
    );
  };
  return stacksOf(place, lab)
    .flatMap((stack) => resourcesOf(stack, "docker_container"))
    .filter(([, body]) =>
      [
        ...bodiesIn(body.mounts).map(({ source }) => source),
        ...bodiesIn(body.volumes).flatMap(({ volume_name, host_path }) => [volume_name, host_path]),
      ].some(isUsed),
    )
    .map(([address, body]) => `container ${quote(body.name ?? address)}`);
}

/** A path, and what it is below a folder of the host's layout: a layout may have links beside what they lead to. */
function namesOf(path: string, folders: readonly string[]): string[] {
  return [
    path,
    ...folders.filter((folder) => path.startsWith(`${folder}/`)).map((folder) => path.slice(folder.length)),
  ];
}

/** Volumes of that name under another address, which no ledger knows. */
function declaredAgain(place: HolderPlace, lab: Uses): string[] {
  return stacksOf(place, lab)
    .flatMap((stack) => resourcesOf(stack, "docker_volume"))
    .filter(([address, { name }]) => name === place.name && address !== place.address)
    .map(([address]) => address);
}

/** The stacks that may have something on a host or a database server. */
function stacksOf({ host, server }: HolderPlace, { manifest, stacks }: Uses): StackDocument[] {
  return stacks.filter(({ name }) =>
    host === undefined
      ? manifest.databaseServers.some((one) => one.name === server && one.stack === name)
      : mayBeOn(host, name, manifest),
  );
}

/** Whether a stack has something on a host: it is the host's own, runs a service there, or nobody knows where. */
function mayBeOn(host: string, stack: string, { hosts, services, zones }: Manifest): boolean {
  if (hosts.some((one) => one.name === host && one.stack === stack)) return true;
  if (services.some((service) => service.host === host && service.stack === stack)) return true;
  return ![...hosts, ...zones, ...services].some((one) => one.stack === stack);
}

function resourcesOf({ document }: StackDocument, type: string): (readonly [string, Body])[] {
  const named = (document.resource?.[type] ?? {}) as Readonly<Record<string, Body>>;
  return Object.entries(named).map(([name, body]) => [`${type}.${name}`, body]);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function bodiesIn(value: unknown): readonly Body[] {
  return listOf(value).filter((one): one is Body => typeof one === "object" && one !== null);
}
