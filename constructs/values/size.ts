import { quote } from "../../contract/text";

/** An amount of memory or storage. */
export class Size {
  /** So many mebibytes (2^20 bytes). */
  public static mebibytes(amount: number): Size {
    return new Size(amount);
  }
  /** So many gibibytes (2^30 bytes). */
  public static gibibytes(amount: number): Size {
    return new Size(amount * 1024);
  }

  private constructor(private readonly amount: number) {
    if (!Number.isInteger(amount) || amount <= 0) {
      throw new Error(`a size must be a whole number of mebibytes above zero, got ${quote(amount)}`);
    }
  }

  /** The amount in mebibytes. */
  public toMebibytes(): number {
    return this.amount;
  }

  /** The amount in bytes. */
  public toBytes(): number {
    return this.amount * 1_048_576;
  }
}
