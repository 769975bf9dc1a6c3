import { Database } from "@cdktf/provider-postgresql/lib/database";
import { Extension } from "@cdktf/provider-postgresql/lib/extension";
import { Role } from "@cdktf/provider-postgresql/lib/role";
import type { ITerraformDependable, TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { FactList } from "../lab/facts";
import { keepNames } from "../lab/former-id";
import { hold, type Held } from "../data/hold";
import { Lab } from "../lab/lab";
import type { DatabaseFacts } from "../../contract/service-facts";
import { checkName } from "../values/names";
import { refuseFormerly, type IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { grantTables, revokePublic } from "./postgres-grants";
import { databaseHandle, type PostgresDatabaseHandle } from "./postgres-handle";
import type { PostgresServer } from "./postgres-server";
import { Secret } from "../secrets/secret";
import { connectStacks } from "../lab/stack-order";
import { quote } from "../../contract/text";
import { useSecret } from "../secrets/used-secret";

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
}

/** Databases of services. */
export const DATABASES = new FactList<DatabaseFacts>("databases");

/** A database of one service, with roles that can use it and no other. */
export class PostgresDatabase extends Construct {
  /** A database on a server of the lab. */
  public static on(
    server: PostgresServer,
    options: PostgresDatabaseOptions = {},
  ): IServicePart<PostgresDatabaseHandle> {
    return { bind: (part: PartScope) => new PostgresDatabase(server, part, options).handle };
  }

  private readonly handle: PostgresDatabaseHandle;

  private constructor(
    private readonly server: PostgresServer,
    private readonly part: PartScope,
    private readonly options: PostgresDatabaseOptions,
  ) {
    super(part.scopeIn(server), part.key);
    refuseFormerly(part, options);
    const { subject, workload } = part;
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
    if (wanted === server.adminRole) {
      throw new Error(
        `${subject}: role ${quote(wanted)} is the administrator of database server ${quote(server.serverName)}, give the database another 'name'`,
      );
    }
    const separate = options.application === "separate";

    const owner = this.role("Owner", wanted, separate ? undefined : "pass");
    const database = this.hold("database", undefined, wanted, (held) => this.database(held, owner));
    // What belongs to the database has its address: destroyed and made again, a grant would be taken away after it was given.
    keepNames(this, database.addressNames);
    const { name } = database;
    server.makeAdoptable(addressOf(database.resource), name);
    let last = revokePublic(this, name, database.resource);
    const roles = [owner.name];
    const addRole = (id: "App" | "Readonly", secret: string, writes: boolean): string => {
      const role = this.role(id, `${name}_${id.toLowerCase()}`, secret);
      const after = [role.resource, last];
      last = grantTables(this, id, { database: name, owner: owner.name, role: role.name, writes, after });
      roles.push(role.name);
      return role.name;
    };
    const user = separate ? addRole("App", "pass", true) : owner.name;
    if (options.readOnlyRole) addRole("Readonly", "readonly_pass", false);
    for (const extension of options.extensions ?? []) this.extension(extension, name, last);
    connectStacks(workload, server, subject);
    this.handle = databaseHandle(server, part, { name, user });
    part.say(DATABASES, { server: server.serverName, name, roles });
  }

  /** Makes what the ledger keeps: the database itself, or what its data depends on, which has a key below its own. */
  private hold<T extends TerraformResource>(
    kind: "database" | "role" | "extension",
    below: string | undefined,
    defaultName: string,
    make: (name: string) => T,
  ): Held<T> {
    const place = { server: this.server.serverName };
    return hold(this.part, { kind, place, defaultName, below }, ({ name }) => make(name));
  }

  private database(name: string, owner: Held<Role>): Database {
    const { encoding = "UTF8", collation = "C.UTF-8", connectionLimit = -1 } = this.options;
    return new Database(this, "Resource", {
      name,
      owner: owner.name,
      template: "template0",
      encoding,
      lcCollate: collation,
      lcCtype: collation,
      connectionLimit,
      dependsOn: [owner.resource],
      lifecycle: { preventDestroy: true },
    });
  }

  /** A role that logs in with the secret `<key>_<secret>`, or one that can't log in. */
  private role(id: "Owner" | "App" | "Readonly", defaultName: string, secret: string | undefined): Held<Role> {
    const used =
      secret === undefined
        ? undefined
        : useSecret(this.part, Secret.ofPart(secret), {
            shape: { length: 32 },
            as: "postgresql-password",
            in: this.server,
          });
    return this.hold(
      "role",
      id.toLowerCase(),
      defaultName,
      (name) =>
        new Role(this, id, {
          name,
          login: used !== undefined,
          superuser: false,
          createDatabase: false,
          createRole: false,
          connectionLimit: this.options.connectionLimit ?? -1,
          ...(used && { passwordWo: `\${${used.expression}}`, passwordWoVersion: used.version }),
          dependsOn: this.server.dependencies,
          lifecycle: { preventDestroy: true },
        }),
    );
  }

  /** An extension, which tables and indexes may depend on. */
  private extension(name: string, database: string, after: ITerraformDependable): void {
    this.hold(
      "extension",
      `extension.${name}`,
      `${database}.${name}`,
      () => new Extension(this, `Extension ${name}`, { name, database, dependsOn: [after] }),
    );
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
