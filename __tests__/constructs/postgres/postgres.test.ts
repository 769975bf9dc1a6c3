import { Backup, HomelabService, PostgresDatabase, Probe, type PostgresDatabaseOptions } from "../../../constructs";
import type { HomelabConfig } from "../../../stacks";
import { addresses, errorOf, host, placement, synthesizeLab, type Synthesis } from "../../support/synthesis";

const basic = { image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") } as const;

function withDatabase(
  options: PostgresDatabaseOptions = {},
  overrides: Partial<HomelabConfig> = {},
  name = "my-app",
): Synthesis {
  return synthesizeLab(
    (lab) =>
      new HomelabService(lab.host("app-01"), name, {
        ...basic,
        parts: { db: PostgresDatabase.on(lab.postgres("main"), options), none: Backup.none("test") },
        environment: ({ db }) => ({ URL: db.url, URL_FILE: db.urlFile(), PASSWORD_FILE: db.passwordFile() }),
      }),
    overrides,
  );
}

test("a database is named as its service, belongs to a role of that name and is nobody else's", () => {
  const { stacks } = withDatabase();
  const {
    postgresql_database: database,
    postgresql_role: role,
    postgresql_grant: grant,
  } = stacks["postgres-main"]?.resource ?? {};

  expect(database?.my_app_db).toMatchObject({
    name: "my_app",
    owner: "my_app",
    encoding: "UTF8",
    lc_collate: "C.UTF-8",
    template: "template0",
    lifecycle: { prevent_destroy: true },
  });
  expect(role?.my_app_db_owner).toMatchObject({
    name: "my_app",
    login: true,
    superuser: false,
    create_database: false,
    create_role: false,
  });
  expect(grant?.my_app_db_public_database).toMatchObject({ role: "public", object_type: "database", privileges: [] });
  expect(grant?.my_app_db_public_schema).toMatchObject({
    role: "public",
    object_type: "schema",
    schema: "public",
    privileges: [],
  });
});

test("its password is in no state: an ephemeral variable, written when the generation changes", () => {
  const { stacks } = withDatabase();

  expect(stacks["postgres-main"]?.resource.postgresql_role?.my_app_db_owner).toMatchObject({
    password_wo: "${var.webservices_my_app_db_pass}",
    password_wo_version: "1",
  });
  expect(stacks["postgres-main"]?.variable.webservices_my_app_db_pass.ephemeral).toBe(true);
  expect(stacks["app-01"]?.variable.webservices_my_app_db_pass.ephemeral).toBe(true);
  expect(JSON.stringify(stacks["app-01"]?.resource.docker_container)).not.toContain("webservices_");
});

test("a service finds it by address, and its password in files", () => {
  const { stacks } = withDatabase();
  const { docker_container: container, null_resource: placed } = stacks["app-01"]?.resource ?? {};

  expect(container?.my_app.env).toEqual([
    "PASSWORD_FILE=/run/secrets/db_pass",
    "TZ=Etc/UTC",
    "URL=postgres://my_app@db.example.org:5432/my_app",
    "URL_FILE=/run/secrets/db_url",
  ]);
  expect(Object.values(placement(placed?.my_app_run_secrets))).toEqual(
    [
      '${base64encode(join("", [var.webservices_my_app_db_pass]))}',
      '${base64encode(join("", ["postgres://my_app:", replace(urlencode(var.webservices_my_app_db_pass), "+", "%20"), "@db.example.org:5432/my_app"]))}',
    ].map((content) => ({ owner: "1:1", mode: "0400", content })),
  );
});

test("no file is placed for who doesn't ask for it", () => {
  const { stacks } = synthesizeLab(
    (lab) =>
      new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        user: undefined,
        parts: { db: PostgresDatabase.on(lab.postgres("main")), none: Backup.none("test") },
      }),
  );

  expect(addresses(stacks["app-01"])).not.toContain("null_resource.app_run_secrets");
});

test("the databases are made before the host's containers", () => {
  expect(withDatabase().dependencies["app-01"]).toEqual(["postgres-main"]);
});

test("an application may log in as another role than the owner, and readers as a third", () => {
  const { stacks, manifest } = withDatabase({ application: "separate", readOnlyRole: true, connectionLimit: 20 });
  const { postgresql_role: role, postgresql_default_privileges: defaults } = stacks["postgres-main"]?.resource ?? {};

  expect(role?.my_app_db_owner).toMatchObject({ login: false });
  expect(role?.my_app_db_owner.password_wo).toBeUndefined();
  expect(role?.my_app_db_app).toMatchObject({
    name: "my_app_app",
    login: true,
    connection_limit: 20,
    password_wo: "${var.webservices_my_app_db_pass}",
  });
  expect(role?.my_app_db_readonly).toMatchObject({
    name: "my_app_readonly",
    password_wo: "${var.webservices_my_app_db_readonly_pass}",
  });
  expect(defaults?.my_app_db_app_tables).toMatchObject({
    owner: "my_app",
    role: "my_app_app",
    privileges: ["DELETE", "INSERT", "SELECT", "UPDATE"],
  });
  expect(defaults?.my_app_db_readonly_tables.privileges).toEqual(["SELECT"]);
  expect(manifest.services[0]?.databases[0]?.roles).toEqual(["my_app", "my_app_app", "my_app_readonly"]);
  expect(stacks["app-01"]?.resource.docker_container?.my_app.env).toContain(
    "URL=postgres://my_app_app@db.example.org:5432/my_app",
  );
});

test("each of its roles is in the ledger, and so is an extension", () => {
  const { manifest } = withDatabase({ application: "separate", readOnlyRole: true, extensions: ["pg_trgm"] });

  expect(Object.entries(manifest.ledger).map(([key, { kind, name }]) => [key, kind, name])).toEqual([
    ["my-app/db", "database", "my_app"],
    ["my-app/db.app", "role", "my_app_app"],
    ["my-app/db.extension.pg_trgm", "extension", "my_app.pg_trgm"],
    ["my-app/db.owner", "role", "my_app"],
    ["my-app/db.readonly", "role", "my_app_readonly"],
  ]);
  expect(manifest.services[0]?.backups).toEqual([]);
});

test("extensions are made in it, after the grants", () => {
  const { stacks } = withDatabase({ extensions: ["pg_trgm"] });

  expect(stacks["postgres-main"]?.resource.postgresql_extension?.my_app_db_extension_pg_trgm).toMatchObject({
    name: "pg_trgm",
    database: "my_app",
    depends_on: ["postgresql_grant.my_app_db_public_schema"],
  });
});

describe("a server that the lab runs", () => {
  const postgres = { main: { on: host("app-01", 11), image: "postgres:17.2" } };

  test("lives in the stack of its databases, healthy before they are made", () => {
    const { stacks, manifest } = withDatabase({}, { postgres });
    const { docker_container: container, postgresql_role: role } = stacks["postgres-main"]?.resource ?? {};

    expect(container?.postgres_main).toMatchObject({
      wait: true,
      healthcheck: { test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "postgres"] },
    });
    expect(container?.postgres_main.ports).toEqual([
      { internal: 5432, external: 5432, ip: "192.168.1.11", protocol: "tcp" },
    ]);
    expect(container?.postgres_main.env).toContain("POSTGRES_PASSWORD_FILE=/run/secrets/admin_pass");
    expect(role?.my_app_db_owner.depends_on).toEqual(["docker_container.postgres_main"]);
    for (const database of ["postgres", "template1"])
      expect(stacks["postgres-main"]?.resource.postgresql_grant?.[`public_${database}`]).toEqual({
        ...{ database, role: "public", object_type: "database", privileges: [] },
        depends_on: ["docker_container.postgres_main"],
      });
    expect(stacks["postgres-main"]?.provider.postgresql[0]).toMatchObject({
      host: "192.168.1.11",
      password: "${var.homelab_postgres_main_admin_pass}",
      sslmode: "disable",
    });
    expect(manifest.hosts.map(({ name, stack }) => [name, stack])).toEqual([
      ["app-01", "app-01"],
      ["app-02", "app-02"],
    ]);
  });

  test("has an admin password made for it, which somebody else's server has already", () => {
    const shapeWith = (overrides: Parameters<typeof withDatabase>[1]) =>
      withDatabase({}, overrides).manifest.secrets.find(({ name }) => name === "homelab.postgres.main.admin_pass")
        ?.shape;

    expect(shapeWith({ postgres })).toEqual({ length: 32 });
    expect(shapeWith({})).toBeUndefined();
  });

  test("is found by name on its own host", () => {
    const { stacks } = withDatabase({}, { postgres });
    const container = stacks["app-01"]?.resource.docker_container?.my_app;

    expect(container.networks_advanced).toContainEqual({ name: "postgres-main" });
    expect(container.env).toContain("URL=postgres://my_app@postgres-main:5432/my_app");
  });

  test("is found by address from another host", () => {
    const { stacks } = withDatabase(
      {},
      { postgres: { main: { on: host("app-02", 12), image: "postgres:17.2", port: 5433 } } },
    );

    expect(stacks["app-01"]?.resource.docker_container?.my_app.env).toContain(
      "URL=postgres://my_app@192.168.1.12:5433/my_app",
    );
  });
});

describe("a server that is somebody else's", () => {
  const existing = (props: object): Partial<HomelabConfig> => ({
    postgres: { main: { host: "db.example.org", ...props } },
  });

  test("keeps what everybody may do in its common databases, unless that is asked for", () => {
    const grantsWith = (props: object) =>
      addresses(withDatabase({}, existing(props)).stacks["postgres-main"]).filter((address) =>
        address.startsWith("postgresql_grant.public_"),
      );

    expect(grantsWith({})).toEqual([]);
    expect(grantsWith({ revokePublicConnect: true })).toEqual([
      "postgresql_grant.public_postgres",
      "postgresql_grant.public_template1",
    ]);
  });

  test("fails to take it away without a superuser", () => {
    expect(() => withDatabase({}, existing({ revokePublicConnect: true, superuser: false }))).toThrow(
      `database server "main": 'revokePublicConnect' needs a superuser, and 'superuser' is false`,
    );
  });
});

test("a database that exists can be adopted by naming its address", () => {
  const { stacks } = withDatabase();

  expect(stacks["postgres-main"]?.variable.homelab_adopt).toMatchObject({ type: "set(string)", default: [] });
  expect(stacks["postgres-main"]?.import).toEqual([
    {
      for_each: '${contains(var.homelab_adopt, "postgresql_database.my_app_db") ? toset(["my_app"]) : toset([])}',
      to: "postgresql_database.my_app_db",
      id: "${each.value}",
    },
  ]);
});

test.each<[PostgresDatabaseOptions, string, string]>([
  [
    { name: "My-App" },
    "my-app",
    `service "my-app", part "db": 'name' must be lowercase letters, digits and underscores`,
  ],
  [{}, "postgres", `'the service's name' must not be a name that PostgreSQL reserves, got "postgres"`],
  [{ connectionLimit: 0 }, "my-app", `'connectionLimit' must be a whole number above zero, got 0`],
])("fails for %j", (options, name, message) => {
  expect(() => withDatabase(options, {}, name)).toThrow(message);
});

test("fails for two databases of one name on one server", () => {
  const message = errorOf((lab) => {
    const server = lab.postgres("main");
    new HomelabService(lab.host("app-01"), "app", {
      ...basic,
      parts: { one: PostgresDatabase.on(server), two: PostgresDatabase.on(server), none: Backup.none("test") },
    });
  });

  expect(message).toContain(
    `service "app": role "app" of part "two.owner" is already "app/one.owner", give one of them a 'name' of its own`,
  );
});
