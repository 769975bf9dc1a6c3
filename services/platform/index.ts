export * from "./authelia";
export { Users, type LdapOptions, type User } from "./authelia-users";
export * from "./cloudflared";
export * from "./traefik";
