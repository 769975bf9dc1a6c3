import { stacksOf, type OwnStacks } from "../../contract/holder-stacks";
import { addressesOf, kindOf, type HolderKind, type HolderPlace, type LedgerEntry } from "../../contract/ledger-entry";
import { quote } from "../../contract/text";

/** Where something is: on a host or in a database server. */
export type Where = Pick<HolderPlace, "host" | "server">;

/** A host or a server in messages. */
export function placeName({ host, server }: Where): string {
  return host !== undefined ? `host ${quote(host)}` : `database server ${quote(server)}`;
}

/** Whether two are on one host or in one server. */
export function samePlace(a: Where, b: Where): boolean {
  return a.host === b.host && a.server === b.server;
}

/** Something that has a name already, and the keys of what has it. */
export interface Namesake {
  readonly key: string;
  /** @default - it was never renamed */
  readonly formerKeys?: readonly string[];
  readonly place: HolderPlace;
}

/**
 * The names and addresses that entries of the ledger have or had: living, released and retired ones, and what they left
 * in other places. Nothing else gets one of them, or it would be taken for what is there: a name on its host or server,
 * an address in its state.
 */
export class LedgerNames {
  private readonly names = new Map<string, Namesake>();
  private readonly addresses = new Map<string, Namesake[]>();
  private readonly folders: Namesake[] = [];

  public constructor(
    entries: Iterable<readonly [string, LedgerEntry]>,
    private readonly stacks: OwnStacks,
  ) {
    for (const [key, entry] of entries) {
      for (const place of [entry, ...(entry.previous ?? [])]) {
        const kind = kindOf(place) ?? entry.kind;
        const one = { key, formerKeys: entry.formerKeys, place };
        this.names.set(nameId(kind, place), one);
        if (kind === "folder") this.folders.push(one);
        for (const address of addressesOf(place))
          this.addresses.set(address, [...(this.addresses.get(address) ?? []), one]);
      }
    }
  }

  /** What has a name, or has a folder that is, holds or lies in that one. */
  public withName(kind: HolderKind, where: Where, name: string): Namesake | undefined {
    if (kind !== "folder") return this.names.get(nameId(kind, { ...where, name }));
    return this.folders.find(({ place }) => samePlace(place, where) && overlaps(place.name, name));
  }

  /** The key of what has or had an address in the state of a stack. */
  public withAddress(stack: string, address: string): string | undefined {
    return this.allWith(stack, address)[0]?.key;
  }

  /** An address that nothing has and nothing had: the given one, or one with a number behind it. */
  public freeAddress(stack: string, type: string, name: string, mayHave: (other: Namesake) => boolean): string {
    const isFree = (address: string): boolean => this.allWith(stack, address).every(mayHave);
    let address = `${type}.${name}`;
    for (let number = 2; !isFree(address); number += 1) address = `${type}.${name}_${number}`;
    return address;
  }

  private allWith(stack: string, address: string): Namesake[] {
    const all = this.addresses.get(address) ?? [];
    return all.filter((one) => stacksOf(one, one.place, this.stacks).includes(stack));
  }
}

function nameId(kind: HolderKind, place: Where & { readonly name: string }): string {
  return `${kind} ${place.name} ${placeName(place)}`;
}

function overlaps(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}
