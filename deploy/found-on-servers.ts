import { spawn } from "node:child_process";
import { UserError } from "../cli/manifest";
import type { Manifest } from "../constructs/manifest";
import { shellWord } from "../constructs/text";
import type { Found } from "./found";
import { findHost, runOnHost } from "./ssh";

type Server = Manifest["databaseServers"][number];

/** How a server that the lab does not run itself is reached from here. */
export interface Access {
  readonly host: string;
  readonly port: number;
  readonly password: string | undefined;
}

/** The databases of a server and who owns each. */
const QUERY =
  "SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1";

/** The databases of a server and the roles that own them: asked in its container, or with psql where there is none. */
export async function foundOnServer(server: Server, manifest: Manifest, access: Access): Promise<Found[]> {
  const { name, adminRole = "postgres" } = server;
  const container = manifest.services.find(
    ({ stack, name: service }) => stack === server.stack && service === `postgres-${name}`,
  );
  const words = ["--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--field-separator=\t"];
  const query = [...words, "--username", adminRole, "--dbname", "postgres", "--command", QUERY];
  const printed = container
    ? (
        await runOnHost(
          findHost(manifest, container.host),
          ["docker", "exec", container.container, "psql", ...query].map(shellWord).join(" "),
        )
      ).printed
    : await psql(server, query, access);
  const seen = `database server ${name}`;
  const rows = printed.split("\n").flatMap((line) => {
    const [database = "", owner = ""] = line.split("\t");
    return database === "" ? [] : [{ database, owner }];
  });
  const owners = [...new Set(rows.map(({ owner }) => owner))].filter((owner) => owner !== adminRole);
  return [
    ...rows.map(({ database }): Found => ({ kind: "database", server: name, name: database, seen })),
    ...owners.map((owner): Found => ({ kind: "role", server: name, name: owner, seen })),
  ];
}

function psql({ name }: Server, words: readonly string[], { host, port, password }: Access): Promise<string> {
  const env = { ...process.env, PGCONNECT_TIMEOUT: "10", ...(password !== undefined && { PGPASSWORD: password }) };
  const child = spawn("psql", ["--host", host, "--port", String(port), ...words], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [said, complaint] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  return new Promise((resolve, reject) => {
    child.on("error", () => {
      reject(
        new UserError(`database server ${JSON.stringify(name)}: psql can't be run here: install PostgreSQL's client`),
      );
    });
    child.on("close", (status) => {
      if (status === 0) resolve(said);
      else
        reject(new UserError(`database server ${JSON.stringify(name)}: psql says: ${complaint.trim().split("\n")[0]}`));
    });
  });
}
