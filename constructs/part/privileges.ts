import { GRANTS, hostPrivileges, meansOfPath, type HostFacts } from "../../contract/host-privilege";
import { FactList } from "../lab/facts";
import { HolderRegistry } from "../ledger/holder-registry";
import type { HostPathFacts, HostPrivilegeFacts } from "../../contract/service-facts";
import { hostPrivilegeRule } from "../../contract/reasons";
import { quote } from "../../contract/text";
import type { IWorkload } from "./service-commons";

/** The paths of the host that containers have and that are nobody's of the lab. */
export const HOST_PATHS = new FactList<HostPathFacts>("hostPaths");

/** What is to be known of a workload's host to judge what its container has there. */
export function hostFactsOf(workload: IWorkload, workloads: readonly IWorkload[]): HostFacts {
  const { host, serviceName, service: own } = workload;
  const folders = HolderRegistry.of(workload)
    .of(serviceName)
    .filter(({ kind }) => kind === "folder");
  return {
    deployer: host.props.ssh.user,
    folders: host.storage.folders,
    // Few containers mount a folder that is not their own, and only for these it is asked.
    get others() {
      const neighbours = workloads.filter(
        (one) => one.host.hostName === host.hostName && one.serviceName !== serviceName,
      );
      return [...new Set(neighbours.map(({ service }) => service.physicalName))];
    },
    own: [host.storage.files(own.physicalName), ...folders.map(({ name }) => name)],
  };
}

/** What a container has of its host, as it was rendered last, each with the reason that the code gives. */
export function privilegesOf(workload: IWorkload, workloads: readonly IWorkload[]): readonly HostPrivilegeFacts[] {
  const { service, containerName, container } = workload;
  const paths = service.said(HOST_PATHS).filter((path) => path.container === containerName);
  return hostPrivileges(container.rendered ?? {}, hostFactsOf(workload, workloads)).map(({ means, grants }) => {
    const declared = paths.find(({ path }) => meansOfPath(path) === means);
    const reason = declared?.reason ?? service.acknowledged(hostPrivilegeRule(workload.keyPath, means));
    return {
      ...(declared && { part: declared.part }),
      container: containerName,
      means,
      grants,
      ...(reason !== undefined && { reason }),
    };
  });
}

/** What reaches further than a device needs a reason. */
export function privilegeFindings(workloads: readonly IWorkload[]): string[] {
  return workloads.flatMap((workload) => withoutReason(workload, privilegesOf(workload, workloads)));
}

function withoutReason(workload: IWorkload, privileges: readonly HostPrivilegeFacts[]): string[] {
  return privileges.flatMap(({ part, means, grants, reason }) => {
    if (reason !== undefined || grants === "device") return [];
    const instead =
      part === undefined
        ? `acknowledge(${quote(hostPrivilegeRule(workload.keyPath, means))}, "…")`
        : `'reason' of part ${quote(part)}`;
    return [
      `${workload.subject}: ${quote(means)} gives whoever is in the container ${GRANTS[grants]} ${quote(workload.host.hostName)}: remove it, or say why in ${instead}`,
    ];
  });
}
