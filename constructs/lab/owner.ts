import { Construct } from "constructs";

/**
 * Something that services attach to and that owns what they ask it for: a host, a zone, a database server, the
 * monitoring. Its own id is no part of its children's addresses, which begin with the name of a service.
 */
export abstract class Owner extends Construct {
  /** Whether a construct is an owner. */
  public static is(construct: unknown): construct is Owner {
    return construct instanceof Owner;
  }
}
