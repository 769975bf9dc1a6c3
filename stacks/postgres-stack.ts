import type { App } from "cdktf";
import { PostgresServer } from "../constructs/postgres/postgres-server";
import type { ExistingPostgres, RunPostgres } from "../constructs/postgres/postgres-server-props";
import { FailureDomainStack, type FailureDomainStackProps } from "./failure-domain-stack";

/** Props of `PostgresStack`. */
export interface PostgresStackProps extends FailureDomainStackProps {
  /** The server's name in the lab. */
  readonly name: string;
  /** The server: one that exists, or one that the lab runs on a host. */
  readonly server: ExistingPostgres | RunPostgres;
}

/** The stack of one database server: its databases and roles, and its container where the lab runs it. */
export class PostgresStack extends FailureDomainStack {
  /** The server, for services to have databases on. */
  public readonly server: PostgresServer;

  /** Makes the stack of a database server. */
  public constructor(app: App, id: string, props: PostgresStackProps) {
    super(app, id, props);
    const { name, server } = props;
    this.server = "on" in server ? PostgresServer.run(this, name, server) : PostgresServer.existing(this, name, server);
  }
}
