import { addressesOf, HOLDER_FIELDS, kindOf, PLACE_FIELDS, SECRET_FIELDS, type LedgerLines } from "./ledger-entry";
import { alternatives, quote } from "./text";

type Fields = Readonly<Record<string, unknown>>;

/** Where each kind of holder is. */
const PLACES: Readonly<Record<string, "host" | "server">> = {
  volume: "host",
  folder: "host",
  database: "server",
  role: "server",
  extension: "server",
};

/** What is wrong with the entry of a key, as the end of a sentence about it. */
export function wrongEntry(entry: unknown, isSecret: boolean): string | undefined {
  if (!isObject(entry)) return "must be an object";
  const { retired = true } = entry;
  if (retired !== true) return "must have 'retired' true or not at all";
  return isSecret ? wrongSecret(entry) : wrongHolder(entry);
}

function wrongHolder(entry: Fields): string | undefined {
  const { kind, previous = [], relocation, database } = entry;
  if (typeof kind !== "string" || PLACES[kind] === undefined)
    return `must have a kind, one of ${alternatives(Object.keys(PLACES))}`;
  if (relocation !== undefined && !isText(relocation)) return "must have a text as 'relocation'";
  if (database !== undefined && typeof database !== "string") return "must have a text as 'database'";
  if (!Array.isArray(previous) || !previous.every(isObject)) return "must have a list of places as 'previous'";
  const left = previous.map((place) => wrongFields(place, PLACE_FIELDS) ?? wrongPlace(place, kindOfPlace(place)));
  return wrongFields(entry, HOLDER_FIELDS) ?? wrongPlace(entry, kind) ?? left.find((wrong) => wrong !== undefined);
}

function wrongSecret(entry: Fields): string | undefined {
  if (entry.kind !== "secret") return `must have the kind "secret"`;
  return wrongFields(entry, SECRET_FIELDS) ?? (isText(entry.name) ? undefined : "must have a name");
}

function wrongPlace(place: Fields, kind: string | undefined): string | undefined {
  const { address, name, host, server, stack = "of its own", formerAddresses = [] } = place;
  const addresses: readonly unknown[] = [address, formerAddresses].flat();
  if (!addresses.every((one) => isText(one) && /^\w+\.[\w-]+$/.test(one) && isOfKind(one, kind)))
    return `must have addresses of a ${kind ?? "holder"}, like "docker_volume.app_data"`;
  if (!isText(name)) return "must have a name";
  if (!isText(stack)) return "must have the name of a stack as 'stack', or none";
  const expected = kind === undefined ? undefined : PLACES[kind];
  if (isText(host) === isText(server) || (expected !== undefined && !isText(place[expected])))
    return `must have ${expected === undefined ? "a host or a server" : `a ${expected}`} and nothing else to be on`;
  return undefined;
}

function isOfKind(address: string, kind: string | undefined): boolean {
  const known = kindOf({ address });
  return known === undefined || kind === undefined || known === kind;
}

function kindOfPlace({ address }: Fields): string | undefined {
  return isText(address) ? kindOf({ address }) : undefined;
}

function wrongFields(entry: Fields, fields: readonly string[]): string | undefined {
  const unknown = Object.keys(entry).find((field) => !fields.includes(field));
  if (unknown !== undefined) return `has ${quote(unknown)}, which this version of the library does not know`;
  const { formerKeys = [], movedFrom = formerKeys } = entry;
  if (!Array.isArray(formerKeys) || !formerKeys.every(isText)) return "must have a list of keys as 'formerKeys'";
  return movedFrom === formerKeys || formerKeys.includes(movedFrom as string)
    ? undefined
    : "must have one of its 'formerKeys' as 'movedFrom'";
}

/**
 * Two entries that are one thing, as a sentence that begins with the line of the second: a merge of two branches that
 * renamed it differently leaves both.
 */
export function twinsIn({ holders, secrets }: LedgerLines, lineOf: (key: string) => number): string | undefined {
  const taken = new Map<string, string>();
  const take = (key: string, what: string): string | undefined => {
    const other = taken.get(what) ?? key;
    taken.set(what, other);
    if (other === key) return undefined;
    return `line ${lineOf(key)}: ${quote(key)} has the ${what}, and so has ${quote(other)} in line ${lineOf(other)}: keep the line whose key the code declares and remove the other one`;
  };
  const things = [...holders].flatMap(([key, entry]) =>
    [entry, ...(entry.previous ?? [])].flatMap((place) => {
      const where = place.host === undefined ? `server ${quote(place.server)}` : `host ${quote(place.host)}`;
      const state = place.stack === undefined ? `on ${where}` : `in stack ${quote(place.stack)}`;
      return [
        [key, `${kindOf(place) ?? entry.kind} ${quote(place.name)} on ${where}`] as const,
        ...addressesOf(place).map((address) => [key, `address ${address} ${state}`] as const),
      ];
    }),
  );
  return [...things, ...[...secrets].map(([key, { name }]) => [key, `secret ${quote(name)}`] as const)]
    .map(([key, what]) => take(key, what))
    .find((wrong) => wrong !== undefined);
}

/** Whether a value of a JSON document is an object. */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
