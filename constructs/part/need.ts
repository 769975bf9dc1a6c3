import { TerraformStack } from "cdktf";
import { connectStacks } from "../lab/stack-order";
import type { IWorkload } from "./service-commons";

/** Options for `Need.of()`. */
export interface NeedOptions {
  /**
   * Whether a replacement of the needed service's container replaces this one too, on the same host.
   *
   * @default false
   */
  readonly restart?: boolean;
}

/** That one service needs another one to work. */
export class Need {
  /** Needs a service: joins its network and starts when it is healthy. */
  public static of(service: IWorkload, options: NeedOptions = {}): Need {
    return new Need(service, options.restart ?? false);
  }

  private constructor(
    /** The service that is needed. */
    public readonly service: IWorkload,
    /** Whether a replacement of it replaces the one that needs it. */
    public readonly restart: boolean,
  ) {}

  /** Connects the service that has the need with the one that it needs. */
  public bind(consumer: IWorkload): void {
    const { service, restart } = this;
    if (TerraformStack.of(consumer) !== TerraformStack.of(service)) {
      connectStacks(consumer, service, consumer.subject);
      return;
    }
    const { container } = service;
    consumer.contribute(`needs ${service.serviceName}`, {
      networks:
        consumer.onHostNetwork || service.onHostNetwork ? [] : [{ name: service.service.network.name, aliases: [] }],
      dependsOn: [container],
      replacedWith: restart ? [`${container.terraformResourceType}.${container.friendlyUniqueId}.id`] : [],
    });
  }
}
