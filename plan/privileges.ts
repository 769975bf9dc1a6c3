import type { HostPrivilegeFacts, Manifest } from "../constructs/manifest";
import type { PrivilegeReport } from "./model";

/** What containers get of their hosts and had not, and what they no longer have. */
export function reportPrivileges(base: Manifest | undefined, head: Manifest): PrivilegeReport[] {
  const [before, after] = [base ? privilegesOf(base) : new Map<string, PrivilegeReport>(), privilegesOf(head)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name): PrivilegeReport[] => {
    const [was, is] = [before.get(name), after.get(name)];
    if (is) return was ? [] : [is];
    return was ? [{ ...was, change: "vanishes" }] : [];
  });
}

function privilegesOf({ services }: Manifest): Map<string, PrivilegeReport> {
  return new Map(
    services.flatMap(({ name, host, privileges }) =>
      privileges.map((one: HostPrivilegeFacts) => [
        `${host} ${one.container} ${one.grants} ${one.means}`,
        { ...one, change: "appears", service: name, host } as const,
      ]),
    ),
  );
}
