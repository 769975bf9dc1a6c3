import { Database } from "@cdktf/provider-postgresql/lib/database";
import { Extension } from "@cdktf/provider-postgresql/lib/extension";
import { Role } from "@cdktf/provider-postgresql/lib/role";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import type { Holder } from "./holder-registry";
import { Lab } from "./lab";
import { checkName } from "./names";
import type { IServicePart } from "./part";
import { grantTables, revokePublic } from "./postgres-grants";
import type { PostgresServer } from "./postgres-server";
import { Secret, type SecretPiece } from "./secret";
import { placeSecretFile, secretPath } from "./secret-file";
import { connectStacks } from "./stack-order";
import { quote, snakeCase } from "./text";
import type { Workload } from "./workload";

/** Options for `PostgresDatabase.on()`. */
export interface PostgresDatabaseOptions {
  /**
   * The name of the database and its owner. It counts when they are first made; afterwards the ledger has the name.
   *
   * @default - the service's name with underscores
   */
  readonly name?: string;
  /**
   * Extensions, for example `pg_trgm`.
   *
   * @default - none
   */
  readonly extensions?: readonly string[];
  /**
   * The encoding. A change would make a new database, and is refused by Terraform.
   *
   * @default "UTF8"
   */
  readonly encoding?: string;
  /**
   * The collation and character type, as the server's operating system names them. A change would make a new database.
   *
   * @default "C.UTF-8"
   */
  readonly collation?: string;
  /**
   * How many connections each role may have.
   *
   * @default - no limit
   */
  readonly connectionLimit?: number;
  /**
   * Whether the application logs in as the owner, or as a role that may only read and write rows. The latter is for an
   * application whose tables somebody else makes.
   *
   * @default "owner"
   */
  readonly application?: "owner" | "separate";
  /**
   * Whether there is also a role that may only read, `<name>_readonly`, with a password of its own.
   *
   * @default false
   */
  readonly readOnlyRole?: boolean;
  /**
   * The key that the part had before it was renamed.
   *
   * @default - it was never renamed
   */
  readonly formerly?: string;
}

/** What a database hands out. */
export interface PostgresDatabaseHandle {
  /** Host name or address of the server, as this service reaches it. */
  readonly host: string;
  /** Port of the server. */
  readonly port: number;
  /** Name of the database. */
  readonly name: string;
  /** The role that the application logs in as. */
  readonly user: string;
  /** Path in the container of a file with the password. Reading it places the file. */
  readonly passwordFile: string;
  /** `postgres://user@host:port/name`, without the password. */
  readonly url: string;
  /** Path in the container of a file with the URL, password included. Reading it places the file. */
  readonly urlFile: string;
}

/** A database of one service, with roles that can use it and no other. */
export class PostgresDatabase extends Construct {
  /** A database on a server of the lab. */
  public static on(
    server: PostgresServer,
    options: PostgresDatabaseOptions = {},
  ): IServicePart<PostgresDatabaseHandle> {
    return {
      formerly: options.formerly,
      bind: (workload: Workload, key: string) => new PostgresDatabase(server, workload, key, options).handle,
    };
  }

  private readonly handle: PostgresDatabaseHandle;

  private constructor(
    private readonly server: PostgresServer,
    private readonly workload: Workload,
    private readonly key: string,
    private readonly options: PostgresDatabaseOptions,
  ) {
    super(workload.scopeIn(server), key);
    const subject = `${workload.subject}, part ${quote(key)}`;
    const wanted = options.name ?? Lab.of(this).physicalName(workload.serviceName).replaceAll("-", "_");
    checkName("postgres", wanted, subject, options.name === undefined ? "the service's name" : "name");
    if (
      options.connectionLimit !== undefined &&
      (!Number.isInteger(options.connectionLimit) || options.connectionLimit < 1)
    ) {
      throw new Error(
        `${subject}: 'connectionLimit' must be a whole number above zero, got ${quote(options.connectionLimit)}`,
      );
    }
    checkWord(options.encoding, /^[A-Za-z0-9_]+$/, subject, "encoding", "UTF8");
    checkWord(options.collation, /^[A-Za-z0-9_.@-]+$/, subject, "collation", "C.UTF-8");
    for (const extension of options.extensions ?? []) {
      checkWord(extension, /^[a-z][a-z0-9_-]*$/, subject, "extensions", "pg_trgm");
    }
    const separate = options.application === "separate";

    const ownerHolder = this.hold(
      `${key}.owner`,
      "role",
      wanted,
      options.formerly === undefined ? undefined : `${options.formerly}.owner`,
    );
    const owner = this.role("Owner", ownerHolder.name, separate ? undefined : `${snakeCase(key)}_pass`);
    Lab.of(this).holders.attach(ownerHolder, owner);
    const databaseHolder = this.hold(key, "database", wanted, options.formerly);
    const database = new Database(this, "Resource", {
      name: databaseHolder.name,
      owner: ownerHolder.name,
      template: "template0",
      encoding: options.encoding ?? "UTF8",
      lcCollate: options.collation ?? "C.UTF-8",
      lcCtype: options.collation ?? "C.UTF-8",
      connectionLimit: options.connectionLimit ?? -1,
      dependsOn: [owner],
      lifecycle: { preventDestroy: true },
    });
    Lab.of(this).holders.attach(databaseHolder, database);
    server.makeAdoptable(addressOf(database), databaseHolder.name);
    const name = databaseHolder.name;
    let last = revokePublic(this, name, database);
    const roles = [ownerHolder.name];
    const addRole = (id: string, suffix: string, secret: string, writes: boolean): void => {
      const role = `${name}_${suffix}`;
      const after = [this.role(id, role, `${snakeCase(key)}_${secret}`), last];
      last = grantTables(this, id, { database: name, owner: ownerHolder.name, role, writes, after });
      roles.push(role);
    };
    if (separate) addRole("App", "app", "pass", true);
    if (options.readOnlyRole) addRole("Readonly", "readonly", "readonly_pass", false);
    for (const extension of options.extensions ?? []) {
      new Extension(this, `Extension ${extension}`, { name: extension, database: name, dependsOn: [last] });
    }
    connectStacks(workload, server, subject);
    this.handle = this.makeHandle(name, separate ? `${name}_app` : ownerHolder.name);
    workload.contribute(key, {
      facts: { databases: [{ server: server.serverName, name, roles }] },
    });
  }

  private hold(part: string, kind: "database" | "role", defaultName: string, formerly: string | undefined): Holder {
    return this.workload.hold(part, { kind, place: { server: this.server.serverName }, defaultName }, formerly);
  }

  /** A role that logs in with a secret, or one that can't log in. */
  private role(id: string, name: string, secret: string | undefined): Role {
    const used =
      secret === undefined
        ? undefined
        : this.workload.useSecret(this.key, Secret.named(secret), { shape: { length: 32 }, in: this.server });
    return new Role(this, id, {
      name,
      login: used !== undefined,
      superuser: false,
      createDatabase: false,
      createRole: false,
      connectionLimit: this.options.connectionLimit ?? -1,
      ...(used && { passwordWo: `\${${used.expression}}`, passwordWoVersion: String(used.generation) }),
      dependsOn: this.server.dependencies,
      lifecycle: id === "Owner" ? { preventDestroy: true } : undefined,
    });
  }

  private makeHandle(name: string, user: string): PostgresDatabaseHandle {
    const { server, workload, key } = this;
    const network = workload.onHostNetwork ? undefined : server.networkOn(workload.host);
    const host = network === undefined || !server.service ? server.host : server.service.containerName;
    const port = network === undefined ? server.port : 5432;
    if (network === undefined) workload.reaches(key, server.host, server.port);
    if (network !== undefined) workload.contribute(key, { networks: [{ name: network, aliases: [] }] });
    const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const file = (suffix: string, content: (expression: string) => readonly SecretPiece[]): (() => string) => {
      let path: string | undefined;
      return () => {
        if (path !== undefined) return path;
        const used = workload.useSecret(key, Secret.named(`${snakeCase(key)}_pass`));
        path = placeSecretFile(
          workload,
          key,
          secretPath(`${snakeCase(key)}_${suffix}`),
          {},
          {
            content: content(used.expression),
            version: `generation ${used.generation}${suffix === "url" ? ` of ${user}@${authority}/${name}` : ""}`,
          },
        ).path;
        return path;
      };
    };
    const passwordFile = file("pass", (expression) => [{ expression }]);
    const urlFile = file("url", (expression) => [
      `postgres://${user}:`,
      { expression, encode: "url" },
      `@${authority}/${name}`,
    ]);
    return {
      host,
      port,
      name,
      user,
      url: `postgres://${user}@${authority}/${name}`,
      get passwordFile() {
        return passwordFile();
      },
      get urlFile() {
        return urlFile();
      },
    };
  }
}

function checkWord(value: string | undefined, pattern: RegExp, subject: string, option: string, example: string): void {
  if (value !== undefined && !pattern.test(value)) {
    throw new Error(`${subject}: '${option}' must be a name like ${quote(example)}, got ${quote(value)}`);
  }
}

function addressOf(resource: TerraformResource): string {
  return `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
}
