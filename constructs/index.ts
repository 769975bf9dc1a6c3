export * from "./access";
export * from "./access-control";
export * from "./backup";
export * from "./check";
export * from "./companion";
export * from "./config-file";
export * from "./content";
export * from "./data-format";
export * from "./duration";
export * from "./egress";
export type { Contribution, Mount, NetworkMembership, PublishedPort, Upload } from "./contribution";
export { FactList, type Said } from "./facts";
export { Firewall } from "./firewall";
export type { FirewallOpening, FirewallProps } from "./firewall-props";
export { Forwards, type Forward } from "./forwards";
export * from "./generations";
export * from "./hardening";
export * from "./heartbeat";
export * from "./host";
export type { HostView } from "./host-view";
export * from "./machine";
export * from "./host-path";
export * from "./image";
export * from "./ingress";
export * from "./job";
export * from "./lab";
export * from "./ledger";
export * from "./manifest";
export * from "./monitoring";
export { checkName, type NameKind } from "./names";
export * from "./need";
export * from "./part";
export { PartScope } from "./part-scope";
export * from "./port";
export * from "./postgres-database";
export type { PostgresDatabaseHandle } from "./postgres-handle";
export * from "./postgres-server";
export * from "./postgres-server-props";
export * from "./probe";
export { type Resources } from "./resources";
export * from "./route";
export { routerRules, unavailableRule } from "./router-rules";
export { Secret, type SecretEnvironment, type SecretEnvironmentOptions, type SecretPiece } from "./secret";
export {
  placeSecretFile,
  SecretFile,
  type GeneratedSecretOptions,
  type SecretFileHandle,
  type SecretFileOptions,
} from "./secret-file";
export { Secrets, type ISecrets } from "./secrets";
export * from "./service";
export * from "./size";
export { connectStacks } from "./stack-order";
export * from "./storage-layout";
export * from "./tmpfs";
export * from "./uptime-monitor";
export * from "./volume";
export { secretName, useSecret } from "./used-secret";
export type { IWorkload } from "./service-commons";
export { hold, type Held, type Keeping } from "./hold";
export { Workload } from "./workload";
export * from "./workload-props";
export * from "./zone";
