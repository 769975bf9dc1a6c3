import * as fs from "node:fs";
import * as path from "node:path";
import { DebianImage } from "../support/debian-image";
import { docker, type Ended } from "../support/docker-command";
import { Engine, engineFolder } from "../support/engine";
import { waitFor } from "../support/ports";
import { missing, suite } from "../support/programs";

const IMAGES = {
  old: DebianImage.postgres15,
  new: DebianImage.postgres17,
  mariadb: DebianImage.mariadb,
  redis: DebianImage.redis,
};

/** What databases and their clients promise us: dumps, restores and upgrades rely on each of these sentences. */
suite("the tools of databases", missing(["docker"]) ?? Engine.missing() ?? DebianImage.missing(), () => {
  let folder: string;
  let engine: Engine | undefined;

  beforeAll(async () => {
    folder = engineFolder();
    engine = await Engine.start(path.join(folder, "engine"));
    fs.writeFileSync(path.join(folder, "password"), "a password");
    for (const [name, image] of Object.entries(IMAGES)) {
      await image.import(engine, `${name}:1`);
      start(name);
    }
    const asked = {
      old: "psql -h 127.0.0.1 -U postgres -c 'select 1'",
      new: "psql -h 127.0.0.1 -U postgres -c 'select 1'",
      mariadb: "mariadb -e 'select 1'",
      redis: "redis-cli -e ping",
    };
    for (const [name, question] of Object.entries(asked))
      await waitFor(`${name} answers`, () => run(name, question).status === 0);
    expect(sql("old", "postgres", SAMPLE)).toMatchObject({ status: 0 });
  }, 900_000);
  afterAll(() => engine?.remove());

  function start(name: string, words: readonly string[] = [], image = name): void {
    if (engine === undefined) throw new Error("the engine did not start");
    const secret = ["POSTGRES_PASSWORD_FILE", "MARIADB_ROOT_PASSWORD_FILE"].map((one) => `--env=${one}=/password`);
    const mounts = [`--volume=${path.join(folder, "password")}:/password:ro`, "--volume=sockets:/sockets"];
    const run = ["run", "--network", "none", "--name", name, ...secret, ...mounts, ...words, `${image}:1`];
    const { status, stderr } = docker(engine, [...run.slice(0, 1), "--detach", ...run.slice(1)]);
    if (status !== 0) throw new Error(stderr);
  }

  /** Runs a script in the container of a server, with the password where clients look for it. */
  function run(name: string, script: string, input?: string): Ended {
    if (engine === undefined) throw new Error("the engine did not start");
    const variables = ["PGPASSWORD", "MYSQL_PWD"].map((one) => `--env=${one}=a password`);
    return docker(engine, ["exec", "--interactive", ...variables, name, "bash", "-c", script], input);
  }

  const sql = (server: string, database: string, text: string): Ended =>
    run(server, `psql -U postgres -d ${database} -qAtX -v ON_ERROR_STOP=1`, text);

  describe("PostgreSQL", () => {
    test("lists a dump that was cut as if it were whole, and finds it when all of it is read", () => {
      const script = `pg_dump -U postgres -Fc app | head -c 20000 > /tmp/cut
        pg_restore -l /tmp/cut > /dev/null; echo $?; pg_restore -f /dev/null /tmp/cut; echo $?`;

      expect(run("old", script).stdout).toBe("0\n1\n");
    });

    test("keeps a database's own grants and settings in its dump, and restores them only to its own name", () => {
      const script = `pg_dump -U postgres -Fc app > /tmp/whole && createdb -U postgres beside
        pg_restore -U postgres -d beside --exit-on-error --single-transaction /tmp/whole
        pg_restore -C -f - /tmp/whole | grep -E '^(ALTER|GRANT|REVOKE).* DATABASE '`;

      const { stdout } = run("old", script);

      expect(stdout).toContain("GRANT CONNECT ON DATABASE app TO reader;");
      expect(stdout).toContain("ALTER DATABASE app SET \"TimeZone\" TO 'Europe/Berlin';");
      expect(stdout).toContain("ALTER ROLE app IN DATABASE app SET search_path TO 'app';");
      const kept = "select datacl is null and not exists (select from pg_db_role_setting where setdatabase = d.oid)";
      expect(sql("old", "beside", `${kept} from pg_database d where datname = 'beside'`).stdout).toBe("t\n");
      expect(sql("old", "beside", "select count(*) from secret; select count(*) from item").stdout).toBe("2\n5000\n");
      sql("old", "postgres", "drop database beside");
    });

    test("swaps two databases at once or not at all, and lets nobody in meanwhile", () => {
      const swap = (then: string): Ended =>
        sql(
          "old",
          "postgres",
          `alter database app allow_connections false;
          select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = 'app';
          begin;
          alter database app rename to app_before;
          alter database app_restored rename to app;
          ${then}
          commit;`,
        );
      const names = (): string =>
        sql("old", "postgres", "select datname, datallowconn from pg_database where datname ~ '^app' order by 1")
          .stdout;
      sql("old", "postgres", "create database app_restored template template0");
      run("old", "psql -U app -d app -c 'select pg_sleep(60)' > /dev/null 2>&1 || true & sleep 1");

      const failed = swap("select 1 / 0;");
      const afterFailure = names();
      const refused = run("old", "psql -U postgres -d app -c 'select 1'");
      const done = swap("alter database app allow_connections true;");

      expect([failed.status, done.status]).toEqual([3, 0]);
      expect(afterFailure).toBe("app|f\napp_restored|t\n");
      expect(refused.stderr).toContain('database "app" is not currently accepting connections');
      expect(names()).toBe("app|t\napp_before|f\n");
      sql("old", "postgres", "drop database app; alter database app_before rename to app");
      sql("old", "postgres", "alter database app allow_connections true");
    });

    test("has one text and one hash for a row in two major versions, and refuses what goes back", () => {
      // A row's text depends on settings, which a database can have of its own.
      const hash = "set timezone = 'UTC'; select count(*), sum(hashtextextended(i::text, 0)::numeric) from item i";
      const dump = "/sockets/dump";
      expect(run("old", `pg_dump -U postgres -Fc app > ${dump}`).status).toBe(0);
      const restored = run(
        "new",
        `createuser -U postgres app; createuser -U postgres reader; createdb -U postgres app
        pg_restore -U postgres -d app --exit-on-error --single-transaction ${dump}`,
      );

      expect(restored).toMatchObject({ status: 0, stderr: "" });
      expect(sql("new", "app", hash).stdout).toBe(sql("old", "app", hash).stdout);
      expect(sql("new", "app", hash).stdout).toMatch(/^5000\|-?\d+\n$/);
      run("new", `pg_dump -U postgres -Fc app > ${dump}`);
      const back = run("old", `createdb -U postgres back; pg_restore -U postgres -d back ${dump}`);
      expect(back.status).toBe(1);
      expect(back.stderr).toContain("unsupported version");
    });

    test("takes the failure of an orphan in its container for a crash of its own, and ends all connections", () => {
      const running = "select pg_postmaster_start_time() from pg_sleep(3)";
      const left = "(sleep 1; exit 2) > /dev/null 2>&1 &";

      const { status, stderr } = run("old", `${left} exec psql -U postgres -c "${running}"`);
      const orphaned = run("old", `bash -c '${left}'; exec psql -U postgres -c "${running}"`);

      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(orphaned.status).toBe(2);
      expect(orphaned.stderr).toContain("because of crash of another server process");
    });

    test("does not start on the files of another major version", async () => {
      if (engine === undefined) throw new Error("the engine did not start");
      start("first", ["--volume=files:/var/lib/postgresql/data"], "old");
      await waitFor("it has files", () => run("first", "psql -U postgres -c 'select 1'").status === 0);
      docker(engine, ["stop", "first"]);

      start("second", ["--volume=files:/var/lib/postgresql/data"], "new");

      expect(docker(engine, ["wait", "second"]).stdout).toBe("1\n");
      expect(docker(engine, ["logs", "second"]).stderr).toContain("database files are incompatible with server");
    });
  });

  describe("MariaDB", () => {
    test("loads a dump that was cut without a word: only its last line says that it is whole", () => {
      run("mariadb", "mariadb", "create database app; create table app.t (v int); insert into app.t values (1), (2)");
      const dump = run("mariadb", "mariadb-dump --single-transaction --routines --events app").stdout;

      const cut = dump.slice(0, dump.indexOf("INSERT INTO"));
      const loaded = run("mariadb", "mariadb -e 'create database cut' && mariadb cut", cut);

      expect(loaded.status).toBe(0);
      expect(dump.trimEnd().split("\n").at(-1)).toMatch(/^-- Dump completed on /);
      expect(run("mariadb", "mariadb-dump unknown").status).toBe(2);
    });
  });

  describe("Redis", () => {
    test("answers an error with 0, unless told otherwise", () => {
      const script = "redis-cli unknown; echo $?; redis-cli -e unknown; echo $?";

      expect(
        run("redis", script)
          .stdout.split("\n")
          .filter((line) => /^\d$/.test(line)),
      ).toEqual(["0", "1"]);
    });

    test("leaves a dump alone where it keeps a log, and loads it without", () => {
      const server = (port: number, log: string): string =>
        `redis-server --port ${port} --dir /tmp/copy --appendonly ${log} --daemonize yes > /dev/null
        until redis-cli -e -p ${port} ping > /dev/null 2>&1; do sleep 0.1; done
        redis-cli -p ${port} get key; redis-cli -p ${port} shutdown nosave; rm -rf /tmp/copy/appendonlydir`;
      const script = `redis-cli set key kept > /dev/null; mkdir /tmp/copy; redis-cli --rdb /tmp/copy/dump.rdb > /dev/null 2>&1
        ${server(7001, "yes")}
        ${server(7002, "no")}`;

      expect(run("redis", script).stdout).toBe("\nkept\n");
    });
  });
});

/** A database with what dumps forget: others' rows, large objects, settings, grants on itself. */
const SAMPLE = `
  create role app login; create role reader login;
  create database app owner app;
  revoke all on database app from public; grant connect on database app to reader;
  alter database app set timezone = 'Europe/Berlin'; alter role app in database app set search_path = app;
  \\c app
  create table item (id int primary key, at timestamptz, part float8, bytes bytea, list text[]);
  insert into item select i, now() + i * interval '1 min', i / 7.0::float8, decode(md5(i::text), 'hex'), array['a', null] from generate_series(1, 5000) i;
  create table secret (owner text); insert into secret values ('app'), ('reader');
  alter table secret owner to app; alter table secret enable row level security; alter table secret force row level security;
  select lo_from_bytea(0, 'large');
`;
