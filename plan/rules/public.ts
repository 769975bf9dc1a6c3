import { breadthOf, isWider } from "../address-ranges";
import { containersOf, isOnHostNetwork, type WrittenLab } from "../containers";
import { reportExposure, type ExposureEntry } from "../exposure";
import type { Finding } from "../findings";
import { proxiesOf, type Proxy } from "../proxies";
import type { Unseen } from "../traefik-files";
import { writtenLabs } from "../written-labs";
import type { Rule } from "./rule";

/** What the internet reaches of a lab and did not, by what `homelab exposure` says of both. */
export const publicFindings: Rule = ({ labs }) => {
  const both = writtenLabs(labs);
  if (!both) return [];
  const { base, head } = both;
  return [...firewalls(base, head), ...openings(base, head), ...unseenRouters(base, head), ...hostNetworks(base, head)];
};

/** How far an entry is open: not to the internet, to somebody there or by the sign-on, to everybody. */
function openness({ from, isOpen }: ExposureEntry): 0 | 1 | 2 {
  return isOpen ? 2 : from === "internet" ? 1 : 0;
}

function openings(base: WrittenLab | undefined, head: WrittenLab): Finding[] {
  const before = base ? reportExposure(base).entries : [];
  const known = new Set(before.map(({ address }) => address));
  const found = reportExposure(head).entries.flatMap((entry): Finding[] => {
    const level = openness(entry);
    if (level === 0 || entry.kind === "tunnel") return [];
    const same = before.filter((one) => isSame(one, entry, base, head));
    const most = Math.max(0, ...same.map(openness));
    const isRisen = level > most;
    // A network more of one that was let in already, of a port that is not for everybody.
    const isMore = level === 1 && entry.kind === "port" && !same.some((one) => !isWider(entry.who, one.who));
    if (!isRisen && !(most === 1 && isMore)) return [];
    // What is new and behind the sign-on is told with who may pass.
    if (level === 1 && entry.kind === "route" && !known.has(entry.address)) return [];
    return [finding(entry, level)];
  });
  // A path tells nothing that its whole host has told.
  const whole = (one: Finding): string => `${one.severity} ${one.service ?? ""} ${one.subject.replace(/\/.*$/, "")}`;
  const told = new Set(found.map((one) => `${one.severity} ${one.service ?? ""} ${one.subject}`));
  return found.filter((one) => !one.subject.includes("/") || one.subject.includes(":") || !told.has(whole(one)));
}

/** Whether two entries are of one thing; a service that is renamed takes its addresses along. */
function isSame(was: ExposureEntry, is: ExposureEntry, base: WrittenLab | undefined, head: WrittenLab): boolean {
  if (was.kind !== is.kind || was.address !== is.address || was.internal !== is.internal) return false;
  const has = (lab: WrittenLab | undefined, name: string | undefined): boolean =>
    lab?.manifest.services.some((service) => service.name === name) ?? false;
  return was.service === is.service || (!has(head, was.service) && !has(base, is.service));
}

function finding(entry: ExposureEntry, level: 1 | 2): Finding {
  const { address, service, part, container, who, guard, kind } = entry;
  const what = service === undefined ? address : `${address} of ${service}`;
  const reached = level === 2 ? "everybody on the internet, without the sign-on" : `the internet: ${who.join(", ")}`;
  return {
    concern: "public",
    severity: level === 2 ? "danger" : "warning",
    ...(level === 1 && { kind: "partly-public" }),
    subject: address,
    message: `${what} becomes open to ${reached}; before it stands ${guard}: ${kind === "route" ? "guard it by 'access'" : "limit it by 'from' or the firewall"}, or make sure that it is meant`,
    ...(service !== undefined && { service }),
    ...(part !== undefined && { part }),
    ...(container !== undefined && { container }),
  };
}

const WEIGHT = { none: 0, some: 1, everybody: 2 } as const;

/** Firewalls that go, and networks of theirs that grow into the internet, whether or not anything listens there yet. */
function firewalls(base: WrittenLab | undefined, head: WrittenLab): Finding[] {
  return head.manifest.hosts.flatMap(({ name: host, firewall }): Finding[] => {
    const before = base?.manifest.hosts.find(({ name }) => name === host);
    if (before?.firewall && !firewall)
      return [
        {
          concern: "public",
          severity: "danger",
          kind: "firewall-removed",
          subject: `host ${host}`,
          message: `host ${host} no longer has a firewall: sshd and whatever else listens there is open to all who reach the host, and published ports to all that their address lets in: keep 'firewall', or have another one in front`,
          host,
        },
      ];
    if (!firewall) return [];
    const [was, is] = [breadthOf(before?.firewall?.lan ?? []), breadthOf(firewall.lan)];
    if (WEIGHT[is] <= WEIGHT[was] && !(is === "some" && isWider(firewall.lan, before?.firewall?.lan ?? []))) return [];
    return [
      {
        concern: "public",
        severity: is === "everybody" ? "danger" : "warning",
        ...(is === "some" && { kind: "partly-public" }),
        subject: `the LAN of ${host}`,
        message: `'firewall.lan' of host ${host} has networks of the internet, ${firewall.lan.join(", ")}: what is published for the LAN is open to them, so name the networks of the LAN alone`,
        host,
      },
    ];
  });
}

/** Routers that a proxy has from where the code does not tell, new ones or others: any of them may open everything. */
function unseenRouters(base: WrittenLab | undefined, head: WrittenLab): Finding[] {
  const all = (lab: WrittenLab): Proxy[] => [...proxiesOf(lab).values()].flat();
  const keyOf = (one: Unseen): string => JSON.stringify([one.what, one.version]);
  const known = new Set(base ? all(base).flatMap(({ unseen }) => unseen.map(keyOf)) : []);
  return all(head).flatMap(({ container: { name, host, service }, unseen }) =>
    unseen
      .filter((one) => !known.has(keyOf(one)))
      .map(({ what }) => ({
        concern: "public",
        severity: "danger",
        kind: "unseen-routers",
        subject: name,
        message: `${what}, can't be seen in the code: they may open anything to everybody on the internet, so write them into a YAML file of the lab's, without a template and a secret, or make sure that they don't`,
        ...(service !== undefined && { service }),
        container: name,
        host,
      })),
  );
}

/** Containers that take the network of their host: which ports they open, nobody can see in the code. */
function hostNetworks(base: WrittenLab | undefined, head: WrittenLab): Finding[] {
  const shared = new Set(
    base ? containersOf(base).flatMap((one) => (isOnHostNetwork(one) ? [`${one.host} ${one.name}`] : [])) : [],
  );
  return containersOf(head)
    .filter((one) => isOnHostNetwork(one) && !shared.has(`${one.host} ${one.name}`))
    .map(({ name, host, service }) => ({
      concern: "public",
      severity: "warning",
      kind: "shares-network",
      subject: name,
      message: `${name} shares the network of host ${host}: the ports that it opens are not known, and the host's firewall alone stands before them`,
      ...(service !== undefined && { service }),
      container: name,
      host,
    }));
}
