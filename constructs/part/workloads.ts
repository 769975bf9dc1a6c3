import { perLab, type LabConcern } from "../lab/lab";
import { nameConflicts } from "./name-conflicts";
import { portConflicts } from "./port-conflicts";
import { privilegeFindings } from "./privileges";
import { unaskedReasons } from "./unasked-reasons";
import type { IWorkload, ServiceCommons } from "./service-commons";

/** The containers of all services of a lab, companions included, in the order in which they were declared. */
export class Workloads implements LabConcern {
  /** Those of the lab that a construct is in. */
  public static readonly of = perLab(() => new Workloads());

  private readonly declared: IWorkload[] = [];

  private constructor() {}

  /** Takes a container. */
  public add(workload: IWorkload): void {
    this.declared.push(workload);
  }

  /** All of them. */
  public get all(): readonly IWorkload[] {
    return [...this.declared];
  }

  /** Those of a host. */
  public on(hostName: string): readonly IWorkload[] {
    return this.declared.filter(({ host }) => host.hostName === hostName);
  }

  /** Their services. */
  public get services(): readonly ServiceCommons[] {
    return [...new Set(this.declared.map(({ service }) => service))];
  }

  /** Ports and names that two of them would have. */
  public findings(): readonly string[] {
    return [...portConflicts(this.declared), ...nameConflicts(this.declared)];
  }

  /** What one has of its host without a reason, and reasons without anything that asks: only what was rendered shows. */
  public findingsOfRendered(): readonly string[] {
    return [...privilegeFindings(this.declared), ...unaskedReasons(this.declared)];
  }
}
