import type { WrittenLab } from "./containers";
import { holdsOf } from "./holds";
import type { PrivilegeReport } from "./model";

/** What containers get of their hosts and had not, and what they no longer have. */
export function reportPrivileges(base: WrittenLab | undefined, head: WrittenLab): PrivilegeReport[] {
  const [before, after] = [base ? privilegesOf(base) : new Map<string, PrivilegeReport>(), privilegesOf(head)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name): PrivilegeReport[] => {
    const [was, is] = [before.get(name), after.get(name)];
    if (is) return was ? [] : [is];
    return was ? [{ ...was, change: "vanishes" }] : [];
  });
}

function privilegesOf(lab: WrittenLab): Map<string, PrivilegeReport> {
  return new Map(
    holdsOf(lab).map((hold) => [
      `${hold.host} ${hold.container} ${hold.grants} ${hold.means}`,
      { change: "appears", ...hold },
    ]),
  );
}
