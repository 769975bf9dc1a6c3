import { Client, escapeIdentifier, escapeLiteral } from "pg";
import type { Effects } from "../../../offline/effects";
import { same, type Value, type ValueMap } from "../../../offline/values";
import { number, text, texts } from "./values";

/** The postgresql provider's roles, databases and grants on a real server, as far as the constructs use them. */
export function postgresqlEffects(): Readonly<Record<string, Effects>> {
  return {
    postgresql_role: {
      create: async ({ provider, planned, config }) => {
        await run(provider, [`CREATE ROLE ${name(planned.name)} ${roleOptions(planned)} ${password(config)}`]);
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
      delete: async (provider, { name: role }) => {
        await run(provider, [`DROP ROLE ${name(role)}`]);
      },
    },
    postgresql_database: {
      create: async ({ provider, planned }) => {
        await run(provider, [
          `CREATE DATABASE ${name(planned.name)} OWNER ${name(planned.owner)} TEMPLATE ${name(planned.template)} ENCODING ${literal(planned.encoding)} LC_COLLATE ${literal(planned.lc_collate)} LC_CTYPE ${literal(planned.lc_ctype)} CONNECTION LIMIT ${number(planned.connection_limit) ?? -1}`,
        ]);
        return { id: planned.name ?? null };
      },
      read: async (provider, { name: database }) => {
        const [found] = await run(provider, [
          `SELECT pg_get_userbyid(datdba) AS owner, datallowconn, datconnlimit FROM pg_database WHERE datname = ${literal(database)}`,
        ]);
        return found && { owner: found.owner as string };
      },
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
        return { id: ["role", "database", "schema", "object_type"].map((key) => text(planned[key]) ?? "").join("_") };
      },
      read: async (provider, state) => {
        const [found] = await run(provider, [`SELECT 1 FROM pg_database WHERE datname = ${literal(state.database)}`]);
        return found && {};
      },
      update: async ({ provider, planned }) => {
        await grant(provider, planned);
        return {};
      },
      delete: async (provider, state) => {
        const [found] = await run(provider, [`SELECT 1 FROM pg_database WHERE datname = ${literal(state.database)}`]);
        if (found) await grant(provider, { ...state, privileges: [] });
      },
    },
  };
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

function password({ password_wo: value }: ValueMap): string {
  return text(value) === undefined ? "" : `PASSWORD ${literal(value)}`;
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
