/** How far a container is locked down. */
export class Hardening {
  /** No new privileges: what every container of the library has. */
  public static standard(): Hardening {
    return new Hardening(false);
  }

  /**
   * No new privileges, no capability but those asked for, and a read-only root with a `tmpfs` at `/tmp`. Many images
   * start as root and change their user, which needs `SETUID`, `SETGID` and `CHOWN` in `capabilities`.
   */
  public static strict(): Hardening {
    return new Hardening(true);
  }

  private constructor(
    /** Whether capabilities are dropped and the root is read-only. */
    public readonly strict: boolean,
  ) {}
}
