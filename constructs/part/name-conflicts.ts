import { quote } from "../../contract/text";
import type { IWorkload } from "./service-commons";

/**
 * Names that two containers of a host would share: the engine refuses a second container of a name, and Traefik drops
 * a router or middleware that two containers say differently, without a word to whoever asks for the page.
 */
export function nameConflicts(workloads: readonly IWorkload[]): string[] {
  const containers = new Map<string, IWorkload>();
  const routers = new Map<string, { readonly by: IWorkload; readonly value: string }>();
  const found = workloads.flatMap((workload) => {
    const { hostName } = workload.host;
    const name = `${hostName} ${workload.containerName}`;
    const other = containers.get(name);
    containers.set(name, workload);
    const twice = other
      ? [
          `${workload.subject}: the container ${quote(workload.containerName)} of host ${quote(hostName)} is also that of ${other.subject}, rename one`,
        ]
      : [];
    return [...twice, ...workload.labels.flatMap(([label, value]) => inProxy(workload, label, value))];
  });
  return [...new Set(found)];

  function inProxy(workload: IWorkload, label: string, value: string): string[] {
    const [, kind, name] = /^traefik\.[a-z]+\.(router|middleware)s\.([^.]+)\./.exec(label) ?? [];
    if (kind === undefined) return [];
    const key = `${workload.host.hostName} ${label}`;
    const known = routers.get(key);
    if (!known) routers.set(key, { by: workload, value });
    if (!known || known.by === workload || known.value === value) return [];
    return [
      `${workload.subject}: the ${kind} ${quote(name)} of the proxy on host ${quote(workload.host.hostName)} is also that of ${known.by.subject}, rename one`,
    ];
  }
}
