import { quote } from "../../contract/text";

/** A length of time. */
export class Duration {
  /** A time of so many milliseconds. */
  public static milliseconds(amount: number): Duration {
    return new Duration(amount);
  }
  /** A time of so many seconds. */
  public static seconds(amount: number): Duration {
    return new Duration(amount * 1000);
  }
  /** A time of so many minutes. */
  public static minutes(amount: number): Duration {
    return new Duration(amount * 60_000);
  }
  /** A time of so many hours. */
  public static hours(amount: number): Duration {
    return new Duration(amount * 3_600_000);
  }
  /** A time of so many days of 24 hours. */
  public static days(amount: number): Duration {
    return new Duration(amount * 86_400_000);
  }

  private constructor(private readonly amount: number) {
    if (!Number.isInteger(amount) || amount < 0) {
      throw new Error(`a duration must be a whole number of milliseconds, not negative, got ${quote(amount)} ms`);
    }
  }

  /** The time in milliseconds. */
  public toMilliseconds(): number {
    return this.amount;
  }

  /** The time in seconds, for what counts whole seconds. Throws when it isn't one. */
  public toSeconds(): number {
    if (this.amount % 1000 !== 0) throw new Error(`a whole number of seconds is needed here, got ${this.toString()}`);
    return this.amount / 1000;
  }

  /**
   * The form that Go prints, `1h30m0s`, `1.5s`, `250ms`. The docker provider reads durations back in this form and
   * plans a change for ever when the configuration has another one.
   */
  public toString(): string {
    if (this.amount === 0) return "0s";
    if (this.amount < 1000) return `${this.amount}ms`;
    const hours = Math.floor(this.amount / 3_600_000);
    const minutes = Math.floor((this.amount % 3_600_000) / 60_000);
    const seconds = `${(this.amount % 60_000) / 1000}s`;
    if (hours > 0) return `${hours}h${minutes}m${seconds}`;
    return minutes > 0 ? `${minutes}m${seconds}` : seconds;
  }
}
