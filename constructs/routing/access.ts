import { checkReason } from "../values/names";
import { quote } from "../../contract/text";

/** Who may pass, in Authelia's terms: `user:…`, `group:…` or `oauth2:client:…`; a list means all of them at once. */
export type Subject = string | readonly string[];

/** Paths of a route that are open to everybody, and why. */
export interface BypassedPaths {
  /** Paths, each with everything below it. */
  readonly paths: readonly string[];
  /** Why they have to be open. */
  readonly reason: string;
}

/** Who may pass to a route, and what sign-on asks of them. */
export class Access {
  /** Everybody, without sign-on, for a reason. */
  public static public(options: { readonly reason: string }): Access {
    checkReason(options.reason, "Access.public()");
    return new Access("bypass", [], options.reason);
  }

  /** Those who sign in with a password. Without subjects: everybody who has an account. */
  public static oneFactor(...subjects: readonly Subject[]): Access {
    return new Access("one_factor", subjects);
  }

  /** Those who sign in with a password and a second factor. Without subjects: everybody who has an account. */
  public static twoFactor(...subjects: readonly Subject[]): Access {
    return new Access("two_factor", subjects);
  }

  private constructor(
    /** Authelia's policy. */
    public readonly policy: "bypass" | "one_factor" | "two_factor",
    /** Who may pass; empty means everybody who signs in. */
    public readonly subjects: readonly Subject[],
    /** Why nobody has to sign in. */
    public readonly reason?: string,
    /** Paths that are open all the same. */
    public readonly bypassed: readonly BypassedPaths[] = [],
  ) {
    for (const subject of subjects) {
      const names = typeof subject === "string" ? [subject] : subject;
      if (names.length === 0) throw new Error("a subject that means several at once must name at least one, got []");
      for (const name of names) {
        if (!/^(user|group|oauth2:client):[^\s:]+$/.test(name)) {
          throw new Error(
            `a subject must be "user:…", "group:…" or "oauth2:client:…", for example "group:family", got ${quote(name)}`,
          );
        }
      }
    }
  }

  /** The same, with paths that everybody reaches without sign-on: an API with tokens of its own, a webhook. */
  public bypass(paths: readonly [string, ...string[]], options: { readonly reason: string }): Access {
    checkReason(options.reason, "bypass()");
    if (this.policy === "bypass") throw new Error("a public route has nothing to bypass: remove bypass()");
    for (const path of paths) checkRoutePath(path, "bypass()");
    return new Access(this.policy, this.subjects, this.reason, [...this.bypassed, { paths, reason: options.reason }]);
  }
}

/** Refuses what is no path below the root, in the form in which Traefik and Authelia compare it. */
export function checkRoutePath(path: string, subject: string): void {
  if (
    !/^(\/[A-Za-z0-9._~!&'()*+,;=:@-]+)+$/.test(path) ||
    path.split("/").some((part) => part === "." || part === "..")
  ) {
    throw new Error(
      `${subject}: 'paths' must be paths below "/" without a slash at their end, for example "/api", got ${quote(path)}`,
    );
  }
}
