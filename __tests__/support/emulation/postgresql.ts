import { Client, escapeIdentifier, escapeLiteral } from "pg";
import type { Effects } from "../../../offline/effects";
import { same, type Value, type ValueMap } from "../../../offline/values";
import { number, text, texts } from "./values";

/**
 * The postgresql provider's roles, databases, extensions and privileges on a real server, as far as the constructs use
 * them, with the provider's own statements: what the server refuses there it refuses here.
 */
export function postgresqlEffects(): Readonly<Record<string, Effects>> {
  return {
    postgresql_role: {
      create: async ({ provider, planned, config }) => {
        await run(provider, [`CREATE ROLE ${name(planned.name)} ${roleOptions(planned)} ${newPassword(config)}`]);
        return { id: planned.name ?? null };
      },
      read: async (provider, { name: role }) => {
        const [found] = await run(provider, [
          `SELECT rolcanlogin, rolconnlimit FROM pg_roles WHERE rolname = ${literal(role)}`,
        ]);
        return found && { login: found.rolcanlogin as boolean, connection_limit: found.rolconnlimit as number };
      },
      update: async ({ provider, prior, planned, config }) => {
        const isNew = !same(prior.password_wo_version, planned.password_wo_version);
        await run(provider, [
          `ALTER ROLE ${name(planned.name)} ${roleOptions(planned)} ${isNew ? password(config) : ""}`,
        ]);
        return {};
      },
      delete: async (provider, { name: role, skip_reassign_owned: keepsOwned, skip_drop_role: keepsRole }) => {
        // In the one database that the provider is connected to: what is in another one makes the last statement fail.
        const owned = [`REASSIGN OWNED BY ${name(role)} TO ${name(provider.username)}`, `DROP OWNED BY ${name(role)}`];
        await run(provider, [
          ...(keepsOwned === true ? [] : owned),
          ...(keepsRole === true ? [] : [`DROP ROLE ${name(role)}`]),
        ]);
      },
    },
    postgresql_database: {
      create: async ({ provider, planned }) => {
        await run(provider, [
          `CREATE DATABASE ${name(planned.name)} OWNER ${name(planned.owner)} TEMPLATE ${name(planned.template)} ENCODING ${literal(planned.encoding)} LC_COLLATE ${literal(planned.lc_collate)} LC_CTYPE ${literal(planned.lc_ctype)} CONNECTION LIMIT ${number(planned.connection_limit) ?? -1}`,
        ]);
        return (await databaseFacts(provider, planned)) ?? {};
      },
      read: databaseFacts,
      update: async ({ provider, planned }) => {
        await run(provider, [`ALTER DATABASE ${name(planned.name)} OWNER TO ${name(planned.owner)}`]);
        return {};
      },
      delete: async (provider, { name: database }) => {
        await run(provider, [`DROP DATABASE ${name(database)} WITH (FORCE)`]);
      },
    },
    postgresql_grant: {
      create: async ({ provider, planned }) => {
        await grant(provider, planned);
        return { id: joined(planned, ["role", "database", "schema", "object_type"]) };
      },
      read: async (provider, state) => {
        if (!(await isThere(provider, state))) return undefined;
        const [acl, from] =
          text(state.object_type) === "schema"
            ? ["nspacl", `pg_namespace WHERE nspname = ${literal(state.schema)}`]
            : ["datacl", `pg_database WHERE datname = ${literal(state.database)}`];
        return {
          privileges: await granted(provider, state, `SELECT (aclexplode(${acl})).* FROM ${from}`),
        };
      },
      update: async ({ provider, planned }) => {
        await grant(provider, planned);
        return {};
      },
      delete: (provider, state) => grant(provider, { ...state, privileges: [] }),
    },
    postgresql_default_privileges: {
      create: async ({ provider, planned }) => {
        await defaultPrivileges(provider, planned);
        return { id: joined(planned, ["role", "database", "schema", "owner", "object_type"]) };
      },
      read: async (provider, state) => {
        if (!(await isThere(provider, state))) return undefined;
        const privileges = await granted(
          provider,
          state,
          `SELECT (aclexplode(defaclacl)).* FROM pg_default_acl JOIN pg_namespace n ON n.oid = defaclnamespace WHERE nspname = ${literal(state.schema)} AND defaclobjtype = ${literal(DEFAULT_ACL_TYPES[text(state.object_type) ?? ""] ?? null)} AND pg_get_userbyid(defaclrole) = ${literal(state.owner)}`,
        );
        return privileges.length === 0 ? undefined : { privileges };
      },
      update: async ({ provider, planned }) => {
        await defaultPrivileges(provider, planned);
        return {};
      },
      delete: (provider, state) => defaultPrivileges(provider, { ...state, privileges: [] }),
    },
    postgresql_extension: {
      create: async ({ provider, planned }) => {
        await run(provider, [`CREATE EXTENSION IF NOT EXISTS ${name(planned.name)}`], text(planned.database));
        return { id: `${text(planned.database)}.${text(planned.name)}`, ...(await extensionFacts(provider, planned)) };
      },
      read: async (provider, state) =>
        (await isThere(provider, { database: state.database ?? null })) ? extensionFacts(provider, state) : undefined,
      update: () => Promise.resolve({}),
      delete: async (provider, state) => {
        const how = state.drop_cascade === true ? "CASCADE" : "RESTRICT";
        await run(provider, [`DROP EXTENSION ${name(state.name)} ${how}`], text(state.database));
      },
    },
  };
}

const DEFAULT_ACL_TYPES: Readonly<Record<string, string>> = { table: "r", sequence: "S" };

/** What the server says of a database, or undefined when it is gone. */
async function databaseFacts(provider: ValueMap, { name: database }: ValueMap): Promise<ValueMap | undefined> {
  const [found] = await run(provider, [
    `SELECT pg_get_userbyid(datdba) AS owner, spcname, datname FROM pg_database JOIN pg_tablespace t ON t.oid = dattablespace WHERE datname = ${literal(database)}`,
  ]);
  return (
    found && { id: found.datname as string, owner: found.owner as string, tablespace_name: found.spcname as string }
  );
}

async function extensionFacts(provider: ValueMap, state: ValueMap): Promise<ValueMap | undefined> {
  const [found] = await run(
    provider,
    [
      `SELECT nspname, extversion FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = ${literal(state.name)}`,
    ],
    text(state.database),
  );
  return found && { schema: found.nspname as string, version: found.extversion as string };
}

/** Whether there are the database and the role that something was granted to. */
async function isThere(provider: ValueMap, { database, role }: ValueMap): Promise<boolean> {
  const isSomebody = typeof role === "string" && role !== "public";
  const found = await run(provider, [
    `SELECT 1 FROM pg_database WHERE datname = ${literal(database)}${isSomebody ? ` AND EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(role)})` : ""}`,
  ]);
  return found.length > 0;
}

/** The privileges of a role among those that a query lists, in the database that they are of. */
async function granted(provider: ValueMap, { database, role }: ValueMap, query: string): Promise<string[]> {
  const oid = text(role) === "public" ? "0" : `(SELECT oid FROM pg_roles WHERE rolname = ${literal(role)})`;
  const rows = await run(
    provider,
    [`SELECT privilege_type FROM (${query}) AS listed WHERE grantee = ${oid} ORDER BY 1`],
    text(database),
  );
  return rows.map((row) => row.privilege_type as string);
}

/** Takes away what the role has, and gives what is planned. */
async function grant(provider: ValueMap, planned: ValueMap): Promise<void> {
  const role = text(planned.role)?.toLowerCase() === "public" ? "PUBLIC" : name(planned.role);
  const on =
    text(planned.object_type) === "schema" ? `SCHEMA ${name(planned.schema)}` : `DATABASE ${name(planned.database)}`;
  const privileges = texts(planned.privileges).join(", ");
  const statements = [
    `REVOKE ALL ON ${on} FROM ${role}`,
    ...(privileges === "" ? [] : [`GRANT ${privileges} ON ${on} TO ${role}`]),
  ];
  await run(provider, statements, text(planned.database));
}

/** The same of what an owner makes from then on. */
async function defaultPrivileges(provider: ValueMap, planned: ValueMap): Promise<void> {
  const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${name(planned.owner)} IN SCHEMA ${name(planned.schema)}`;
  const on = `ON ${(text(planned.object_type) ?? "").toUpperCase()}S`;
  const privileges = texts(planned.privileges).join(", ");
  const statements = [
    `${alter} REVOKE ALL ${on} FROM ${name(planned.role)}`,
    ...(privileges === "" ? [] : [`${alter} GRANT ${privileges} ${on} TO ${name(planned.role)}`]),
  ];
  await run(provider, statements, text(planned.database));
}

/** Some values of a resource as one identifier; a schema of a database has no part in it where there is none. */
function joined(planned: ValueMap, keys: readonly string[]): string {
  return keys.flatMap((key) => text(planned[key]) ?? []).join("_");
}

function roleOptions(planned: ValueMap): string {
  const flag = (value: Value | undefined, word: string): string => (value === true ? word : `NO${word}`);
  return [
    flag(planned.login, "LOGIN"),
    flag(planned.superuser, "SUPERUSER"),
    flag(planned.create_database, "CREATEDB"),
    flag(planned.create_role, "CREATEROLE"),
    `CONNECTION LIMIT ${number(planned.connection_limit) ?? -1}`,
  ].join(" ");
}

/** As the provider writes it (pqQuoteLiteral in its helpers.go): each backslash twice, which no server takes back. */
function password({ password_wo: value }: ValueMap): string {
  const given = text(value);
  return given === undefined ? "" : `PASSWORD '${given.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** For a new role it takes a word for none. */
function newPassword(config: ValueMap): string {
  return text(config.password_wo)?.toUpperCase() === "NULL" ? "PASSWORD NULL" : password(config);
}

function name(value: Value | undefined): string {
  return escapeIdentifier(text(value) ?? "");
}

function literal(value: Value | undefined): string {
  return escapeLiteral(text(value) ?? "");
}

async function run(
  provider: ValueMap,
  statements: readonly string[],
  database?: string,
): Promise<Record<string, unknown>[]> {
  const client = new Client({
    host: text(provider.host),
    port: number(provider.port),
    user: text(provider.username),
    password: text(provider.password),
    database: database ?? text(provider.database) ?? "postgres",
    connectionTimeoutMillis: 5000,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query<Record<string, unknown>>(statement));
    return rows;
  } finally {
    await client.end();
  }
}
