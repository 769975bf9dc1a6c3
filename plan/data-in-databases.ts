import type { DatabaseFacts } from "../contract/service-facts";
import type { ComparedContainers } from "./container-heirs";
import type { ServiceHeir } from "./heirs";
import { newInstead, relocation } from "./left-behind";
import type { DataReport } from "./model";

/** Whether every service still has the databases that it had, on their servers. */
export function dataInDatabases(compared: ComparedContainers): DataReport[] {
  return compared.was.services.flatMap(({ name, databases }) => {
    const heir = compared.services.get(name);
    if (!heir) return [];
    const kept = heir.service.databases;
    return databases
      .filter((database) => !kept.some((one) => one.server === database.server && one.name === database.name))
      .map((database) => leftDatabase(compared, heir, database));
  });
}

function leftDatabase(compared: ComparedContainers, { service }: ServiceHeir, database: DatabaseFacts): DataReport {
  const { was, is, keys } = compared;
  const key = databaseKey(was, database);
  const heir = keys.get(key ?? "");
  const report = {
    holder: key ?? `${service.name}/${database.part}`,
    kind: "database",
    name: database.name,
    place: `database server ${database.server}`,
    service: service.name,
  };
  const [before, after] = [was.ledger[key ?? ""], is.ledger[heir ?? ""]];
  if (before && after && !after.released && heir !== undefined && after.kind === "database")
    return { ...report, ...relocation(is, heir, before, after) };
  const other = service.databases.find(
    (one) =>
      !was.services.some(({ databases }) =>
        databases.some((had) => had.server === one.server && had.name === one.name),
      ),
  );
  const to = other && databaseKey(is, other);
  if (key !== undefined && to !== undefined && ![...keys.values()].includes(to))
    return { ...report, ...newInstead(was, is, key, to) };
  const instead = service.companions.find(({ part }) => part === database.part)?.container;
  const now = instead === undefined ? "" : `, and has ${instead} instead`;
  return {
    ...report,
    risk: "starts-empty",
    message: `${service.name} no longer has database ${database.name}, which stays on database server ${database.server}${now}: copy what it holds before this is deployed`,
  };
}

function databaseKey({ ledger }: ComparedContainers["was"], { server, name }: DatabaseFacts): string | undefined {
  return Object.entries(ledger).find(
    ([, entry]) => entry.kind === "database" && entry.server === server && entry.name === name,
  )?.[0];
}
