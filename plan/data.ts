import { hasData, type HolderPlace } from "../constructs/ledger";
import type { Manifest, ServiceManifest } from "../constructs/manifest";
import type { PlannedResource } from "../offline/stack-plan";
import { resourceOf, serviceOf, type ComparedLabs } from "./labs";
import { isAtRisk, type DataReport } from "./model";

type Ledger = Manifest["ledger"];
type Entry = Ledger[string];

/** Resources that are nothing but what they hold. */
const HOLDING: Readonly<Record<string, string>> = {
  docker_volume: "volume",
  postgresql_database: "database",
  postgresql_schema: "schema",
};

/** What becomes of data: by what Terraform plans, and by what the two ledgers say of the places that services use. */
export function reportData(labs: ComparedLabs, planned: readonly PlannedResource[]): DataReport[] {
  const destroyed = planned.flatMap((change) => destroyedBy(labs, change));
  const { base, head } = labs;
  const held = base?.manifest && head.manifest ? compareLedgers(base.manifest, head.manifest) : [];
  const known = new Set(destroyed.map(({ place, name }) => `${place} ${name}`));
  const all = [...destroyed, ...held.filter(({ place, name }) => !known.has(`${place} ${name}`))];
  return all.sort((a, b) => Number(isAtRisk(b)) - Number(isAtRisk(a)) || (a.holder < b.holder ? -1 : 1));
}

function destroyedBy(labs: ComparedLabs, change: PlannedResource): DataReport[] {
  const kind = HOLDING[change.type];
  if (kind === undefined || (change.action !== "delete" && change.action !== "replace")) return [];
  const body = resourceOf(labs.base, change.stack, change.previousAddress ?? change.address);
  const name = typeof body?.name === "string" ? body.name : change.address;
  const manifest = labs.base?.manifest;
  const found = Object.entries(manifest?.ledger ?? {}).find(
    ([, entry]) => entry.kind === kind && entry.name === name && entry.address === change.address,
  );
  const after = resourceOf(labs.head, change.stack, change.address);
  const isProtected = JSON.stringify(after?.lifecycle ?? null).includes('"prevent_destroy":true');
  const how = change.action === "replace" ? "is destroyed and made anew, empty" : "is destroyed";
  return [
    {
      risk: "destroyed",
      holder: found?.[0] ?? change.address,
      kind,
      name,
      place: found ? placeOf(found[1]) : `stack ${change.stack}`,
      service: serviceOf(manifest, change.stack, change.previousAddress ?? change.address)?.name,
      message: `${kind} ${name} ${how}${isProtected ? "; Terraform refuses this plan (prevent_destroy)" : ""}`,
    },
  ];
}

function compareLedgers(base: Manifest, head: Manifest): DataReport[] {
  const former = formerKeys(base, head);
  const newcomers = Object.entries(head.ledger).filter(
    ([key, { released }]) => !released && base.ledger[former.get(key) ?? key] === undefined,
  );
  return [
    ...Object.entries(head.ledger).flatMap(([key, entry]) => {
      const was = base.ledger[former.get(key) ?? key];
      return was && !entry.released ? heldAgain(head, key, was, entry) : [];
    }),
    ...Object.entries(base.ledger).flatMap(([key, entry]) =>
      !entry.released && (head.ledger[key]?.released ?? isGone(head, former, key))
        ? letGo(base, head, key, entry, newcomers)
        : [],
    ),
    ...lostBackups(base, head, former),
  ];
}

/** For each key of the head the one that it had in the base, where a rename took it along. */
function formerKeys(base: Manifest, head: Manifest): Map<string, string> {
  const gone = Object.entries(base.ledger).filter(([key]) => head.ledger[key] === undefined);
  const pairs = Object.entries(head.ledger).flatMap(([key, entry]) => {
    if (base.ledger[key] !== undefined) return [];
    const before = gone.find(
      ([, was]) =>
        (was.kind === entry.kind && isSamePlace(was, entry)) ||
        entry.previous?.some((place) => place.address === was.address && isSamePlace(place, was)),
    );
    return before ? [[key, before[0]] as const] : [];
  });
  return new Map(pairs);
}

function isSamePlace(one: HolderPlace, other: HolderPlace): boolean {
  return one.name === other.name && one.host === other.host && one.server === other.server;
}

function isGone(head: Manifest, former: ReadonlyMap<string, string>, key: string): boolean {
  return head.ledger[key] === undefined && ![...former.values()].includes(key);
}

/** Whether a holder is another one than it was, which is empty: elsewhere, of another kind, in another layout. */
export function isMoved(was: Entry, is: Entry): boolean {
  const left = is.previous?.some((place) => isSamePlace(place, was)) === true && is.name !== was.name;
  return placeOf(was) !== placeOf(is) || was.kind !== is.kind || left;
}

/** A holder that was known: in its place, in another one, or back after it was let go. */
function heldAgain(head: Manifest, key: string, was: Entry, entry: Entry): DataReport[] {
  if (!hasData(entry)) return [];
  const own = owner(head, key);
  const report = { holder: key, kind: entry.kind, name: entry.name, place: placeOf(entry), service: own?.name };
  if (isMoved(was, entry)) {
    const rule = `relocation:${key.split("/").slice(1).join(".")}`;
    const how = own?.acknowledged[rule];
    return [
      {
        ...report,
        risk: how === undefined ? "starts-empty" : "relocated",
        message: `${key} moves from ${was.kind} ${was.name} on ${placeOf(was)} to ${entry.kind} ${entry.name} on ${placeOf(entry)}, which is empty until the data is copied${how === undefined ? "" : `: ${how}`}`,
      },
    ];
  }
  if (was.released) {
    return [{ ...report, risk: "returns", message: `${entry.kind} ${entry.name} on ${placeOf(entry)} is found again` }];
  }
  return was.name === entry.name
    ? []
    : [
        {
          ...report,
          risk: "starts-empty",
          message: `${key} was ${was.name} and becomes ${entry.name}, which is empty`,
        },
      ];
}

/** A holder that the code no longer declares. Where its service has a new one of the same kind, that one is empty. */
function letGo(
  base: Manifest,
  head: Manifest,
  key: string,
  entry: Entry,
  newcomers: readonly (readonly [string, Entry])[],
): DataReport[] {
  if (!hasData(entry)) return [];
  const was = owner(base, key);
  const heir = newcomers.find(([other, { kind }]) => kind === entry.kind && inherits(was, owner(head, other)));
  const report = { holder: key, kind: entry.kind, name: entry.name, place: placeOf(entry), service: was?.name };
  if (!heir) {
    const message = `${entry.kind} ${entry.name} stays on ${placeOf(entry)}; nothing uses it, and "homelab retire ${key}" lets go of it for good`;
    return [{ ...report, risk: "released", message }];
  }
  const [to, { name }] = heir;
  const steps = to.split("/");
  const formerly = key.split("/").find((step, index) => step !== steps[index]) ?? key;
  return [
    {
      ...report,
      risk: "starts-empty",
      service: owner(head, to)?.name,
      message: `${owner(head, to)?.name ?? to} starts on the new, empty ${entry.kind} ${name}, and ${entry.name} is left behind: if it was renamed, say formerly: ${JSON.stringify(formerly)}`,
    },
  ];
}

/** Whether a service goes on as another: by the same name, or with the same image under a new one. */
function inherits(was: ServiceManifest | undefined, is: ServiceManifest | undefined): boolean {
  if (!was || !is) return false;
  return was.name === is.name || repository(was.image) === repository(is.image);
}

function repository(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
}

function lostBackups(base: Manifest, head: Manifest, former: ReadonlyMap<string, string>): DataReport[] {
  const before = protectedHolders(base);
  const after = protectedHolders(head);
  return Object.entries(head.ledger).flatMap(([key, entry]): DataReport[] => {
    if (entry.released || !before.has(former.get(key) ?? key) || after.has(key)) return [];
    return [
      {
        risk: "not-backed-up",
        holder: key,
        kind: entry.kind,
        name: entry.name,
        place: placeOf(entry),
        service: owner(head, key)?.name,
        message: `${entry.kind} ${entry.name} on ${placeOf(entry)} is no longer backed up`,
      },
    ];
  });
}

function protectedHolders({ services }: Manifest): ReadonlySet<string> {
  return new Set(services.flatMap(({ backups }) => backups.flatMap(({ holders }) => holders)));
}

function owner({ services }: Manifest, key: string): ServiceManifest | undefined {
  return services.find(({ name }) => name === key.split("/")[0]);
}

function placeOf({ host, server }: Pick<Entry, "host" | "server">): string {
  return host === undefined ? `database server ${server ?? ""}` : `host ${host}`;
}
