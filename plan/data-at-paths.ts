import type { ComparedContainers } from "./container-heirs";
import { foundAt, isSameThing, isWithin, mountAt, type Mounted, type SynthesizedContainer } from "./mounted";
import { inWords } from "./in-words";
import { leftBehind, thingIn } from "./left-behind";
import type { DataReport } from "./model";

/**
 * Whether every container still finds, at each path where it had data, the very same: the volume, the folder, the path
 * of the host. It is asked of the containers as they were synthesized, whatever the ledger says of their names.
 */
export function dataAtPaths(compared: ComparedContainers): DataReport[] {
  return compared.before.flatMap((container) => {
    const heir = compared.containers.get(container);
    const data = dataOf(container);
    if (!heir) return data.flatMap((mount) => withoutContainer(compared, container, mount));
    return data.flatMap((mount) => {
      const now = foundAt(heir, mount.path);
      if (!isSameThing(mount.found, now)) return [leftBehind(compared, { container, heir, mount, now })];
      return [...hidden(compared, container, heir, mount), ...overwritten(compared, container, heir, mount)];
    });
  });
}

/** What a container has mounted that somebody may miss: no files that the lab places, and nothing of the system's own. */
export function dataOf({ mounts }: SynthesizedContainer): Mounted[] {
  return mounts.filter(({ found }) => found.kind === "volume" || (found.kind === "path" && !isOfSystem(found.name)));
}

/** Folders of a host in which nobody keeps data for a container: devices, sockets, settings, programs. */
const OF_SYSTEM = ["/dev", "/etc", "/lib", "/proc", "/run", "/sys", "/usr", "/var/run"];

function isOfSystem(path: string): boolean {
  return path.endsWith(".sock") || OF_SYSTEM.some((folder) => isWithin(path, folder));
}

/** A container that is gone takes nothing along where its service is gone too, or another container has its data. */
function withoutContainer(compared: ComparedContainers, container: SynthesizedContainer, mount: Mounted): DataReport[] {
  const heir = compared.services.get(container.service?.name ?? "")?.service;
  if (!heir) return [];
  const isFound = compared.after.some(
    (other) => other.service?.name === heir.name && isSameThing(mount.found, foundAt(other, mount.path)),
  );
  const isShared = [...compared.containers].some(
    ([was, is]) =>
      was.service === container.service &&
      was.mounts.some(({ path, found }) => isSameThing(found, mount.found) && isSameThing(found, foundAt(is, path))),
  );
  return isFound || isShared ? [] : [leftBehind(compared, { container, mount })];
}

/** What is mounted newly below data covers what was there. */
function hidden(
  { was }: ComparedContainers,
  container: SynthesizedContainer,
  heir: SynthesizedContainer,
  data: Mounted,
): DataReport[] {
  return heir.mounts
    .filter(({ path }) => path !== data.path && mountAt(container, path) === data)
    .filter(({ path, found }) => !isSameThing(found, foundAt(container, path)))
    .map(({ path, found }) => ({
      ...thingIn(was, container, data),
      ...{ risk: "starts-empty", severity: "warning", service: heir.service?.name, container: heir.name },
      message: `${heir.name} finds ${inWords(found)} at ${path}, which hides what ${inWords(data.found)} has there, if it has anything`,
    }));
}

/** A file that is copied into data replaces one of the same name. */
function overwritten(
  { was }: ComparedContainers,
  container: SynthesizedContainer,
  heir: SynthesizedContainer,
  data: Mounted,
): DataReport[] {
  return heir.uploads
    .filter((file) => !container.uploads.includes(file) && mountAt(heir, file)?.path === data.path)
    .map((file) => ({
      ...thingIn(was, container, data),
      ...{ risk: "irreversible", severity: "warning", service: heir.service?.name, container: heir.name },
      message: `the file ${file} is copied into ${inWords(data.found)}, over the one of that name, if there is one`,
    }));
}
