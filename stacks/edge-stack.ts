import type { App } from "cdktf";
import { Zone, type ZoneProps } from "../constructs/routing/zone";
import { FailureDomainStack, type FailureDomainStackProps } from "./failure-domain-stack";

/** The stack of what Cloudflare does: the records of all zones. */
export class EdgeStack extends FailureDomainStack {
  /** Makes the stack of the edge. */
  public constructor(app: App, id: string, props: FailureDomainStackProps = {}) {
    super(app, id, props);
  }

  /** Adds a zone, for routes to have names in. */
  public addZone(name: string, props: ZoneProps): Zone {
    return new Zone(this, name, props);
  }
}
