import type { HolderKind } from "../../contract/ledger-entry";
import type { FormerKey } from "./key-history";

/** What asks for a place to keep data. */
export interface HolderRequest {
  /** Identity in the ledger, `service/part`. */
  readonly key: string;
  /** The identities that it may have had before renames. */
  readonly former: readonly FormerKey[];
  /** What holds the data. */
  readonly kind: HolderKind;
  /** The host or the server. */
  readonly place: { readonly host: string } | { readonly server: string };
  /**
   * The folder in which the host's layout keeps a folder, as `<root>/<service>/<part>`. One that is elsewhere belongs
   * to another layout.
   *
   * @default - it is kept wherever it is
   */
  readonly root?: string;
  /** The name that a new holder gets. */
  readonly defaultName: string;
  /** The service, for messages and for its acknowledgements. */
  readonly owner: { readonly name: string; acknowledged(rule: string): string | undefined };
  /** The part's key, for messages. */
  readonly part: string;
}

/** A place to keep data, with the name that was frozen for it. */
export interface Holder extends HolderRequest {
  /** The name on the host or server. */
  readonly name: string;
}
