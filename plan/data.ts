import { hasData } from "../contract/ledger";
import type { Manifest, ServiceManifest } from "../contract/manifest";
import type { PlannedResource } from "../offline/stack-plan";
import { compareContainers, type ComparedContainers } from "./container-heirs";
import { isSameThing } from "./mounted";
import { dataAtPaths } from "./data-at-paths";
import { dataFormats } from "./data-formats";
import { dataInDatabases } from "./data-in-databases";
import { firstStarts } from "./first-start";
import { resourceOf, serviceOf, type ComparedLabs } from "./labs";
import { relocation } from "./left-behind";
import { isAtRisk, type DataReport } from "./model";
import { isPlace, placeOf } from "./places";
import { toldDatabases } from "./told-databases";
import { undeclaredHeirs } from "./undeclared-heirs";

type Entry = Manifest["ledger"][string];

/** Resources that are nothing but what they hold. */
const HOLDING: Readonly<Record<string, string>> = {
  docker_volume: "volume",
  postgresql_database: "database",
  postgresql_schema: "schema",
};

/** What is asked of every container and service. */
const RULES = [dataAtPaths, dataInDatabases, undeclaredHeirs, dataFormats, firstStarts];

/**
 * What becomes of data: by what Terraform plans, by what each container finds where it had data, and by what the two
 * ledgers say of everything else.
 */
export function reportData(labs: ComparedLabs, planned: readonly PlannedResource[]): DataReport[] {
  const destroyed = planned.flatMap((change) => destroyedBy(labs, change));
  const compared = compareContainers(labs);
  const all = [...destroyed, ...(compared ? foundIn(compared, destroyed) : [])];
  return all.sort(
    (a, b) => Number(isAtRisk(b)) - Number(isAtRisk(a)) || (a.holder < b.holder ? -1 : a.holder > b.holder ? 1 : 0),
  );
}

function foundIn(compared: ComparedContainers, destroyed: readonly DataReport[]): DataReport[] {
  const isIn = (told: readonly DataReport[], one: DataReport): boolean =>
    told.some((other) => other.place === one.place && other.name === one.name);
  const found = RULES.flatMap((rule) => rule(compared)).filter((one) => !isIn(destroyed, one));
  const left = found.filter((one) => isAtRisk(one) && one.risk !== "irreversible");
  const variables = toldDatabases(compared).filter(({ service }) => !left.some((one) => one.service === service));
  const others = compareLedgers(compared).filter((one) => !isIn([...destroyed, ...left], one));
  return [...found, ...variables, ...others, ...lostBackups(compared)];
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

/** What the ledgers alone tell: what moves unseen by any container, what is let go of, what is found again. */
function compareLedgers(compared: ComparedContainers): DataReport[] {
  const { was, is, keys } = compared;
  return Object.entries(was.ledger).flatMap(([key, before]): DataReport[] => {
    const heir = keys.get(key);
    const after = heir === undefined ? undefined : is.ledger[heir];
    if (!hasData(before)) return [];
    if (heir === undefined || !after || after.released) return before.released ? [] : [released(compared, key, before)];
    const report = reportOf(heir, after, owner(is, heir));
    if (isMoved(before, after)) return [{ ...report, ...relocation(is, heir, before, after) }];
    return before.released
      ? [{ ...report, risk: "returns", message: `${after.kind} ${after.name} on ${placeOf(after)} is found again` }]
      : [];
  });
}

/** Whether a holder is another one than it was, which is empty: elsewhere, of another kind, under another name. */
export function isMoved(was: Entry, is: Entry): boolean {
  return was.kind !== is.kind || !isPlace(was, is);
}

function released({ was, after }: ComparedContainers, key: string, entry: Entry): DataReport {
  const { kind, host, name } = entry;
  const found = { kind: kind === "volume" ? "volume" : "path", host: host ?? "", name, below: "" } as const;
  const user = after.find(({ mounts }) => mounts.some((mount) => isSameThing(found, mount.found)));
  const uses = user
    ? `${user.name} has it mounted, though no part declares it`
    : `nothing uses it, and "homelab retire ${key}" lets go of it for good`;
  return {
    ...reportOf(key, entry, owner(was, key)),
    risk: "released",
    message: `${kind} ${name} stays on ${placeOf(entry)}; ${uses}`,
  };
}

function reportOf(
  key: string,
  entry: Entry,
  service: ServiceManifest | undefined,
): Omit<DataReport, "risk" | "message"> {
  return { holder: key, kind: entry.kind, name: entry.name, place: placeOf(entry), service: service?.name };
}

function lostBackups({ was, is, keys }: ComparedContainers): DataReport[] {
  const after = protectedHolders(is);
  return [...protectedHolders(was)].flatMap((former): DataReport[] => {
    const key = keys.get(former) ?? former;
    const entry = is.ledger[key];
    if (!entry || entry.released || after.has(key)) return [];
    return [
      {
        ...reportOf(key, entry, owner(is, key)),
        risk: "not-backed-up",
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
