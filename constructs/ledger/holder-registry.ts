import { TerraformStack, type TerraformResource } from "cdktf";
import { formerNames } from "../lab/address-names";
import { isContinuousIntegration } from "../lab/ci";
import type { Holder, HolderRequest } from "./holder";
import { HolderHistory } from "./holder-history";
import { contradiction, subjectOf } from "./holder-messages";
import { afterMove, type Placed } from "./holder-moves";
import { knownPlaces, whereOf } from "./holder-places";
import { HolderStates } from "./holder-states";
import { formerKeysOf, type FormerKey } from "./key-history";
import { perLab, type Lab, type LabConcern } from "../lab/lab";
import { addressesOf, typeOf, type HolderPlace, type LedgerEntry } from "../../contract/ledger-entry";
import { ledgerLine } from "../../contract/ledger-file";
import { placeName, samePlace, type Namesake } from "./ledger-names";
import { tell } from "../../contract/news";
import { quote } from "../../contract/text";

/** A holder, what the ledger knows of it, and the resource that keeps its data once there is one. */
interface Declared extends Placed {
  /** The key under which the ledger has it. */
  readonly found: string | undefined;
  /** Keys that it had before the ledger remembered any. */
  readonly believed: readonly string[];
  there?: HolderPlace;
  /** The database that a program keeps in it. */
  database?: string;
  resource?: TerraformResource;
  /** The addresses that it had where it is, the present one last. */
  addresses: readonly string[];
}

/**
 * Everything in a lab that holds data, held against the ledger: names and addresses are frozen, whatever the code calls
 * it since; a move is refused until somebody says how the data follows, and what the code no longer declares is forgotten
 * by Terraform, never destroyed.
 */
export class HolderRegistry implements LabConcern {
  /** That of the lab that a construct is in. */
  public static readonly of = perLab((lab) => new HolderRegistry(lab));

  private readonly declared = new Map<string, Declared>();
  private readonly services = new Map<string, readonly Holder[]>();
  private readonly resources = new Set<TerraformResource>();
  /** The key of each holder, by its kind, place and name. */
  private readonly names = new Map<string, string>();
  private readonly states: HolderStates;
  private readonly added: string[] = [];
  private history: HolderHistory | undefined;

  private constructor(private readonly lab: Lab) {
    this.states = new HolderStates(lab);
  }

  /** Takes a holder and tells the name that it has. */
  public hold(request: HolderRequest): Holder {
    this.lab.checkOpen(`${subjectOf(request)} keeps ${request.kind} ${quote(request.defaultName)}`);
    const { found, believed } = this.known.take(request);
    const entry = found === undefined ? undefined : this.lab.ledger.tryGet(found);
    const known = entry ? knownPlaces(entry, request) : [];
    // What moves is named as its new place names things: a folder of another host's layout would be on no disk of it.
    const name = known[0]?.name ?? this.known.newName(request, found);
    const holder: Declared = { ...request, name, found, believed, known, database: entry?.database, addresses: [] };
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

  /** The entry that a key would have, without taking it. */
  public tryFind(key: string, former: readonly FormerKey[]): readonly [string, LedgerEntry] | undefined {
    const found = this.known.renames.find(key, former);
    const entry = found === undefined ? undefined : this.lab.ledger.tryGet(found);
    return found === undefined || !entry ? undefined : [found, entry];
  }

  /**
   * Says which resource keeps the data of a holder, before anything refers to it: the resource gets its address. Returns
   * the names in all addresses that the holder had where it is, the present one last.
   */
  public attach(holder: Holder, resource: TerraformResource): readonly string[] {
    const declared = this.declared.get(holder.key);
    if (!declared) return [];
    const type = resource.terraformResourceType;
    const stack = TerraformStack.of(resource).node.id;
    const { found, known } = declared;
    const keyed = { ...(found === undefined ? undefined : this.lab.ledger.tryGet(found)), key: found ?? holder.key };
    declared.there = known.find((place) => this.states.isIn(stack, keyed, place));
    // The resource of a folder may take the address that the folder had under another root: it holds nothing itself.
    const mayHave = ({ key, place }: Namesake): boolean =>
      key === found && declared.kind === "folder" && samePlace(place, holder.place);
    const name = TerraformStack.of(resource).getLogicalId(resource);
    const address = declared.there?.address ?? this.known.names.freeAddress(stack, type, name, mayHave);
    const before = [...(declared.there?.formerAddresses ?? []), ...this.believedAddresses(declared, resource, stack)];
    declared.addresses = addressesOf({ ...holder, address, formerAddresses: before });
    declared.resource = resource;
    this.resources.add(resource);
    const names = declared.addresses.map((one) => one.slice(typeOf(one).length + 1));
    resource.overrideLogicalId(names.at(-1) ?? name);
    return names;
  }

  /** Whether a resource keeps data: its address is the ledger's, and what is renamed moves it nowhere. */
  public keeps(resource: TerraformResource): boolean {
    return this.resources.has(resource);
  }

  /** All addresses that states may know the holders of a stack by, the present one of each last. */
  public waysIn(stack: TerraformStack): readonly (readonly string[])[] {
    return this.states.blocks.waysIn(stack);
  }

  /** The key of the holder whose address, in a stack, nothing else may have. */
  public keyAt(stack: TerraformStack, address: string): string | undefined {
    return this.states.blocks.keyAt(stack, address);
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

  /** What changed in it, for a message. */
  private summary(): string {
    const renamed = [...this.declared.values()].flatMap(({ key, found }) =>
      found === undefined || found === key ? [] : [`${key} was ${found}`],
    );
    const all = [...(this.added.length > 0 ? [`added ${this.added.join(", ")}`] : []), ...renamed];
    return all.join(", ") || "places or secrets changed, or the file was of an older version";
  }

  /** Compares the code with the ledger, updates the ledger and defines what releases holders. Returns findings. */
  public findings(): string[] {
    const holders = [...this.declared.values()];
    const entries = holders.map((holder) => [holder, this.reconcile(holder)] as const);
    const refused = entries.flatMap(([, entry]) => (typeof entry === "string" ? [entry] : []));
    const { ledger } = this.lab;
    const contradictions = this.known.renames.contradictions();
    const unclear = [...contradictions.map((one) => contradiction(one, ledger)), ...refused, ...this.releaseOthers()];
    if (unclear.length > 0) return unclear;
    // Names that were swapped would overwrite each other: all leave before any comes.
    for (const { key, found } of holders) if (found !== undefined && found !== key) ledger.delete(found);
    for (const [{ key }, entry] of entries) if (typeof entry !== "string") ledger.set(key, entry);
    const left = holders.flatMap((holder) => this.keep(holder));
    this.states.reachEngines();
    this.states.blocks.write();
    return left;
  }

  /** What holds data, by ledger key, released holders included. */
  public sections(): Readonly<Record<string, unknown>> {
    const { ledger } = this.lab;
    const entries = [...ledger.entries].map(
      ([key, entry]) => [key, { ...entry, released: !this.declared.has(key) }] as const,
    );
    return {
      ledger: Object.fromEntries(entries),
      retired: Object.fromEntries(ledger.retired),
      ledgerSecrets: Object.fromEntries([...ledger.secrets, ...ledger.retiredSecrets]),
      ledgerFile: ledger.file,
    };
  }

  /** Writes the ledger. */
  public save(isDryRun: boolean): void {
    const { ledger } = this.lab;
    if (!isDryRun && ledger.save()) tell(`${ledger.label} changed, commit it: ${this.summary()}`);
  }

  /** What the ledger had before the code was held against it. */
  private get known(): HolderHistory {
    this.history ??= new HolderHistory(this.lab.ledger, this.states);
    return this.history;
  }

  /** What the ledger has of a holder from now on, or a finding. */
  private reconcile(holder: Declared): LedgerEntry | string {
    const { ledger } = this.lab;
    const { key, place, resource, addresses, found, there, database, believed } = holder;
    const address = addresses.at(-1);
    if (!resource || address === undefined) throw new Error(`holder ${quote(key)} was never attached to a resource`);
    const before = found === undefined ? undefined : ledger.tryGet(found);
    const formerAddresses = addresses.slice(0, -1);
    const whole = holder.former.find(({ isWhole }) => isWhole)?.key;
    const isTaken = (one: string): boolean => ledger.tryGet(one) !== undefined;
    const formerKeys = formerKeysOf(key, before, { found, believed, whole, isTaken });
    const stack = TerraformStack.of(resource).node.id;
    const now: LedgerEntry = {
      kind: holder.kind,
      ...(there ? whereOf(there) : this.states.placeIn(stack, { ...formerKeys, key }, place)),
      address,
      ...(formerAddresses.length > 0 && { formerAddresses }),
      name: holder.name,
      ...(database !== undefined && { database }),
      ...formerKeys,
    };
    if (!before) {
      if (isContinuousIntegration() && ledger.file !== undefined)
        return `service ${quote(holder.owner.name)}: ${quote(key)} is not in ${ledger.label}, add the line ${ledgerLine(key, now)}`;
      this.added.push(key);
      return now;
    }
    if (typeOf(address) !== resource.terraformResourceType)
      return `${subjectOf(holder)} is kept by ${resource.terraformResourceType}, and the ledger has it as ${address}: Terraform would destroy what is there`;
    return afterMove(holder, before, now, this.states.isOfServer(stack, place));
  }

  /** Addresses that a state may have of a holder, by renames that the ledger knows nothing of. */
  private believedAddresses({ believed }: Declared, resource: TerraformResource, stack: string): string[] {
    if (believed.length === 0) return [];
    return formerNames(resource)
      .map((name) => `${resource.terraformResourceType}.${name}`)
      .filter((former) => this.known.names.withAddress(stack, former) === undefined);
  }

  /** Moves a holder from where a state may have it, and keeps what it left elsewhere. */
  private keep({ key, resource }: Declared): string[] {
    const entry = this.lab.ledger.tryGet(key);
    if (!entry || !resource) return [];
    this.states.keep(TerraformStack.of(resource), key, entry);
    // What a relocation left behind stays where it is: Terraform forgets it.
    return (entry.previous ?? []).flatMap((place) => this.states.release({ ...entry, key }, place));
  }

  private releaseOthers(): string[] {
    const taken = new Set([...this.declared.values()].flatMap(({ key, found }) => [found ?? key]));
    return [...this.lab.ledger.entries]
      .filter(([key]) => !taken.has(key))
      .flatMap(([key, entry]) =>
        [entry, ...(entry.previous ?? [])].flatMap((place) => this.states.release({ ...entry, key }, place)),
      );
  }
}
