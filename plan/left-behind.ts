import type { Manifest } from "../contract/manifest";
import { mountPathRule, relocationRule } from "../contract/reasons";
import { quote } from "../contract/text";
import type { ComparedContainers } from "./container-heirs";
import { foundAt, isSameThing, type Found, type Mounted, type SynthesizedContainer } from "./mounted";
import { inWords } from "./in-words";
import { keptElsewhere, keysOf } from "./kept";
import type { DataReport } from "./model";
import { placeOf } from "./places";

type Entry = Manifest["ledger"][string];

/** Data that a container had at a path, and that is not there any more. */
export interface Left {
  /** The container before. */
  readonly container: SynthesizedContainer;
  /**
   * The one that goes on as it.
   *
   * @default - it is gone
   */
  readonly heir?: SynthesizedContainer;
  /** What it had, and where. */
  readonly mount: Mounted;
  /**
   * What is there now.
   *
   * @default - nothing
   */
  readonly now?: Found;
}

/** Tells of data that a container no longer finds where it was: it is elsewhere, or left behind. */
export function leftBehind(compared: ComparedContainers, left: Left): DataReport {
  const { container, heir, mount } = left;
  const service = heir?.service?.name ?? compared.services.get(container.service?.name ?? "")?.service.name;
  return {
    ...thingIn(compared.was, container, mount),
    ...(service !== undefined && { service }),
    container: (heir ?? container).name,
    ...(kept(compared, left) ??
      relocated(compared, left) ??
      onOtherHost(left) ??
      renamed(compared, left) ??
      elsewhere(compared, left)),
  };
}

/** What happens to it, and the sentence. */
type Told = Pick<DataReport, "risk" | "message" | "severity"> & Partial<DataReport>;

/** It is where somebody needs it now. */
function kept(compared: ComparedContainers, { container, heir, mount }: Left): Told | undefined {
  return heir && keptElsewhere(compared, container, heir, mount);
}

/** The same part keeps its data in another place: on another host, in another layout, as another kind. */
function relocated(compared: ComparedContainers, { container, mount, now }: Left): Told | undefined {
  const { was, is, keys } = compared;
  const key = keyOf(was, container.host, mount.found.name);
  const heir = key === undefined ? undefined : keys.get(key);
  const [before, after] = [was.ledger[key ?? ""], is.ledger[heir ?? ""]];
  if (!now || heir === undefined || !before || !after || keyOf(is, now.host, now.name) !== heir) return undefined;
  return relocation(is, heir, before, after);
}

/** What moves to another place and is empty there until it was copied; somebody said how, or nobody. */
export function relocation(is: Manifest, key: string, before: Entry, after: Entry): Told {
  const [owner, ...steps] = key.split("/");
  const how = is.services.find(({ name }) => name === owner)?.acknowledged[relocationRule(steps.join("."))];
  return {
    ...{ holder: key, kind: after.kind, name: after.name, place: placeOf(after), service: owner },
    risk: how === undefined ? "starts-empty" : "relocated",
    message: `${key} moves from ${before.kind} ${before.name} on ${placeOf(before)} to ${after.kind} ${after.name} on ${placeOf(after)}, which is empty until the data is copied${how === undefined ? "" : `: ${how}`}`,
  };
}

/** A path of the host is another one where the container runs on another host. */
function onOtherHost({ heir, mount: { found }, now }: Left): Told | undefined {
  if (!heir || now?.kind !== "path" || now.host === found.host || now.name !== found.name) return undefined;
  return {
    risk: "relocated",
    severity: "warning",
    message: `${heir.name} finds ${now.name} of host ${now.host} now, where it had that of host ${found.host}: see that both are the same, or copy what is there`,
  };
}

/** A holder that is new, in the place of one that is left behind: mostly a rename that nobody declared. */
function renamed(compared: ComparedContainers, { container, heir, mount, now }: Left): Told | undefined {
  const { was, is, keys } = compared;
  const key = keyOf(was, container.host, mount.found.name);
  const to = now && keyOf(is, now.host, now.name);
  if (!heir || key === undefined || to === undefined || [...keys.values()].includes(to)) return undefined;
  return newInstead(was, is, key, to);
}

/** A holder that starts empty, because another key has the data. */
export function newInstead(was: Manifest, is: Manifest, key: string, to: string): Told {
  const [before, after] = [key.split("/"), to.split("/")];
  const isRename = before.length === after.length && was.ledger[key]?.kind === is.ledger[to]?.kind;
  const renamed = before.findIndex((step, index) => step !== after[index]);
  const former = quote(before[renamed] ?? key);
  // A service has it among its options, a part around itself.
  const advice = isRename
    ? `if it was renamed, say ${renamed === 0 ? `formerly: ${former}` : `formerly(${former}, …)`}`
    : "copy what it holds before this is deployed";
  return {
    risk: "starts-empty",
    message: `${after[0] ?? to} starts on the new, empty ${is.ledger[to]?.kind ?? "place"} ${is.ledger[to]?.name ?? ""}, and ${was.ledger[key]?.name ?? key} is left behind: ${advice}`,
  };
}

/** Anything else: the container finds something that it did not have there, or nothing, or is gone itself. */
function elsewhere(compared: ComparedContainers, { container, heir, mount, now }: Left): Told {
  const { path, found } = mount;
  if (!heir) {
    const service = compared.services.get(container.service?.name ?? "")?.service.name ?? container.name;
    return {
      risk: "starts-empty",
      message: `${service} goes on without ${container.name}, whose ${inWords(found)} at ${path} stays on host ${found.host}: copy what ${service} still needs of it before this is deployed`,
    };
  }
  const moved = heir.mounts.find(
    (mount) => isSameThing(found, mount.found) && isSameThing(found, foundAt(heir, mount.path)),
  );
  const advice = moved
    ? `it is at ${moved.path} now, so have the program look there and say so, acknowledge(${quote(mountPathRule(keysOf(heir), moved.path))}, "…"), or mount it at ${path} again`
    : "mount it there again, or copy what it holds before this is deployed";
  return {
    risk: "starts-empty",
    message: `${heir.name} finds ${inWords(now)} at ${path}, where ${heir.name === container.name ? "it" : container.name} had ${inWords(found)}, which stays on host ${found.host}: ${advice}`,
  };
}

/** How data is called in a report: by its key in the ledger, or by what it is. */
export function thingIn(
  manifest: Manifest,
  { host, name: container }: SynthesizedContainer,
  { path, found: { kind, name } }: Mounted,
): Pick<DataReport, "holder" | "kind" | "name" | "place"> {
  const key = keyOf(manifest, host, name);
  const called = key === undefined ? kind : (manifest.ledger[key]?.kind ?? kind);
  return { holder: key ?? `${container}:${path}`, kind: called, name, place: `host ${host}` };
}

/** The key under which the ledger has a volume or a folder of a host. */
export function keyOf({ ledger }: Manifest, host: string, name: string): string | undefined {
  const all = Object.entries(ledger).filter(([, entry]) => entry.host === host && entry.name === name);
  return (all.find(([, { released }]) => !released) ?? all[0])?.[0];
}
