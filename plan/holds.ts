import { hostPrivileges, type HostFacts } from "../contract/host-privilege";
import type { Manifest } from "../contract/manifest";
import type { HostPrivilegeFacts } from "../contract/service-facts";
import { containersOf, type LabContainer, type WrittenLab } from "./containers";

/** A hold of a container on its host. */
export interface Hold extends HostPrivilegeFacts {
  /**
   * The service.
   *
   * @default - none: the container was made past the library
   */
  readonly service?: string;
  /** The host. */
  readonly host: string;
}

/** What containers have of their hosts, as Terraform is told to make them; the manifest says which part, and why. */
export function holdsOf(lab: WrittenLab): Hold[] {
  const { services } = lab.manifest;
  return containersOf(lab).flatMap((container) => {
    const { name, host, service, attributes } = container;
    const declared = services.find((one) => one.name === service)?.privileges ?? [];
    return hostPrivileges(attributes, factsOf(lab.manifest, container)).map(({ means, grants }): Hold => {
      const { part, reason } = declared.find((one) => one.container === name && one.means === means) ?? {};
      return {
        ...(service !== undefined && { service }),
        ...(part !== undefined && { part }),
        container: name,
        host,
        means,
        grants,
        ...(reason !== undefined && { reason }),
      };
    });
  });
}

function factsOf({ hosts, services, ledger }: Manifest, { host, service }: LabContainer): HostFacts {
  const { ssh, folders = [] } = hosts.find(({ name }) => name === host) ?? {};
  const neighbours = services.filter((one) => one.host === host && one.name !== service);
  const self = services.find(({ name }) => name === service);
  return {
    deployer: ssh?.user ?? "root",
    folders,
    others: neighbours.map(({ container }) => container),
    own: self
      ? [
          ...self.data.flatMap(({ key }) => ledger[key]?.name ?? []),
          ...folders.map((folder) => `${folder}/${self.container}`),
        ]
      : [],
  };
}
