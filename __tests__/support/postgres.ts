import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { Client } from "pg";
import { Daemon } from "./daemon";
import { freePort, waitFor } from "./ports";

/** A real PostgreSQL server with a data folder of its own. */
export class Postgres {
  /** Its client, which Debian wraps elsewhere. */
  public static get psql(): string {
    return path.join(binaries() ?? "", "psql");
  }

  /** What is not there for it. */
  public static missing(): string | undefined {
    if (binaries() === undefined) return "PostgreSQL not installed";
    return process.getuid?.() === 0 ? undefined : "not root";
  }

  /** Starts one on loopback and further addresses, with a password for `postgres`. */
  public static async start(folder: string, addresses: readonly string[], password: string): Promise<Postgres> {
    fs.mkdirSync(folder, { recursive: true });
    const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" })));
    fs.chownSync(folder, uid ?? 0, gid ?? 0);
    const file = path.join(folder, "password");
    fs.writeFileSync(file, password, { mode: 0o444 });
    const data = path.join(folder, "data");
    const as = { uid, gid, cwd: folder, stdio: ["ignore", "ignore", "pipe"] as ["ignore", "ignore", "pipe"] };
    execFileSync(
      path.join(binaries() ?? "", "initdb"),
      [
        "-D",
        data,
        "-U",
        "postgres",
        "--pwfile",
        file,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
      ],
      as,
    );
    fs.rmSync(file);
    fs.appendFileSync(path.join(data, "pg_hba.conf"), "host all all all scram-sha-256\n");
    const port = await freePort();
    const server = new Postgres(port, password, addresses[0] ?? "127.0.0.1");
    server.daemon = new Daemon(
      [
        path.join(binaries() ?? "", "postgres"),
        ...[
          "-D",
          data,
          "-p",
          String(port),
          "-k",
          folder,
          "-c",
          `listen_addresses=${["127.0.0.1", ...addresses].join(",")}`,
        ],
        ...["-c", "fsync=off", "-c", "log_statement=all"],
      ],
      path.join(folder, "postgres.log"),
      { uid, gid },
    );
    await waitFor("PostgreSQL answers", () =>
      server.query("select 1").then(
        () => true,
        () => false,
      ),
    );
    return server;
  }

  private daemon: Daemon | undefined;

  private constructor(
    /** Its port. */
    public readonly port: number,
    private readonly password: string,
    /** The address under which containers find it. */
    public readonly address: string,
  ) {}

  /** Asks it something, as the administrator or as somebody else. */
  public async query(
    text: string,
    as: { readonly user?: string; readonly password?: string; readonly database?: string } = {},
  ): Promise<Record<string, unknown>[]> {
    const { user = "postgres", password = this.password, database = "postgres" } = as;
    const client = new Client({ host: "127.0.0.1", port: this.port, user, password, database });
    client.on("error", () => undefined); // the server may go before the client
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Ends it. */
  public async stop(): Promise<void> {
    await this.daemon?.stop("SIGINT");
  }
}

/** Where the programs of the newest version are. */
function binaries(): string | undefined {
  const folder = "/usr/lib/postgresql";
  if (!fs.existsSync(folder)) return undefined;
  const newest = fs.readdirSync(folder).sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : path.join(folder, newest, "bin");
}
