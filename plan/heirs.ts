import { isPlace, samePlace } from "./places";
import { kindOf } from "../contract/ledger-entry";
import type { Manifest, ServiceManifest } from "../contract/manifest";
import { nameOfImage, repositoryOf } from "./image-reference";

type Entry = Manifest["ledger"][string];

/** What a service of the base goes on as. */
export interface ServiceHeir {
  /** The service of the head. */
  readonly service: ServiceManifest;
  /** Whether the head says so, or it only looks like it: a rename that nobody declared. */
  readonly isDeclared: boolean;
}

/** Who goes on as whom from the base to the head. */
export interface Heirs {
  /** For each key of the base's ledger the one under which the head knows the same data. */
  readonly keys: ReadonlyMap<string, string>;
  /** For each service of the base the one that goes on with its data. */
  readonly services: ReadonlyMap<string, ServiceHeir>;
}

/** Finds who goes on as whom: by what each one holds, then by its name, then by what it looks like. */
export function heirsOf(base: Manifest, head: Manifest): Heirs {
  const keys = keysOf(base, head);
  const declared = new Map<string, ServiceManifest>();
  for (const { name } of base.services) {
    const found = byHolders(name, keys, base, head);
    if (found) declared.set(name, found);
  }
  const taken = new Set([...declared.values()].map(({ name }) => name));
  for (const { name } of base.services) {
    const same = head.services.find((service) => service.name === name);
    if (same && !declared.has(name) && !taken.has(name)) declared.set(name, same);
  }
  const services = new Map<string, ServiceHeir>(
    [...declared].map(([name, service]) => [name, { service, isDeclared: true }]),
  );
  const newcomers = new Set(newcomersOf(services, head));
  for (const was of base.services.filter(({ name }) => !services.has(name))) {
    const service = [...newcomers].find((one) => looksLike(was, one));
    if (!service) continue;
    newcomers.delete(service);
    services.set(was.name, { service, isDeclared: false });
  }
  return { keys, services };
}

/** The services of the head that go on as none of the base. */
export function newcomersOf(services: Heirs["services"], head: Manifest): ServiceManifest[] {
  const known = new Set([...services.values()].map(({ service }) => service.name));
  return head.services.filter(({ name }) => !known.has(name));
}

function keysOf(base: Manifest, head: Manifest): Map<string, string> {
  const all = Object.entries(head.ledger);
  return new Map(
    Object.entries(base.ledger).flatMap(([key, was]) => {
      const same = head.ledger[key];
      const found =
        (same && !same.released && isSame(was, same) ? key : undefined) ??
        all.find(([, is]) => !is.released && isSame(was, is))?.[0] ??
        all.find(([, { previous = [] }]) =>
          previous.some((place) => isPlace(place, was) && kindOf(place) === kindOf(was)),
        )?.[0] ??
        all.find(([, { formerKeys = [] }]) => formerKeys.includes(key))?.[0] ??
        (same ? key : undefined);
      return found === undefined ? [] : [[key, found] as const];
    }),
  );
}

function isSame(was: Entry, is: Entry): boolean {
  return was.kind === is.kind && samePlace(was, is) && was.name === is.name;
}

/** The service that has most of what another one held. */
function byHolders(service: string, keys: Heirs["keys"], base: Manifest, head: Manifest): ServiceManifest | undefined {
  const votes = new Map<string, number>();
  for (const [key, is] of keys) {
    const isDeclared = base.ledger[key]?.released === false && head.ledger[is]?.released === false;
    const [owner = ""] = is.split("/");
    if (isDeclared && key.startsWith(`${service}/`)) votes.set(owner, (votes.get(owner) ?? 0) + 1);
  }
  const [most] = [...votes].sort((a, b) => b[1] - a[1] || Number(b[0] === service) - Number(a[0] === service));
  return head.services.find(({ name }) => name === most?.[0]);
}

/** Whether a service that is new goes on as one that is gone: it runs the same program, or answers in its place. */
function looksLike(was: ServiceManifest, is: ServiceManifest): boolean {
  const answers = new Set([...was.routes.map(({ url }) => url), ...was.ports.map(portOf(was))]);
  return (
    repositoryOf(was.image) === repositoryOf(is.image) ||
    nameOfImage(was.image) === nameOfImage(is.image) ||
    [...is.routes.map(({ url }) => url), ...is.ports.map(portOf(is))].some((one) => answers.has(one))
  );
}

function portOf({ host }: ServiceManifest): (port: ServiceManifest["ports"][number]) => string {
  return ({ ip, external, protocol }) => `${host} ${ip}:${external}/${protocol}`;
}
