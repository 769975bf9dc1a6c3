import { TerraformStack, type TerraformResource } from "cdktf";
import { isContinuousIntegration, type Lab } from "./lab";
import { ledgerLine } from "./ledger-file";
import { kindOf } from "./ledger-entry";
import { hasData, type HolderKind, type HolderPlace, type LedgerEntry } from "./ledger";
import { quote } from "./text";

/** What asks for a place to keep data. */
export interface HolderRequest {
  /** Identity in the ledger, `service/part`. */
  readonly key: string;
  /**
   * The identity it had before a rename.
   *
   * @default - it was never renamed
   */
  readonly formerKey?: string;
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

/** A holder, and the resource that keeps its data once there is one. */
interface Declared extends Holder {
  /** The database that a program keeps in it. */
  database?: string;
  resource?: TerraformResource;
}

/**
 * Everything in a lab that holds data, held against the ledger: names are frozen, a move is refused until somebody
 * says how the data follows, and what the code no longer declares is forgotten by Terraform, never destroyed.
 */
export class HolderRegistry {
  private readonly declared = new Map<string, Declared>();
  private readonly services = new Map<string, readonly Holder[]>();
  /** The key of each holder, by its kind, place and name. */
  private readonly names = new Map<string, string>();
  private readonly added: string[] = [];

  public constructor(private readonly lab: Lab) {}

  /** Takes a holder and tells the name that it has. */
  public hold(request: HolderRequest): Holder {
    const entry = this.entryOf(request);
    // What moves is named as its new place names things: a folder of another host's layout would be on no disk of it.
    const stays = entry !== undefined && isKeptBy(entry, request);
    const name = stays ? entry.name : request.defaultName;
    this.refuseRetired(request, name);
    const holder: Declared = { ...request, name, database: entry?.database };
    const identity = [holder.kind, placeName(holder.place), holder.name].join(" ");
    const other = this.names.get(identity);
    if (other !== undefined) {
      throw new Error(
        `service ${quote(holder.owner.name)}: ${holder.kind} ${quote(holder.name)} of part ${quote(holder.part)} is already ${quote(other)}, give one of them a 'name' of its own`,
      );
    }
    this.names.set(identity, holder.key);
    const siblings = this.services.get(holder.owner.name) ?? [];
    this.services.set(holder.owner.name, [...siblings, holder]);
    this.declared.set(request.key, holder);
    return holder;
  }

  /** What was retired may still be there: a new holder of its name would begin with its data, or lose it to it. */
  private refuseRetired({ key, kind, place, owner, part }: HolderRequest, name: string): void {
    const [found] = [...this.lab.ledger.retired].find(
      ([other, entry]) =>
        other === key ||
        [entry, ...(entry.previous ?? [])].some(
          (one) => kindOf(one) === kind && samePlace(one, place) && one.name === name,
        ),
    ) ?? [undefined];
    if (found === undefined) return;
    throw new Error(
      `service ${quote(owner.name)}: part ${quote(part)} would be ${kind} ${quote(name)}, and ${quote(found)} of ${this.lab.ledger.label} was retired with that key or name: deploy, destroy what is left of it, then take its line out with "homelab retire ${found}", or give the part another key${found === key ? "" : " or 'name'"}`,
    );
  }

  /** Says which resource keeps the data of a holder. */
  public attach(holder: Holder, resource: TerraformResource): void {
    const declared = this.declared.get(holder.key);
    if (declared) declared.resource = resource;
  }

  /** Freezes the name of the database that a program keeps in a holder. */
  public keepDatabase(key: string, database: string): void {
    const declared = this.declared.get(key);
    if (declared) declared.database = database;
  }

  /** The holders of a service, in the order of their keys. */
  public of(service: string): readonly Holder[] {
    return [...(this.services.get(service) ?? [])].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Whether the code still declares a ledger key. */
  public isDeclared(key: string): boolean {
    return this.declared.has(key);
  }

  /** What `close()` added, for a message. */
  public summary(): string {
    return this.added.length > 0 ? `added ${this.added.join(", ")}` : "holders moved or renamed";
  }

  /** Compares the code with the ledger, updates the ledger and defines what releases holders. Returns findings. */
  public close(): string[] {
    return [...[...this.declared.values()].flatMap((holder) => this.reconcile(holder)), ...this.releaseOthers()];
  }

  private entryOf({ key, formerKey }: HolderRequest): LedgerEntry | undefined {
    return this.lab.ledger.tryGet(key) ?? (formerKey === undefined ? undefined : this.lab.ledger.tryGet(formerKey));
  }

  private reconcile(holder: Declared): string[] {
    const { ledger } = this.lab;
    const { resource } = holder;
    if (!resource) throw new Error(`holder ${quote(holder.key)} was never attached to a resource`);
    const subject = `service ${quote(holder.owner.name)}`;
    const now: LedgerEntry = {
      kind: holder.kind,
      ...holder.place,
      address: `${resource.terraformResourceType}.${resource.friendlyUniqueId}`,
      name: holder.name,
      ...(holder.database !== undefined && { database: holder.database }),
    };
    const before = this.entryOf(holder);
    if (!before) {
      if (isContinuousIntegration() && ledger.file !== undefined) {
        return [
          `${subject}: ${quote(holder.key)} is not in ${ledger.label}, add the line ${ledgerLine(holder.key, now)}`,
        ];
      }
      ledger.set(holder.key, now);
      this.added.push(holder.key);
      return [];
    }
    const renamed = ledger.tryGet(holder.key) === undefined;
    if (!isKeptBy(before, holder)) {
      const rule = `relocation:${holder.part}`;
      if (hasData(now) && holder.owner.acknowledged(rule) === undefined) {
        return [
          `${subject}: part ${quote(holder.part)} moves from ${before.kind} ${quote(before.name)} on ${placeName(before)} to ${now.kind} ${quote(now.name)} on ${placeName(now)}, which starts empty: copy the data, then say how in acknowledge(${quote(rule)}, "…")${samePlace(before, now) && before.kind === now.kind ? `, or leave it where it is by 'name'` : ""}`,
        ];
      }
      const { previous = [], database: _database, ...left } = before;
      ledger.set(holder.key, { ...now, previous: [...previous, { ...stripKind(left) }] });
    } else if (before.address !== now.address && !renamed) {
      return [
        `${subject}: part ${quote(holder.part)} changes its address from ${before.address} to ${now.address}, which would destroy its data: keep the address, or rename it with 'formerly'`,
      ];
    } else {
      ledger.set(holder.key, { ...now, ...(before.previous && { previous: before.previous }) });
    }
    if (renamed && holder.formerKey !== undefined) ledger.delete(holder.formerKey);
    return this.releasePrevious(holder.key);
  }

  /** What a relocation left behind stays where it is: Terraform forgets it. */
  private releasePrevious(key: string): string[] {
    return (this.lab.ledger.tryGet(key)?.previous ?? []).flatMap((place) => this.release(key, place));
  }

  private releaseOthers(): string[] {
    return [...this.lab.ledger.entries]
      .filter(([key]) => !this.declared.has(key))
      .flatMap(([key, entry]) => [entry, ...(entry.previous ?? [])].flatMap((place) => this.release(key, place)));
  }

  private release(key: string, place: HolderPlace): string[] {
    const [type] = place.address.split(".");
    const owner = place.host !== undefined ? this.lab.hosts.get(place.host) : this.lab.servers.get(place.server ?? "");
    if (!owner) {
      return [
        `${this.lab.ledger.label}: ${quote(key)} holds data on ${placeName(place)}, which is not in the lab: put it back, or retire the data with "homelab retire ${key}"`,
      ];
    }
    if (type === "postgresql_role") this.lab.servers.get(place.server ?? "")?.releaseRole(place);
    else if (type !== "null_resource") forget(TerraformStack.of(owner), place.address);
    return [];
  }
}

const forgotten = new WeakMap<TerraformStack, Map<string, unknown>>();

/** Lets Terraform drop a resource from its state and leave the thing itself alone. */
function forget(stack: TerraformStack, address: string): void {
  const blocks = forgotten.get(stack) ?? new Map<string, unknown>();
  forgotten.set(stack, blocks.set(address, { from: address, lifecycle: { destroy: false } }));
  stack.addOverride(
    "removed",
    [...blocks.keys()].sort().map((from) => blocks.get(from)),
  );
}

/** Whether what the ledger has is where the code wants it: on the host or server, as the kind, in the layout. */
function isKeptBy(entry: LedgerEntry, { kind, place, root }: Pick<HolderRequest, "kind" | "place" | "root">): boolean {
  if (entry.kind !== kind || !samePlace(entry, place)) return false;
  if (root === undefined || kind !== "folder") return true;
  return entry.name.startsWith(`${root}/`) && entry.name.slice(root.length + 1).split("/").length === 2;
}

function samePlace(a: Pick<HolderPlace, "host" | "server">, b: Pick<HolderPlace, "host" | "server">): boolean {
  return a.host === b.host && a.server === b.server;
}

function placeName(place: Pick<HolderPlace, "host" | "server">): string {
  return place.host !== undefined ? `host ${quote(place.host)}` : `database server ${quote(place.server)}`;
}

function stripKind({ kind: _kind, ...place }: LedgerEntry): HolderPlace {
  return place;
}
