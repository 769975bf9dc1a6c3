export * from "./authelia";
export { Users, type LdapOptions, type User } from "./authelia-users";
export * from "./backup-agent";
export * from "./cloudflared";
export { forwardedRoutes } from "./forwarded-routes";
export * from "./traefik";
