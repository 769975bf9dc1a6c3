import { hasData } from "../contract/ledger";
import type { ServiceManifest } from "../contract/manifest";
import { quote } from "../contract/text";
import type { ComparedContainers } from "./container-heirs";
import { newcomersOf } from "./heirs";
import type { DataReport } from "./model";
import { placeOf } from "./places";

/**
 * A service that is gone, and one that is new with data of the same kind: nothing says that the one goes on as the
 * other, and nothing says that it does not. Only whoever reads it knows.
 */
export function undeclaredHeirs({ was, is, services }: ComparedContainers): DataReport[] {
  const newcomers = newcomersOf(services, is);
  return was.services
    .filter(({ name }) => !services.has(name))
    .flatMap((gone) => {
      const kinds = kindsOf(gone);
      const heirs = newcomers.filter((one) => [...kindsOf(one).keys()].some((kind) => kinds.has(kind)));
      const [key = ""] = heirs.flatMap((one) => [...kindsOf(one).keys()].flatMap((kind) => kinds.get(kind) ?? []));
      const entry = was.ledger[key];
      if (!entry) return [];
      const names = heirs.map(({ name }) => name).join(" or ");
      return [
        {
          risk: "starts-empty",
          severity: "warning",
          ...{ holder: key, kind: entry.kind, name: entry.name, place: placeOf(entry), service: gone.name },
          message: `${gone.name} is gone and its data stays behind, and ${heirs.map(({ name }) => name).join(", ")} ${heirs.length === 1 ? "is" : "are"} new and empty: if ${names} goes on as ${gone.name}, say formerly: ${quote(gone.name)}`,
        } as const,
      ];
    });
}

/** What a service has data in: files or databases, each with the key of one. */
function kindsOf({ data }: ServiceManifest): ReadonlyMap<string, string> {
  return new Map(data.filter(hasData).map(({ key, kind }) => [kind === "database" ? "database" : "files", key]));
}
