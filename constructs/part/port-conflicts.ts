import { quote } from "../../contract/text";
import type { IWorkload } from "./service-commons";

interface TakenPort {
  readonly ip: string;
  readonly port: number;
  readonly protocol: string;
  readonly by: string;
}

/** Ports that two containers of a host would listen on, or a container and the host itself. */
export function portConflicts(workloads: readonly IWorkload[]): string[] {
  const byPort = new Map<string, TakenPort[]>();
  const take = (host: string, taken: TakenPort): string[] => {
    const key = `${host} ${taken.port}/${taken.protocol}`;
    const others = byPort.get(key) ?? [];
    byPort.set(key, [...others, taken]);
    return others
      .filter(({ ip }) => ip === taken.ip || isAny(ip) || isAny(taken.ip))
      .map(
        ({ by }) =>
          `${taken.by}: port ${quote(`${taken.port}/${taken.protocol}`)} of host ${quote(host)} is already taken by ${by}, publish it as another one`,
      );
  };
  const hosts = new Map(workloads.map(({ host }) => [host.hostName, host]));
  for (const [name, { props }] of hosts)
    take(name, { ip: ANY, port: props.ssh.port ?? 22, protocol: "tcp", by: "sshd, which deployments need" });
  return workloads.flatMap((workload) => {
    const { hostName } = workload.host;
    const by = workload.subject;
    if (workload.onHostNetwork)
      return workload.port === undefined ? [] : take(hostName, { ip: ANY, port: workload.port, protocol: "tcp", by });
    return workload.publishedPorts.flatMap(({ ip, external, protocol }) =>
      take(hostName, { ip, port: external, protocol, by }),
    );
  });
}

const ANY = "0.0.0.0";

function isAny(ip: string): boolean {
  return ip === ANY || ip === "::";
}
