import type { PartScope } from "./part-scope";

/**
 * Something that a service has: a route, a volume, a database. The record key under which a service names it is its
 * identity: construct id, Terraform address, ledger key and default name come from the key, never from the options.
 *
 * @typeParam H - what the part hands out for `files`, `environment` and `command`
 */
export interface IServicePart<H> {
  /**
   * The key that the part had before it was renamed, or all of it where it was in another container or service:
   * `paperless/media`, as the ledger writes it. Its data keeps name and address, and everything else is moved.
   *
   * @default - the part was never renamed
   */
  readonly formerly?: string;
  /** Defines the part's constructs and contributes to its container. Called once, when the container is made. */
  bind(part: PartScope): H;
}

/** Parts by their keys. */
export type Parts = Readonly<Record<string, IServicePart<unknown>>>;

/** What the parts of a service hand out, by their keys. */
export type Handles<P extends Parts> = { readonly [K in keyof P]: P[K] extends IServicePart<infer H> ? H : never };
