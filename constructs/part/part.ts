import type { PartScope } from "./part-scope";
import { quote } from "../../contract/text";

/**
 * Something that a service has: a route, a volume, a database. The record key under which a service names it is its
 * identity: construct id, Terraform address, ledger key and default name come from the key, never from the options.
 *
 * @typeParam H - what the part hands out for `files`, `environment` and `command`
 */
export interface IServicePart<H> {
  /**
   * The key that the part had before, as `formerly()` says.
   *
   * @default - the part was never renamed
   */
  readonly formerly?: string;
  /** Defines the part's constructs and contributes to its container. Called once, when the container is made. */
  bind(part: PartScope): H;
}

/**
 * Says what key a part had before it was renamed: `files: formerly("media", Volume.at("/data"))`. Its data keeps name
 * and address, its secrets keep their names, and everything else is moved. Works for every kind of part.
 *
 * @param key - the former key, or all of it where the part was in another container or service: `paperless/media`, as
 * the ledger writes it
 */
export function formerly<H>(key: string, part: IServicePart<H>): IServicePart<H> {
  if (typeof key !== "string" || !isPart(part))
    throw new Error(
      `formerly() takes a key and the part that had it, for example formerly("media", Volume.at("/data")), got ${quote(key)} and ${quote(part)}`,
    );
  if (part.formerly !== undefined)
    throw new Error(
      `formerly(${quote(key)}, …) is of a part that was ${quote(part.formerly)} already: give the latest key alone, the ledger has those before`,
    );
  return { formerly: key, bind: (scope: PartScope) => part.bind(scope) };
}

/** Refuses the former key of a part where the part has its options, in which it stood once. */
export function refuseFormerly({ subject }: PartScope, options: object): void {
  if ("formerly" in options)
    throw new Error(
      `${subject}: 'formerly' is no option of a part, got ${quote(options.formerly)}: wrap the part instead, for example formerly("media", Volume.at("/data"))`,
    );
}

/** Parts by their keys. */
export type Parts = Readonly<Record<string, IServicePart<unknown>>>;

/** What the parts of a service hand out, by their keys. */
export type Handles<P extends Parts> = { readonly [K in keyof P]: P[K] extends IServicePart<infer H> ? H : never };

function isPart(given: unknown): boolean {
  return typeof given === "object" && given !== null && "bind" in given;
}
