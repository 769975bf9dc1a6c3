import { spawn } from "node:child_process";
import { UserError } from "../process/user-error";
import type { Manifest } from "../contract/manifest";
import { shellWord } from "../contract/text";
import { inParallel } from "../process/in-parallel";
import type { Found, Looked } from "./found";
import { answersOf } from "./host-answers";
import { findHost } from "./ssh";

type Server = Manifest["databaseServers"][number];

/** How a server that the lab does not run itself is reached from here. */
export interface Access {
  readonly host: string;
  readonly port: number;
  readonly password: string | undefined;
}

/**
 * The databases of a server, who owns each, and the roles on which something in it depends: so do its grants. A database
 * of the lab is owned by the role of its name.
 */
const DATABASES = `SELECT json_build_object('database', datname, 'owner', pg_get_userbyid(datdba), 'answers', datallowconn, 'roles', (
  SELECT coalesce(json_agg(DISTINCT rolname), '[]') FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid
  WHERE refclassid = 'pg_authid'::regclass AND NOT rolsuper
  AND (dbid = pg_database.oid OR dbid = 0 AND classid = 'pg_database'::regclass AND objid = pg_database.oid)
)) FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY datname`;

const EXTENSIONS = "SELECT to_json(extname) FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname";

/** A row about a database. */
interface Row {
  readonly database: string;
  readonly owner: string;
  readonly answers: boolean;
  readonly roles: readonly string[];
}

/** What a program ended with, and what it said. */
interface Answer {
  readonly status: number;
  readonly said: string;
}

/**
 * The databases of a server with their roles and extensions: asked in its container, or with psql where there is none.
 */
export async function foundOnServer(server: Server, manifest: Manifest, access: Access): Promise<Looked> {
  const { name, adminRole = "postgres" } = server;
  const ask = (queries: readonly Query[]): Promise<Answer[]> => askServer(server, queries, manifest, access);
  const rows = rowsOf(server, await ask([{ database: "postgres", sql: DATABASES }])) as Row[]; // as the query builds them
  const open = rows.filter(({ answers }) => answers);
  const answers = await ask(open.map(({ database }) => ({ database, sql: EXTENSIONS })));
  const seen = `database server ${name}`;
  const common = (database: string): Pick<Found, "server" | "seen" | "database" | "foreign"> => {
    const owner = rows.find((row) => row.database === database)?.owner;
    return {
      server: name,
      seen,
      database,
      ...(owner !== database && { foreign: `role ${JSON.stringify(owner)} owns it` }),
    };
  };
  const databases = rows.map(({ database }): Found => ({ ...common(database), kind: "database", name: database }));
  const uses = rows.flatMap(({ database, owner, roles }) =>
    [...new Set([owner, ...roles])].filter((role) => role !== adminRole).map((role) => ({ database, role })),
  );
  // A role of several databases belongs to that of its own name, or to the first that is the lab's.
  const roles = [...new Set(uses.map(({ role }) => role))].flatMap((role) => {
    const own = uses.filter((use) => use.role === role).map(({ database }) => common(database));
    const best =
      own.find(({ database }) => database === role) ?? own.find(({ foreign }) => foreign === undefined) ?? own[0];
    return best ? [{ ...best, kind: "role", name: role } satisfies Found] : [];
  });
  const extensions = open.flatMap(({ database }, index): Found[] =>
    answers[index]?.status === 0
      ? documents(answers[index].said).map((one) => ({
          ...common(database),
          kind: "extension",
          name: `${database}.${String(one)}`,
        }))
      : [],
  );
  const unasked = open.flatMap(({ database }, index) => {
    const complaint = answers[index] && complaintOf(server, answers[index]);
    return complaint === undefined
      ? []
      : [`${complaint}: the extensions of database ${JSON.stringify(database)} are unknown`];
  });
  return { found: [...databases, ...roles, ...extensions], unasked };
}

/** All databases, roles and extensions of a server as `kind name`, of extensions those in some databases. */
export async function namesOnServer(
  server: Server,
  manifest: Manifest,
  access: Access,
  databases: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = rowsOf(server, await askServer(server, [{ database: "postgres", sql: NAMES }], manifest, access));
  const names = new Set(rows.map(String));
  const inside = databases.filter((database) => names.has(`database ${database}`));
  const answers = await askServer(
    server,
    inside.map((database) => ({ database, sql: EXTENSIONS })),
    manifest,
    access,
  );
  const extensions = inside.flatMap((database, index) =>
    rowsOf(server, answers.slice(index, index + 1)).map((one) => `extension ${database}.${String(one)}`),
  );
  return new Set([...names, ...extensions]);
}

const NAMES =
  "SELECT to_json('database ' || datname) FROM pg_database UNION ALL SELECT to_json('role ' || rolname) FROM pg_roles";

/** What a server answered to one query. Throws where it did not. */
function rowsOf(server: Server, [answer = { status: 1, said: "nothing" }]: readonly Answer[]): unknown[] {
  const complaint = complaintOf(server, answer);
  if (complaint !== undefined) throw new UserError(complaint);
  return documents(answer.said);
}

interface Query {
  readonly database: string;
  readonly sql: string;
}

/** Asks databases of a server something, each by a psql of its own. */
async function askServer(
  server: Server,
  queries: readonly Query[],
  manifest: Manifest,
  access: Access,
): Promise<Answer[]> {
  const { name, adminRole = "postgres" } = server;
  const container = manifest.services.find(
    ({ stack, name: service }) => stack === server.stack && service === `postgres-${name}`,
  );
  const words = ["--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--username", adminRole];
  const commands = queries.map(({ database, sql }) => [...words, "--dbname", conninfo(database), "--command", sql]);
  if (!container) return inParallel(commands, async (command) => [await psql(server, command, access)]);
  if (commands.length === 0) return [];
  const variables = Object.entries(ENVIRONMENT).flatMap(([variable, value]) => ["--env", `${variable}=${value}`]);
  const script = commands.map((command) => {
    const line = ["docker", "exec", ...variables, container.container, "psql", ...command].map(shellWord).join(" ");
    return `said=$(${line} 2>&1); printf 'answer %s %s\\0' "$?" "$said"`;
  });
  const answers = await answersOf(findHost(manifest, container.host), script);
  return answers("answer").map((answer) => {
    const [, status = "1", said = ""] = /^(\d+) ([\s\S]*)$/.exec(answer) ?? [];
    return { status: Number(status), said };
  });
}

/** Messages in English, and names as UTF-8, whatever the locale. */
const ENVIRONMENT = { LC_ALL: "C", PGCLIENTENCODING: "UTF8", PGCONNECT_TIMEOUT: "10" } as const;

/** A name with an equals sign would be read as a connection string by itself. */
function conninfo(database: string): string {
  return `dbname='${database.replace(/['\\]/g, "\\$&")}'`;
}

function psql({ name }: Server, words: readonly string[], { host, port, password }: Access): Promise<Answer> {
  const env = { ...process.env, ...ENVIRONMENT, ...(password !== undefined && { PGPASSWORD: password }) };
  const child = spawn("psql", ["--host", host, "--port", String(port), ...words], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.on("error", () => {
      reject(
        new UserError(`database server ${JSON.stringify(name)}: psql can't be run here: install PostgreSQL's client`),
      );
    });
    child.on("close", (status) => {
      resolve({ status: status ?? 1, said });
    });
  });
}

/** What went wrong, as one sentence. */
function complaintOf({ name }: Server, { status, said }: Answer): string | undefined {
  const [line = ""] = said.trim().split("\n");
  return status === 0 ? undefined : `database server ${JSON.stringify(name)}: psql says: ${line}`;
}

/** What psql printed as JSON, a line each; warnings are among the lines. */
function documents(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => /^["{]/.test(line))
    .map((line) => JSON.parse(line) as unknown);
}
