import type { DataFormatFacts } from "../contract/service-facts";
import type { ComparedContainers } from "./container-heirs";
import { isSameThing, type Found, type Mounted, type SynthesizedContainer } from "./mounted";
import { dataOf } from "./data-at-paths";
import { judge, type Program } from "./format-change";
import { inWords } from "./in-words";
import { thingIn } from "./left-behind";
import type { DataReport } from "./model";
import { placeOf } from "./places";

/** A program that had data, and the one that has it now. */
interface Handed {
  readonly was: SynthesizedContainer;
  readonly is: SynthesizedContainer;
  /** What is handed on; none where it is kept by others: in a database, in a companion. */
  readonly data?: Mounted;
}

/** What other versions and other programs do to the data that they find. */
export function dataFormats(compared: ComparedContainers): DataReport[] {
  return [...keptBy(compared), ...givenTo(compared)].flatMap(({ was, is, data }) => {
    const what = data ? inWords(data.found) : "what it keeps";
    const verdict = judge(programOf(was, is), programOf(is, was), { name: is.name, what });
    const subject = data ? thingIn(compared.was, was, data) : elsewhere(compared, was);
    if (!verdict || !subject) return [];
    return [{ ...subject, risk: "irreversible", service: is.service?.name, container: is.name, ...verdict } as const];
  });
}

/** Containers that go on with another image on the data that they had. */
function keptBy({ containers }: ComparedContainers): Handed[] {
  return [...containers].flatMap(([was, is]): Handed[] => {
    if (was.image === is.image) return [];
    const data = writable(was).find(({ found }) => is.mounts.some((mount) => isSameThing(found, mount.found)));
    return [{ was, is, ...(data && { data }) }];
  });
}

/** Data that no container has any more that had it, but another one. */
function givenTo({ containers, before, after }: ComparedContainers): Handed[] {
  const has = (container: SynthesizedContainer | undefined, found: Found): boolean =>
    container?.mounts.some((mount) => isSameThing(found, mount.found)) ?? false;
  return before.flatMap((was) =>
    writable(was).flatMap((data): Handed[] => {
      const { found } = data;
      const had = before.filter((other) => has(other, found));
      if (had.some((other) => has(containers.get(other), found))) return [];
      return after.filter((is) => has(is, found) && is.image !== was.image).map((is) => ({ was, is, data }));
    }),
  );
}

function writable(container: SynthesizedContainer): Mounted[] {
  return dataOf(container).filter((mount) => mount.writable);
}

/** Data of a program that others keep for it: its databases, and what its companions have. */
function elsewhere(
  { was: { ledger } }: ComparedContainers,
  { service, part, name }: SynthesizedContainer,
): Pick<DataReport, "holder" | "kind" | "name" | "place"> | undefined {
  const databases = (service?.databases ?? []).filter(({ container }) => container === name);
  const key = service?.data.find(({ key, kind, name }) => {
    const isOwn = databases.some((database) => kind === "database" && database.name === name);
    return isOwn || (part === "" && (kind === "volume" || kind === "folder") && key.split("/").length > 2);
  })?.key;
  const entry = key === undefined ? undefined : ledger[key];
  return key === undefined || !entry
    ? undefined
    : { holder: key, kind: entry.kind, name: entry.name, place: placeOf(entry) };
}

function programOf(container: SynthesizedContainer, other: SynthesizedContainer): Program {
  const [own, others] = [declaredIn(container), declaredIn(other)];
  // Who says in one change that versions don't matter, and takes another one, is not believed yet.
  const declared = own ?? (others?.versions === "any" ? undefined : others);
  return { image: container.image, ...(declared && { declared: declared.versions }) };
}

function declaredIn({ service, name }: SynthesizedContainer): DataFormatFacts | undefined {
  return service?.dataFormats?.find(({ container }) => container === name);
}
