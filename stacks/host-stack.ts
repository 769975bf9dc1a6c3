import type { App } from "cdktf";
import { Host } from "../constructs/host";
import type { HostProps } from "../constructs/host/machine";
import { FailureDomainStack, type FailureDomainStackProps } from "./failure-domain-stack";

/** Props of `HostStack`. */
export interface HostStackProps extends FailureDomainStackProps {
  /** The host. */
  readonly host: HostProps;
}

/** The stack of one host: its containers, networks, volumes, folders and files. */
export class HostStack extends FailureDomainStack {
  /** The host, for services to run on. */
  public readonly host: Host;

  /** Makes the stack of a host. */
  public constructor(app: App, id: string, props: HostStackProps) {
    super(app, id, props);
    this.host = new Host(this, "Host", props.host);
  }
}
