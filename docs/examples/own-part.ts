import { type IServicePart } from "../../constructs";
import { checkName, type PartScope } from "../../constructs/parts";

/** Options for `Announcement.on()`. */
export interface AnnouncementOptions {
  /**
   * The icon that the start page shows.
   *
   * @default - the service's name
   */
  readonly icon?: string;
}

/** What an announcement hands out. */
export interface AnnouncementHandle {
  /** The group that the start page shows it in. */
  readonly group: string;
}

/** An entry on the start page of Homepage, which reads labels of containers. */
export class Announcement {
  /** Shows the service in a group. */
  public static on(group: string, options: AnnouncementOptions = {}): IServicePart<AnnouncementHandle> {
    return {
      bind: (part: PartScope) => {
        const { workload, subject } = part;
        const icon = options.icon ?? workload.serviceName;
        checkName("dnsLabel", icon, subject, "icon");
        part.contribute({
          labels: { "homepage.group": group, "homepage.name": workload.serviceName, "homepage.icon": icon },
        });
        return { group };
      },
    };
  }

  private constructor() {}
}
