import { freedomsOf, volumesOf } from "../confinement";
import { containersOf, type LabContainer, type WrittenLab } from "../containers";
import type { Finding } from "../findings";
import { writtenLabs } from "../written-labs";
import type { Change, Rule } from "./rule";

/** What containers may do on their hosts and could not, beside the holds that are told by themselves. */
export const hostFindings: Rule = ({ labs, lists }) => {
  const both = writtenLabs(labs);
  if (!both) return [];
  const { base, head } = both;
  const former = base ? formerContainers(base, lists.services) : () => undefined;
  return containersOf(head).flatMap((container) => [
    ...freed(head, former(container), container),
    ...strangeVolumes(head, container, former(container)),
  ]);
};

/** Of a container that was there already, what it may do and could not. */
function freed({ manifest }: WrittenLab, before: LabContainer | undefined, now: LabContainer): Finding[] {
  if (!before) return [];
  const had = new Set(freedomsOf(before).map(({ what }) => what));
  // Where it keeps its own data, it has to write.
  const own =
    manifest.services.find(({ name }) => name === now.service)?.data.map(({ name }) => `writes ${name}`) ?? [];
  return freedomsOf(now)
    .filter(({ what }) => !had.has(what) && !own.includes(what))
    .map(({ means }) => finding(now, "warning", "freer", `${now.name} on ${now.host} ${means}`));
}

/** Volumes of other services, by the name that the ledger has. */
function strangeVolumes(
  { manifest }: WrittenLab,
  container: LabContainer,
  before: LabContainer | undefined,
): Finding[] {
  const had = new Set(before ? volumesOf(before) : []);
  return volumesOf(container).flatMap((volume): Finding[] => {
    const [key] =
      Object.entries(manifest.ledger).find(
        ([, { kind, name, host }]) => kind === "volume" && name === volume && host === container.host,
      ) ?? [];
    const owner = key?.split("/")[0];
    if (owner === undefined || owner === container.service || had.has(volume)) return [];
    const message = `${container.name} on ${container.host} mounts volume ${volume}, which is ${owner}'s: it reads what ${owner} keeps`;
    return [finding(container, "danger", "other-services", message)];
  });
}

function finding(container: LabContainer, severity: "danger" | "warning", kind: string, message: string): Finding {
  const { name, host, service, companion } = container;
  return {
    concern: "host-root",
    severity,
    kind,
    subject: `${name} on ${host}`,
    message,
    ...(service !== undefined && { service }),
    ...(companion !== undefined && { part: companion }),
    container: name,
    host,
  };
}

/** Finds the container that one was before, also where its service had another name or host. */
function formerContainers(
  base: WrittenLab,
  services: Change["lists"]["services"],
): (container: LabContainer) => LabContainer | undefined {
  const all = containersOf(base);
  const names = new Map(services.map(({ service, renamedFrom }) => [service, renamedFrom ?? service]));
  return ({ name, host, service, companion }) => {
    if (service === undefined) return all.find((one) => one.name === name && one.host === host);
    return all.find((one) => one.service === (names.get(service) ?? service) && one.companion === companion);
  };
}
