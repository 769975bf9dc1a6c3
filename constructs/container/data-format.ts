import { checkReason } from "../values/names";

/** What another version of a program means for the data that one of its versions wrote. */
export class DataFormat {
  /** A newer version changes the data when it starts, and an older one can't read it afterwards. */
  public static migrated(): DataFormat {
    return new DataFormat("migrates");
  }

  /** As `migrated()`, and no major version may be skipped. */
  public static stepByStep(): DataFormat {
    return new DataFormat("step-by-step");
  }

  /** Another major version does not start on the data: it is taken out with the old one and put in with the new one. */
  public static perMajor(): DataFormat {
    return new DataFormat("refuses");
  }

  /** Every version reads what any other one wrote. */
  public static stable(options: { readonly reason: string }): DataFormat {
    checkReason(options.reason, "DataFormat.stable()");
    return new DataFormat("any", options.reason);
  }

  private constructor(
    /** What a newer major version does with the data of an older one; `any` where nothing depends on versions. */
    public readonly versions: "refuses" | "step-by-step" | "migrates" | "any",
    /** Why versions don't matter, where they don't. */
    public readonly reason?: string,
  ) {}
}
