// What a lab is declared with. Who writes a kind of part of their own finds the rest in `cdktf-homelab/parts`.
import "./lab/late-archiver";
export { Access, type BypassedPaths, type Subject } from "./routing/access";
export { Backup, type BackupOptions, type Retention } from "./data/backup";
export { BackupAgent } from "./backup/backup-agent";
export type { BackupAgentProps } from "./backup/backup-agent-props";
export { BackupEngine, type BackupEngineOptions } from "./backup/engine";
export { Check, type CheckOptions } from "./files/check";
export {
  Companion,
  type CompanionHandle,
  type CompanionPostgresHandle,
  type CompanionPostgresOptions,
  type CompanionProps,
  type RedisHandle,
  type RedisOptions,
} from "./workload/companion";
export { ConfigFile, type ConfigFileHandle, type ConfigFileOptions } from "./files/config-file";
export { Content, Reload, type Placeholders } from "./files/content";
export type { Contribution, Mount, NetworkMembership, PublishedPort, Upload } from "./container/contribution";
export { DataFormat } from "./container/data-format";
export { Drill } from "./data/drill";
export { Duration } from "./values/duration";
export { Egress, type EgressTarget } from "./values/egress";
export { Firewall } from "./network/firewall";
export type { FirewallOpening, FirewallProps } from "./host/firewall-props";
export { Generations } from "../contract/generations";
export { Hardening } from "./container/hardening";
export { Heartbeat, type HeartbeatHandle, type HeartbeatOptions } from "./monitoring/heartbeat";
export { Host } from "./host";
export { HostPath, type HostPathHandle, type HostPathOptions } from "./data/host-path";
export type { HostView } from "./host/host-view";
export { Image } from "./container/image";
export { DnsTarget, Ingress, type RecordContent } from "./routing/ingress";
export { Job, type JobHandle, type JobOptions } from "./files/job";
export { Lab, type LabSettings } from "./lab/lab";
export { Ledger, type HolderKind, type HolderPlace, type LedgerEntry, type LedgerSecret } from "../contract/ledger";
export type { HostProps, HostSsh, ProxySettings } from "./host/machine";
export { MANIFEST_VERSION, type Manifest, type ServiceManifest } from "../contract/manifest";
export type { AccessControlDocument, AccessRule } from "../contract/access-rules";
export type {
  BackupFacts,
  CompanionFacts,
  DatabaseFacts,
  DataFormatFacts,
  HostPathFacts,
  HostPrivilegeFacts,
  JobFacts,
  MonitorFacts,
  PartFacts,
  PersonFacts,
  PortFacts,
  RouteFacts,
  SecretFacts,
  ServiceFacts,
  SignOnFacts,
  UnprotectedFacts,
} from "../contract/service-facts";
export type { DirectoryFacts, FileReload, FirewallFacts } from "../contract/host-facts";
export type { KeyPairKind, SecretKind, SecretShape, SecretUseFacts } from "../contract/secret-shapes";
export { Monitoring, type MonitoringProps } from "./monitoring/monitoring";
export { Need, type NeedOptions } from "./part/need";
export { formerly, type Handles, type IServicePart, type Parts } from "./part/part";
export { Port, type PortHandle, type PortOptions } from "./network/port";
export { PostgresDatabase, type PostgresDatabaseOptions } from "./postgres/postgres-database";
export type { PostgresDatabaseHandle } from "./postgres/postgres-handle";
export { PostgresServer } from "./postgres/postgres-server";
export type { ExistingPostgres, RunPostgres } from "./postgres/postgres-server-props";
export { Probe, type HealthCheck, type PortProbeOptions, type ProbeOptions } from "./container/probe";
export {
  Repository,
  type RepositoryOptions,
  type S3RepositoryOptions,
  type SshRepositoryOptions,
} from "./backup/repository";
export type { Resources } from "./container/resources";
export { Route, type RouteHandle, type RouteOptions } from "./routing/route";
export { Secret, type SecretEnvironment, type SecretEnvironmentOptions } from "./secrets/secret";
export {
  SecretFile,
  type GeneratedSecretOptions,
  type SecretFileHandle,
  type SecretFileOptions,
} from "./secrets/secret-file";
export { Secrets, type ISecrets } from "./lab/secrets";
export { HomelabService, type HomelabServiceProps, type ServiceAddress } from "./workload/service";
export { Size } from "./values/size";
export { StorageLayout, type VolumePlace } from "./host/storage-layout";
export { Tmpfs, type TmpfsHandle, type TmpfsOptions } from "./data/tmpfs";
export { UptimeMonitor, type HttpMonitorOptions, type MonitorOptions } from "./monitoring/uptime-monitor";
export { Volume, type VolumeOptions } from "./data/volume";
export { Workload } from "./workload/workload";
export type { Environment, WorkloadProps } from "./workload/workload-props";
export { Zone, type RecordRequest, type ZoneProps } from "./routing/zone";
