import { DefaultPrivileges } from "@cdktf/provider-postgresql/lib/default-privileges";
import { Grant } from "@cdktf/provider-postgresql/lib/grant";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";

/**
 * Takes from everybody what PostgreSQL gives to everybody: to connect, and before version 15 to make tables. Returns
 * what the next grant has to wait for: at once they fail with "tuple concurrently updated".
 */
export function revokePublic(scope: Construct, database: string, after: ITerraformDependable): ITerraformDependable {
  const common = { database, role: "public", privileges: [] };
  const first = new Grant(scope, "PublicDatabase", { ...common, objectType: "database", dependsOn: [after] });
  return new Grant(scope, "PublicSchema", { ...common, schema: "public", objectType: "schema", dependsOn: [first] });
}

/** The databases that every server has beside those of its services, and that everybody may connect to. */
const COMMON_DATABASES = ["postgres", "template1"];

/** Takes from everybody what PostgreSQL gives to everybody in the databases that belong to no service. */
export function revokePublicFromCommon(scope: Construct, after: ITerraformDependable[]): void {
  for (const database of COMMON_DATABASES) {
    new Grant(scope, `Public ${database}`, {
      database,
      role: "public",
      objectType: "database",
      privileges: [],
      dependsOn: after,
    });
  }
}

/** A role that uses what another one owns. */
export interface TableGrants {
  /** The database. */
  readonly database: string;
  /** The role that makes the tables. */
  readonly owner: string;
  /** The role that uses them. */
  readonly role: string;
  /** Whether it may write. */
  readonly writes: boolean;
  /** What must exist before. */
  readonly after: ITerraformDependable[];
}

/**
 * Lets a role connect, and use the tables and sequences that the owner makes from then on. The privileges are default
 * ones: grants on tables would differ at each plan as soon as the application makes another table.
 */
export function grantTables(scope: Construct, id: string, grants: TableGrants): ITerraformDependable {
  const { database, owner, role, writes, after } = grants;
  const connect = new Grant(scope, `${id}Connect`, {
    database,
    role,
    objectType: "database",
    privileges: ["CONNECT"],
    dependsOn: after,
  });
  const inPublic = { database, role, schema: "public" };
  const usage = new Grant(scope, `${id}Usage`, {
    ...inPublic,
    objectType: "schema",
    privileges: ["USAGE"],
    dependsOn: [connect],
  });
  const tables = new DefaultPrivileges(scope, `${id}Tables`, {
    ...inPublic,
    owner,
    objectType: "table",
    privileges: writes ? ["DELETE", "INSERT", "SELECT", "UPDATE"] : ["SELECT"],
    dependsOn: [usage],
  });
  return new DefaultPrivileges(scope, `${id}Sequences`, {
    ...inPublic,
    owner,
    objectType: "sequence",
    privileges: writes ? ["SELECT", "USAGE"] : ["SELECT"],
    dependsOn: [tables],
  });
}
