import type { IConstruct } from "constructs";
import type { Contribution } from "../container/contribution";
import type { FactList, Said } from "../lab/facts";
import type { PartFacts } from "../../contract/service-facts";
import type { IWorkload } from "./service-commons";
import { kebabCase, quote } from "../../contract/text";

/**
 * What a part is handed to be bound: who it is, and the doors to its container and its service. It is the same for the
 * parts of the library and for those of somebody else.
 */
export class PartScope {
  public constructor(
    /** The container that it is a part of, and the scope of its constructs; their id is `key`. */
    public readonly workload: IWorkload,
    /** Its key there. */
    public readonly key: string,
    /** The key that it had before it was renamed, or all of it where it was in another container or service. */
    public readonly formerly?: string,
  ) {}

  /** Its place in the service: its key, or `companion.key`. */
  public get path(): string {
    return [...this.workload.keyPath, this.key].join(".");
  }

  /** The part in messages: `service "paperless", part "db"`. */
  public get subject(): string {
    return `${this.workload.subject}, part ${quote(this.key)}`;
  }

  /** Its key for names that have hyphens and no capitals. */
  public get slug(): string {
    return kebabCase(this.key);
  }

  /** Adds to the container. */
  public contribute(contribution: Contribution): void {
    this.workload.contribute(this.key, contribution);
  }

  /** Says what it is, in the list of its kind. */
  public say<T extends PartFacts>(list: FactList<T>, fact: Said<T>): void {
    const { service, containerName } = this.workload;
    service.say(list, { part: this.path, container: containerName }, fact);
  }

  /**
   * The scope for constructs inside an owner of another stack: a zone, a database server. Their addresses there begin
   * with the service's name.
   */
  public scopeIn(owner: IConstruct): IConstruct {
    return this.workload.scopeIn(owner);
  }

  /** Runs when all parts of the service are bound, for a part that needs its siblings. */
  public whenBound(complete: () => void): void {
    this.workload.service.whenBound(complete);
  }

  /** Says that it needs something outside the host, which a restricted egress then lets through. */
  public reaches(address: string, port: number): void {
    this.workload.service.reaches(`${this.workload.subject}: part ${quote(this.key)}`, address, port);
  }
}
