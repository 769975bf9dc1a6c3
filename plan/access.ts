import type { WrittenLab } from "./containers";
import type { AccessReport } from "./model";
import { isOpen, passes, peopleOf, Reach, type Person, type Reachability } from "./reach";

/**
 * Whose access becomes another, found by asking the rules of both labs the same questions: every kind of person that
 * they speak of, at every address and path that they name.
 */
export function reportAccess(base: WrittenLab | undefined, head: WrittenLab): AccessReport[] {
  const people = peopleOf([...(base ? [base.manifest] : []), head.manifest]);
  const [before, after] = [base && Reach.in(base), Reach.in(head)];
  const addresses = [...new Set([...(before?.addresses ?? []), ...after.addresses])].sort();
  const found = addresses.flatMap((address) => {
    const now = after.of(address, people);
    return (now && compared(address, before?.of(address, people), now, people)) ?? [];
  });
  const byAddress = new Map(found.map((report) => [report.address, report]));
  return found.filter((report) => !isToldByHost(report, byAddress));
}

/** A path tells nothing that its whole host has told. */
function isToldByHost(report: AccessReport, all: ReadonlyMap<string, AccessReport>): boolean {
  const whole = all.get(report.address.replace(/\/.*$/, ""));
  if (!whole || whole === report) return false;
  const said = ({ change, after, before, becomesPublic }: AccessReport): string =>
    JSON.stringify([change, after, before, becomesPublic]);
  return said(whole) === said(report);
}

function compared(
  address: string,
  before: Reachability | undefined,
  after: Reachability,
  people: readonly Person[],
): AccessReport | undefined {
  const isPublic = (one: Reachability): boolean => one.reach === "public" && isOpen(one, people);
  const { service, part, container } = after;
  const told = { address, service, part, container, after: passes(after, people) };
  const becomesPublic = isPublic(after) && !(before && isPublic(before));
  if (!before) return { ...told, change: "appears", before: [], becomesPublic };
  const steps = after.levels.map((level, index) => level - (before.levels[index] ?? 0));
  const [was, is] = [before.reach, after.reach];
  const wider = steps.some((step) => step > 0) || (was === "lan" && is === "public");
  const narrower = steps.some((step) => step < 0) || (was === "public" && is === "lan");
  if (!wider && !narrower) return undefined;
  return {
    ...told,
    change: wider && narrower ? "differs" : wider ? "widens" : "narrows",
    before: passes(before, people),
    becomesPublic,
  };
}
