// What a lab is declared with. Who writes a kind of part of their own finds the rest in `cdktf-homelab/parts`.
import "./late-archiver";
export { Access, type BypassedPaths, type Subject } from "./access";
export { Backup, type BackupOptions, type Retention } from "./backup";
export { Check, type CheckOptions } from "./check";
export {
  Companion,
  type CompanionHandle,
  type CompanionOptions,
  type CompanionPostgresHandle,
  type CompanionPostgresOptions,
  type CompanionProps,
  type RedisHandle,
  type RedisOptions,
} from "./companion";
export { ConfigFile, type ConfigFileHandle, type ConfigFileOptions } from "./config-file";
export { Content, Reload, type Placeholders } from "./content";
export type { Contribution, Mount, NetworkMembership, PublishedPort, Upload } from "./contribution";
export { DataFormat } from "./data-format";
export { Duration } from "./duration";
export { Egress, type EgressTarget } from "./egress";
export { Firewall } from "./firewall";
export type { FirewallOpening, FirewallProps } from "./firewall-props";
export { Generations } from "./generations";
export { Hardening } from "./hardening";
export { Heartbeat, type HeartbeatHandle, type HeartbeatOptions } from "./heartbeat";
export { Host } from "./host";
export { HostPath, type HostPathHandle, type HostPathOptions } from "./host-path";
export type { HostView } from "./host-view";
export { Image } from "./image";
export { DnsTarget, Ingress, type RecordContent } from "./ingress";
export { Job, type JobHandle, type JobOptions } from "./job";
export { Lab, type LabSettings } from "./lab";
export { Ledger, type HolderKind, type HolderPlace, type LedgerEntry, type LedgerSecret } from "./ledger";
export type { HostProps, HostSsh, ProxySettings } from "./machine";
export {
  MANIFEST_VERSION,
  type AccessControlDocument,
  type AccessRule,
  type BackupFacts,
  type CompanionFacts,
  type DatabaseFacts,
  type DataFormatFacts,
  type DirectoryFacts,
  type FileReload,
  type FirewallFacts,
  type HostPathFacts,
  type HostPrivilegeFacts,
  type JobFacts,
  type KeyPairKind,
  type Manifest,
  type MonitorFacts,
  type PartFacts,
  type PersonFacts,
  type PortFacts,
  type RouteFacts,
  type SecretFacts,
  type SecretKind,
  type SecretShape,
  type SecretUseFacts,
  type ServiceFacts,
  type ServiceManifest,
  type SignOnFacts,
  type UnprotectedFacts,
} from "./manifest";
export { Monitoring, type MonitoringProps } from "./monitoring";
export { Need, type NeedOptions } from "./need";
export type { Handles, IServicePart, Parts } from "./part";
export { Port, type PortHandle, type PortOptions } from "./port";
export { PostgresDatabase, type PostgresDatabaseOptions } from "./postgres-database";
export type { PostgresDatabaseHandle } from "./postgres-handle";
export { PostgresServer } from "./postgres-server";
export type { ExistingPostgres, RunPostgres } from "./postgres-server-props";
export { Probe, type HealthCheck, type PortProbeOptions, type ProbeOptions } from "./probe";
export type { Resources } from "./resources";
export { Route, type RouteHandle, type RouteOptions } from "./route";
export { Secret, type SecretEnvironment, type SecretEnvironmentOptions } from "./secret";
export { SecretFile, type GeneratedSecretOptions, type SecretFileHandle, type SecretFileOptions } from "./secret-file";
export { Secrets, type ISecrets } from "./secrets";
export { HomelabService, type HomelabServiceProps, type ServiceAddress } from "./service";
export { Size } from "./size";
export { StorageLayout, type VolumePlace } from "./storage-layout";
export { Tmpfs, type TmpfsHandle, type TmpfsOptions } from "./tmpfs";
export { UptimeMonitor, type HttpMonitorOptions, type MonitorOptions } from "./uptime-monitor";
export { Volume, type VolumeOptions } from "./volume";
export { Workload } from "./workload";
export type { Environment, WorkloadProps } from "./workload-props";
export { Zone, type RecordRequest, type ZoneProps } from "./zone";
