/** Characters of a path that programs read differently, and why one is let through. */
export type AllowedInPaths = Readonly<
  Partial<Record<"slash" | "backslash" | "semicolon" | "percent" | "questionMark" | "hash", string>>
>;

/** What the entry point refuses in a path. An encoded null character is nobody's. */
export function encodedCharacters(allowed: AllowedInPaths): Record<string, boolean> {
  return {
    allowEncodedSlash: "slash" in allowed,
    allowEncodedBackSlash: "backslash" in allowed,
    allowEncodedSemicolon: "semicolon" in allowed,
    allowEncodedPercent: "percent" in allowed,
    allowEncodedQuestionMark: "questionMark" in allowed,
    allowEncodedHash: "hash" in allowed,
    allowEncodedNullCharacter: false,
  };
}

/**
 * A router that is asked before all others and refuses semicolons as they are, which the entry point has no option for.
 * What begins with one is a parameter to some programs: to them `/open/..;/admin` is `/admin`, which is nobody's need.
 */
export function refusedPaths(entryPoint: string, allowed: AllowedInPaths): unknown {
  return {
    http: {
      routers: {
        "refused-paths": {
          rule: "semicolon" in allowed ? "PathRegexp(`/[.][.]?;`)" : "PathRegexp(`;`)",
          priority: 1_000_000,
          entryPoints: [entryPoint],
          tls: {},
          middlewares: ["refused"],
          service: "noop@internal",
        },
      },
      middlewares: { refused: { ipAllowList: { sourceRange: ["255.255.255.255"], rejectStatusCode: 400 } } },
    },
  };
}
