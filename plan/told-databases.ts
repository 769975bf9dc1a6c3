import type { ComparedContainers } from "./container-heirs";
import { dataOf } from "./data-at-paths";
import { formatOf } from "./image-families";
import type { DataReport } from "./model";

/** Variables that say where a program finds a database: `DATABASE_URL`, `PAPERLESS_DBHOST`, `FORGEJO__database__NAME`. */
const NAMED =
  /(?:^|_)(?:DATABASE|DB|MARIADB|MONGO|MONGODB|MYSQL|PG|POSTGRES|POSTGRESQL|REDIS|STORAGE)_*(?:ADDR|ADDRESS|DATABASE|DB|DBNAME|DSN|HOST|HOSTNAME|NAME|SERVER|URI|URL)$|^DB$/i;
const SCHEME = /^(?:jdbc:)?(?:mariadb|mongodb(?:\+srv)?|mysql2?|postgres(?:ql)?|rediss?)(?:\+\w+)?:\/\//;
const WORDS = /(?<![\w.-])[A-Za-z0-9][\w.-]*/g;

/**
 * Variables that lead a program to another database than before, where the lab does not know the database itself. What
 * leads to a companion, or to a server of the lab, is compared by what it leads to, since the name may change with the way.
 */
export function toldDatabases(compared: ComparedContainers): DataReport[] {
  const [before, after] = namesOf(compared);
  const empty = new Set(compared.before.filter((one) => dataOf(one).length === 0).map(({ name }) => name));
  return [...compared.containers].flatMap(([was, is]) =>
    [...is.environment].flatMap(([name, to]): DataReport[] => {
      const from = was.environment.get(name);
      // A database is told of its own variables by `firstStarts()`.
      if (from === undefined || !(NAMED.test(name) || SCHEME.test(from)) || formatOf(is.image)) return [];
      if (target(from, before) === target(to, after) || (from.match(WORDS) ?? []).some((word) => empty.has(word)))
        return [];
      return [
        {
          ...{ risk: "starts-empty", severity: "warning", holder: `${is.name}:${name}`, kind: "variable", name },
          ...{ place: `host ${is.host}`, service: is.service?.name, container: is.name },
          message: `${name} leads ${is.name} elsewhere than before: what it keeps there stays there, so see that it is the same database, or copy it`,
        },
      ];
    }),
  );
}

type Names = ReadonlyMap<string, string>;

/** What the names that programs are given stand for, before and after: a companion, a database server. */
function namesOf({ was, is, containers, keys }: ComparedContainers): readonly [Names, Names] {
  const servers = ({ databaseServers, services }: typeof was): (readonly [string, string])[] =>
    databaseServers.flatMap(({ name, host, managed, stack }) => {
      const container = managed ? services.find((service) => service.stack === stack)?.container : undefined;
      return [host, ...(container === undefined ? [] : [container])].map((known) => [known, `server ${name}`] as const);
    });
  const databases = [...keys].flatMap(([former, key]) => {
    const [from, to] = [was.ledger[former], is.ledger[key]];
    return from?.kind === "database" && to ? [[from.name, to.name] as const] : [];
  });
  return [
    new Map([...databases, ...[...containers].map(([one, other]) => [one.name, other.name] as const), ...servers(was)]),
    new Map(servers(is)),
  ];
}

/** Where a value leads: without who asks and with what password, and by what the names in it stand for. */
function target(value: string, names: Names): string {
  return value
    .replace(/\/\/[^/@]*@/, "//")
    .replace(WORDS, (word) => names.get(word) ?? word)
    .replace(/(?<=server [a-z0-9-]+):\d+/, "");
}
