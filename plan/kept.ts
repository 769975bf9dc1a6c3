import { mountPathRule } from "../contract/reasons";
import type { ComparedContainers } from "./container-heirs";
import { foundAt, isSameThing, type Mounted, type SynthesizedContainer } from "./mounted";
import { inWords } from "./in-words";
import type { DataReport } from "./model";

/** What is said of data that is found elsewhere, by those who need it. */
export type Kept = Pick<DataReport, "risk" | "severity" | "message">;

/**
 * Data that is not where it was and that nobody lost: it is at another path, and somebody said that the program looks
 * there; or it went to another container of the same service, which did not have it before.
 */
export function keptElsewhere(
  compared: ComparedContainers,
  container: SynthesizedContainer,
  heir: SynthesizedContainer,
  mount: Mounted,
): Kept | undefined {
  return atOtherPath(heir, mount) ?? inOtherContainer(compared, container, heir, mount);
}

function atOtherPath(heir: SynthesizedContainer, { path, found }: Mounted): Kept | undefined {
  const said = mountsOf(heir, found).flatMap((now) => {
    const reason = heir.service?.acknowledged[mountPathRule(keysOf(heir), now)];
    return reason === undefined ? [] : [{ now, reason }];
  })[0];
  return (
    said && {
      risk: "kept",
      message: `${heir.name} has ${inWords(found)} at ${said.now} now, where it was at ${path}: ${said.reason}`,
    }
  );
}

function inOtherContainer(
  { before, after, containers }: ComparedContainers,
  container: SynthesizedContainer,
  heir: SynthesizedContainer,
  { path, found }: Mounted,
): Kept | undefined {
  if (mountsOf(heir, found).length > 0) return undefined;
  const had = before.filter((one) => mountsOf(one, found).length > 0).map((one) => containers.get(one));
  const other = after.find(
    (one) => one.service?.name === heir.service?.name && !had.includes(one) && mountsOf(one, found).length > 0,
  );
  return (
    other && {
      risk: "kept",
      severity: "warning",
      message: `${inWords(found)} goes from ${container.name}, which had it at ${path}, to ${other.name} of the same service, which has it at ${mountsOf(other, found).join(" and ")}: see that ${heir.name} needs it no more`,
    }
  );
}

/** The paths at which a container finds something. */
function mountsOf(container: SynthesizedContainer, found: Mounted["found"]): string[] {
  return container.mounts
    .filter((mount) => isSameThing(found, mount.found) && isSameThing(found, foundAt(container, mount.path)))
    .map(({ path }) => path);
}

/** The keys that lead to a container inside its service. */
export function keysOf({ part }: SynthesizedContainer): string[] {
  return part === "" ? [] : part.split(".");
}
