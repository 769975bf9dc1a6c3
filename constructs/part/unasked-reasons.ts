import { hostPrivilegeRule, mountPathRule, relocationRule } from "../../contract/reasons";
import { nearest } from "../../contract/nearest";
import { elements } from "../../contract/rendered-values";
import { alternatives, quote } from "../../contract/text";
import { HolderRegistry } from "../ledger/holder-registry";
import { privilegesOf } from "./privileges";
import type { IWorkload } from "./service-commons";

/**
 * Reasons that nothing asks for: a rule that was mistyped, or that the code no longer needs. What a container has of its
 * host, and where it has its data, only what was rendered shows.
 */
export function unaskedReasons(workloads: readonly IWorkload[]): string[] {
  const services = new Set(workloads.map(({ service }) => service));
  return [...services].flatMap((service) => {
    const given = Object.keys(service.acknowledgements);
    if (given.length === 0) return [];
    const known = new Set([
      ...HolderRegistry.of(service.host)
        .of(service.name)
        .map(({ part }) => relocationRule(part)),
      ...service.workloads.flatMap((workload) => rulesOf(workload, workloads)),
    ]);
    return given
      .filter((rule) => !known.has(rule))
      .map((rule) => {
        const near = nearest(rule, known);
        return `${service.subject}: acknowledge(${quote(rule)}) is a reason that nothing asks for: remove it, or name one of ${alternatives(near.length > 0 ? near : known)}`;
      });
  });
}

function rulesOf(workload: IWorkload, workloads: readonly IWorkload[]): string[] {
  const { keyPath, container } = workload;
  return [
    ...privilegesOf(workload, workloads).map(({ means }) => hostPrivilegeRule(keyPath, means)),
    ...elements(container.rendered?.mounts).map(({ target }) => mountPathRule(keyPath, String(target))),
  ];
}
