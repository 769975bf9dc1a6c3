import type { PartFacts } from "../../contract/service-facts";
import { FactList } from "../lab/facts";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { checkReason } from "../values/names";

/** How often a restore is rehearsed. */
export interface DrillFacts extends PartFacts {
  /** Once in so long, on a day that follows from the names of host and service. */
  readonly every: "week" | "month" | "never";
  /**
   * Why it never is.
   *
   * @default - it is
   */
  readonly reason?: string;
}

/** How often restores of services are rehearsed; each month for one that says nothing. */
export const DRILLS = new FactList<DrillFacts>("drills");

/**
 * How often the backup agent rehearses the restore of a service: the newest copy into scratch space, compared with what
 * was recorded when it was made, and removed. It takes room for all of it meanwhile. Without such a part it is each month.
 */
export class Drill {
  /** Each month. */
  public static monthly(): IServicePart<void> {
    return drill({ every: "month" });
  }

  /** Each week. */
  public static weekly(): IServicePart<void> {
    return drill({ every: "week" });
  }

  /** Never, for a reason. */
  public static none(reason: string): IServicePart<void> {
    checkReason(reason, "Drill.none()");
    return drill({ every: "never", reason });
  }

  private constructor() {}
}

function drill(fact: Pick<DrillFacts, "every" | "reason">): IServicePart<void> {
  return {
    bind: (part: PartScope) => {
      const [other] = part.workload.service.said(DRILLS);
      if (other)
        throw new Error(`${part.subject}: part "${other.part}" says already how often it is rehearsed: remove one`);
      part.say(DRILLS, fact);
    },
  };
}
