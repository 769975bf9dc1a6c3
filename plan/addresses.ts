import type { PartFacts } from "../contract/service-facts";
import { isAny, type WrittenLab } from "./containers";
import type { AddressReport } from "./model";
import { portEntries } from "./ports";

/** An address of a lab and what it leads to. */
interface Address {
  readonly service?: string;
  readonly part?: string;
  readonly container?: string;
  readonly target: string;
  /** Whether it is a port that the internet reaches without the proxy and its sign-on. */
  readonly isPublicPort?: boolean;
}

/** Addresses that appear, vanish or lead elsewhere: of routes, of DNS records, of published ports. */
export function reportAddresses(base: WrittenLab | undefined, head: WrittenLab): AddressReport[] {
  const [before, after] = [base ? addressesOf(base) : new Map<string, Address>(), addressesOf(head)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((address): AddressReport[] => {
    const [was, is] = [before.get(address), after.get(address)];
    const { service, part, container } = is ?? was ?? {};
    if (!is) return [{ change: "vanishes", address, service, part, container, before: was?.target }];
    const told = { address, service, part, container, after: is.target };
    const becomesPublic = is.isPublicPort === true && was?.isPublicPort !== true ? { becomesPublic: true } : {};
    if (!was) return [{ change: "appears", ...told, ...becomesPublic }];
    if (was.target === is.target) return [];
    return [{ change: "changes", ...told, before: was.target, ...becomesPublic }];
  });
}

function addressesOf(lab: WrittenLab): Map<string, Address> {
  const { services, records, hosts } = lab.manifest;
  const routes = services.flatMap(({ name, routes: own }) =>
    own.flatMap((route) =>
      route.hosts.flatMap((host) =>
        (route.paths.length === 0 ? [""] : route.paths).map((path): [string, Address] => [
          `https://${host}${path}`,
          { service: name, ...placeOf(route), target: `${name}${route.reach === "lan" ? " (LAN)" : ""}` },
        ]),
      ),
    ),
  );
  const names = new Map(
    services.flatMap(({ name, routes: own }) => own.flatMap(({ hosts: of }) => of.map((host) => [host, name]))),
  );
  const dnsRecords = records.map(({ name, type, content, proxied }): [string, Address] => [
    `${type} ${name}`,
    { service: names.get(name), target: `${content}${proxied ? ", proxied" : ""}` },
  ]);
  const open = new Set(portEntries(lab).flatMap(({ isOpen, address }) => (isOpen ? [address] : [])));
  const byName = new Map(hosts.map((host) => [host.name, host]));
  const ports = services.flatMap(({ name, host, ports: own }) =>
    own.map(({ ip, external, internal, protocol, ...where }): [string, Address] => [
      `${isAny(ip) ? `${host} (${ip})` : ip}:${external}/${protocol}`,
      {
        service: name,
        ...placeOf(where),
        target: `${name}:${internal}${ip === byName.get(host)?.lanAddress ? " on the LAN" : ""}`,
        isPublicPort: open.has(`${isAny(ip) ? host : ip}:${external}/${protocol}`),
      },
    ]),
  );
  return new Map([...routes, ...dnsRecords, ...ports]);
}

function placeOf({ part, container }: PartFacts): PartFacts {
  return { part, container };
}
