/** The middlewares that `traefik()` and `authelia()` define, as routers name them. */
export const MIDDLEWARES = {
  signOn: "authelia@file",
  lan: "lan@file",
  lanForwarded: "lan-forwarded@file",
  rateLimit: "rate-limit@file",
  rateLimitForwarded: "rate-limit-forwarded@file",
  strippedHeaders: "stripped-headers@file",
  securityHeaders: "security-headers@file",
} as const;

/** Such a middleware as its file calls it. */
export function middlewareName(middleware: string): string {
  return middleware.replace(/@file$/, "");
}
