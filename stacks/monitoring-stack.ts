import type { App } from "cdktf";
import { Monitoring, type MonitoringProps } from "../constructs/monitoring/monitoring";
import { FailureDomainStack, type FailureDomainStackProps } from "./failure-domain-stack";

/** Props of `MonitoringStack`. */
export interface MonitoringStackProps extends FailureDomainStackProps {
  /** What watches the lab. */
  readonly monitoring: MonitoringProps;
}

/** The stack of what watches the lab: monitors and checks. */
export class MonitoringStack extends FailureDomainStack {
  /** What watches the lab, for services to be watched by. */
  public readonly monitoring: Monitoring;

  /** Makes the stack of the monitoring. */
  public constructor(app: App, id: string, props: MonitoringStackProps) {
    super(app, id, props);
    this.monitoring = new Monitoring(this, "Monitoring", props.monitoring);
  }
}
