// What the library's own parts are written with, for parts, owners and services of one's own: see
// docs/guides/writing-a-part.md.
import "./lab/late-archiver";
export { AccessControl, type GuardedRoute } from "./routing/access-control";
export type { Contribution, Mount, NetworkMembership, PublishedPort, Upload } from "./container/contribution";
export { checkFileOwner } from "./host/deploy-user";
export { FactList, type Said } from "./lab/facts";
export { Forwards, type Forward } from "./routing/forwards";
export { hold, type Held, type Keeping } from "./data/hold";
export type { Holder, HolderRequest } from "./ledger/holder";
export { HolderRegistry } from "./ledger/holder-registry";
export { HostDirectory, type HostDirectoryProps } from "./host/host-directory";
export type { HostFile } from "./host/host-file";
export { HostScript, type HostScriptProps, type LateText, type Removal, type ScriptHost } from "./host/host-script";
export { HostView } from "./host/host-view";
export { perLab, type LabConcern, type OfLab } from "./lab/lab";
export type { PartFacts } from "../contract/service-facts";
export { Members } from "./lab/members";
export {
  checkAbsolutePath,
  checkMode,
  checkName,
  checkOwner,
  checkPort,
  checkReason,
  type NameKind,
} from "./values/names";
export { checkNetwork, checkProtocol, isNetwork } from "../contract/networks";
export { Owner } from "./lab/owner";
export type { Handles, IServicePart, Parts } from "./part/part";
export { PartScope } from "./part/part-scope";
export { directoryAt, fileReader } from "./files/placed-files";
export { routerRules, unavailableRule } from "../contract/router-rules";
export type { SecretPiece } from "./host/secret-pieces";
export { placeSecretFile, secretPath } from "./secrets/secret-file";
export { SecretUses, type SecretUse, type UsedSecret } from "./secrets/secret-uses";
export type { IWorkload, ServiceCommons } from "./part/service-commons";
export { connectStacks } from "./lab/stack-order";
export { alternatives, kebabCase, literal, quote, shellWord, snakeCase } from "../contract/text";
export { checkFileText, checkText } from "./values/text-limits";
export { secretName, useSecret, type NamedSecret } from "./secrets/used-secret";
export { Workloads } from "./part/workloads";
export { toYaml } from "../contract/yaml";
