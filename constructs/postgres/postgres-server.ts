import { Role } from "@cdktf/provider-postgresql/lib/role";
import { PostgresqlProvider } from "@cdktf/provider-postgresql/lib/provider";
import { TerraformStack, TerraformVariable, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { ADOPTED } from "../../contract/secret-names";
import { relocationRule } from "../../contract/reasons";
import { Backup } from "../data/backup";
import { Duration } from "../values/duration";
import { HostView } from "../host/host-view";
import type { HostProps } from "../host/machine";
import { isIP } from "node:net";
import { DataOwners, type DataOwner } from "../ledger/data-owners";
import { Lab, perLab } from "../lab/lab";
import type { Manifest } from "../../contract/manifest";
import { Members } from "../lab/members";
import { Owner } from "../lab/owner";
import type { HolderPlace } from "../../contract/ledger";
import { checkName, checkPort, checkReason } from "../values/names";
import { Port } from "../network/port";
import { revokePublicFromCommon } from "./postgres-grants";
import type { ExistingPostgres, RunPostgres } from "./postgres-server-props";
import { postgresVolumeOf } from "../data/postgres-image";
import { Probe } from "../container/probe";
import { Secret } from "../secrets/secret";
import { SecretFile } from "../secrets/secret-file";
import { SecretUses } from "../secrets/secret-uses";
import { HomelabService } from "../workload/service";
import { literal, quote } from "../../contract/text";
import { Volume } from "../data/volume";

interface Connection {
  readonly host: string;
  readonly port: number;
  readonly adminRole: string;
  readonly superuser: boolean;
  readonly sslMode: string;
  readonly revokePublicConnect: boolean;
  readonly through: HostProps | undefined;
  readonly relocation?: string | undefined;
  readonly backedUpBy?: string | undefined;
}

/** A PostgreSQL server, inside the stack of its databases. */
export class PostgresServer extends Owner implements DataOwner {
  /** Those of the lab that a construct is in. */
  public static readonly all = perLab(
    () =>
      new Members<PostgresServer>("database server", {
        sections: (all) => ({ databaseServers: all.map((server) => server.facts) }),
      }),
  );

  /** Attaches to a server that exists. */
  public static existing(scope: Construct, name: string, props: ExistingPostgres): PostgresServer {
    const { host, port = 5432, adminRole = "postgres", superuser = true, sslMode = "require", through } = props;
    const { revokePublicConnect = false, relocation, backedUpBy } = props;
    const subject = `database server ${quote(name)}`;
    if (isIP(host) === 0) checkName("hostName", host, subject, "host");
    checkPort(port, subject, "port");
    if (backedUpBy !== undefined) checkReason(backedUpBy, `${subject}, backedUpBy`);
    if (revokePublicConnect && !superuser) {
      throw new Error(
        `${subject}: 'revokePublicConnect' needs a superuser, and 'superuser' is false: leave it out, and have its administrator run REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC`,
      );
    }
    const connection = { host, port, adminRole, superuser, sslMode, revokePublicConnect, through, relocation };
    return new PostgresServer(scope, name, { ...connection, backedUpBy });
  }

  /**
   * Runs a server on a host. Its container lives in the stack of its databases, whose fate it shares, and the port is
   * published on the LAN: the connection is not encrypted there. Only the administrator may connect to `postgres` and
   * `template1`.
   */
  public static run(scope: Construct, name: string, props: RunPostgres): PostgresServer {
    const { on, image, port = 5432, through, relocation } = props;
    return new PostgresServer(
      scope,
      name,
      {
        ...{ host: on.lanAddress, port, adminRole: "postgres", superuser: true, sslMode: "disable" },
        ...{ revokePublicConnect: true, through, relocation },
      },
      { on, image },
    );
  }

  /** The server's name in the lab. */
  public readonly serverName: string;
  /** Its host name or address. */
  public readonly host: string;
  /** Its port. */
  public readonly port: number;
  /** The role that makes databases and roles. */
  public readonly adminRole: string;
  /** Whether a role connects to the databases of its service only, and not to `postgres` and `template1` too. */
  public readonly revokesPublicConnect: boolean;
  /** Why its databases are found at another address than before. */
  public readonly relocation: string | undefined;
  /** Who backs up its databases, where nobody of the lab does. */
  public readonly backedUpBy: string | undefined;
  /** The service that runs it, where the lab does. */
  public readonly service: HomelabService | undefined;

  private readonly through: HostProps | undefined;
  private readonly adoption: TerraformVariable;
  private readonly imports: Record<string, string>[] = [];

  private constructor(
    scope: Construct,
    name: string,
    connection: Connection,
    run?: { readonly on: HostProps; readonly image: string },
  ) {
    super(scope, name);
    checkName("service", name, `database server ${quote(name)}`, "name");
    this.serverName = name;
    this.host = connection.host;
    this.port = connection.port;
    this.adminRole = connection.adminRole;
    this.revokesPublicConnect = connection.revokePublicConnect;
    this.through = connection.through;
    this.relocation = connection.relocation;
    this.backedUpBy = connection.backedUpBy;
    const lab = Lab.of(this);
    PostgresServer.all(this).add(name, this);
    DataOwners.of(this).addServer(name, this);
    this.service = run && this.runServer(run, connection.relocation);
    new PostgresqlProvider(this, "Postgresql", {
      ...this.endpoint(connection),
      username: literal(connection.adminRole),
      password: `\${${SecretUses.of(this).take(this, this.adminSecret, { as: "postgresql-password", ...(run && { shape: { length: 32 } }) }).expression}}`,
      superuser: connection.superuser,
      sslmode: connection.sslMode,
      connectTimeout: 30,
    });
    this.adoption = new TerraformVariable(this, "Adopt", {
      type: "set(string)",
      default: [],
      description: "addresses of databases that exist on the server and are to be adopted",
    });
    this.adoption.overrideLogicalId(ADOPTED);
    if (this.revokesPublicConnect) revokePublicFromCommon(this, this.dependencies);
    this.node.addValidation({ validate: () => [...lab.findingsThrough(this)] });
  }

  /** The server as plain data. */
  public get facts(): Manifest["databaseServers"][number] {
    const { serverName, host, port, service, revokesPublicConnect, adminRole, relocation, tunnel, backedUpBy } = this;
    return {
      name: serverName,
      stack: TerraformStack.of(this).node.id,
      host,
      port,
      managed: service !== undefined,
      revokesPublicConnect,
      adminRole,
      relocation,
      backedUpBy,
      through: tunnel,
    };
  }

  /** What a database must wait for. */
  public get dependencies(): ITerraformDependable[] {
    return this.service ? [this.service.container] : [];
  }

  /** Whether a service on a host reaches the server by its container's name, and then on which network. */
  public networkOn(host: HostView): string | undefined {
    return this.service?.host.hostName === host.hostName ? this.service.network.name : undefined;
  }

  /**
   * Lets a deployment that found a database on the server adopt it instead of failing to create it: an import whose
   * address is named in the variable `homelab_adopt`, which is empty by default.
   */
  public makeAdoptable(address: string, databaseName: string): void {
    // The stack was handed this very list when the first block was added.
    if (this.imports.length === 0) TerraformStack.of(this).addOverride("import", this.imports);
    this.imports.push({
      for_each: `\${contains(var.${this.adoption.friendlyUniqueId}, "${address}") ? toset(["${databaseName}"]) : toset([])}`,
      to: address,
      id: "${each.value}",
    });
  }

  /**
   * Keeps a role that nobody declares any more, without the right to log in: what it owns, and what it was granted on
   * tables, is still there, and PostgreSQL drops no role on which anything depends. So nothing on the server happens
   * either when it has left the ledger, and Terraform lets go of it.
   */
  public releaseRole(place: HolderPlace): void {
    const role = new Role(this, `Released ${place.name}`, {
      name: place.name,
      login: false,
      skipDropRole: true,
      skipReassignOwned: true,
      lifecycle: { preventDestroy: true },
      ...(this.service && { dependsOn: this.dependencies }),
    });
    role.overrideLogicalId(place.address.replace(/^.*\./, ""));
  }

  /** How a deployment that opened a tunnel is led there; undefined where the server is reached directly. */
  public get tunnel():
    { readonly host: string; readonly hostVariable: string; readonly portVariable: string } | undefined {
    if (this.through === undefined) return undefined;
    const prefix = `postgres_${this.serverName.replaceAll("-", "_")}`;
    return { host: this.through.name, hostVariable: `${prefix}_host`, portVariable: `${prefix}_port` };
  }

  private endpoint({ host, port }: Connection): { readonly host: string; readonly port: number } {
    const { tunnel } = this;
    if (!tunnel) return { host, port };
    const variable = (id: string, type: string, value: string | number, name: string): TerraformVariable => {
      const made = new TerraformVariable(this, id, { type, default: value });
      made.overrideLogicalId(name);
      return made;
    };
    return {
      host: variable("Tunnel host", "string", host, tunnel.hostVariable).stringValue,
      port: variable("Tunnel port", "number", port, tunnel.portVariable).numberValue,
    };
  }

  private get adminSecret(): string {
    return `homelab.postgres.${this.serverName}.admin_pass`;
  }

  private runServer(
    { on, image }: { readonly on: HostProps; readonly image: string },
    relocation: string | undefined,
  ): HomelabService {
    const host = new HostView(this, "Host", on);
    return new HomelabService(host, `postgres-${this.serverName}`, {
      image,
      port: 5432,
      fileOwner: "0:0",
      // Over TCP: the first start of the image answers on its socket before the database is there.
      health: Probe.command(["pg_isready", "-h", "127.0.0.1", "-U", "postgres"], { interval: Duration.seconds(10) }),
      stopGracePeriod: Duration.minutes(1),
      parts: {
        data: Volume.at(postgresVolumeOf(image)),
        admin: SecretFile.at("/run/secrets/admin_pass", Secret.shared(this.adminSecret)),
        lan: Port.publish(5432, { as: this.port }),
        nightly: Backup.none("its databases are dumped one by one, with the services that own them"),
      },
      environment: ({ admin }) => ({ POSTGRES_PASSWORD_FILE: admin.path }),
      acknowledge: relocation === undefined ? {} : { [relocationRule("data")]: relocation },
    });
  }
}
