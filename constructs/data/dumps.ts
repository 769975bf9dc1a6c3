import { perLab } from "../lab/lab";

/** How a program that works on a holder's files hands out their content: a copy of the files alone would not hold. */
export type Dump =
  | {
      readonly kind: "postgres";
      /** The container of the server. */
      readonly container: string;
      /** The database. */
      readonly database: string;
      /** The role that owns it. */
      readonly owner: string;
      /** The role that may read all of it, over the socket in the container. */
      readonly superuser: string;
    }
  | {
      readonly kind: "redis";
      /** The container of the server. */
      readonly container: string;
    };

/** What is dumped in place of its files, by ledger key. */
export class Dumps {
  /** Those of the lab that a construct is in. */
  public static readonly of = perLab(() => new Dumps());

  private readonly dumps = new Map<string, Dump>();

  private constructor() {}

  /** Says that a holder's files are a running program's, and how it is asked for their content. */
  public instead(key: string, dump: Dump): void {
    this.dumps.set(key, dump);
  }

  /** How a holder is dumped, if its files are a running program's. */
  public insteadOf(key: string): Dump | undefined {
    return this.dumps.get(key);
  }
}
