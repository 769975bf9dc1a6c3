import {
  defaultSecretName,
  knownSecrets,
  namesIn,
  secretSteps,
  type ServiceSecret,
} from "../../contract/known-secrets";
import { perLab, type Lab, type LabConcern } from "../lab/lab";
import type { LedgerSecret } from "../../contract/ledger-entry";
import { ledgerLine } from "../../contract/ledger-file";
import { formerKeysOf, waysFrom } from "../ledger/key-history";
import { Renames, type Contradiction } from "../ledger/renames";
import { quote } from "../../contract/text";

/** A secret as the store has it. */
interface Used extends ServiceSecret {
  readonly name: string;
  /** The key under which it was known. */
  readonly found: string | undefined;
  /** The key that the code names as a whole. */
  readonly whole: string | undefined;
}

/** What is known of secrets before the code is held against it. */
interface History {
  readonly renames: Renames;
  readonly known: ReadonlyMap<string, LedgerSecret>;
  readonly retired: ReadonlyMap<string, LedgerSecret>;
  /** The names that have a line in the ledger. */
  readonly named: ReadonlySet<string>;
}

/**
 * The names of the secrets that belong to services. A secret keeps its name for good, as what it opens does, whatever
 * the code calls its service since. A name that follows from the present service and part is in no line of the ledger:
 * the list of generations has it. Only another one has a line.
 */
export class SecretNames implements LabConcern {
  /** Those of the lab that a construct is in. */
  public static readonly of = perLab((lab) => new SecretNames(lab));

  private readonly used = new Map<string, Used>();
  private readonly given = new Map<string, string>();
  private history: History | undefined;

  private constructor(private readonly lab: Lab) {}

  /** The full name of a secret, given what its service and its word were before a rename. */
  public nameOf(now: ServiceSecret, before: ServiceSecret & { readonly isWhole: boolean }): string {
    const key = keyOf(now);
    const used = this.used.get(key);
    if (used) return used.name;
    const { renames, known, retired } = this.known;
    if (retired.has(key)) throw new Error(this.refuse(now, key));
    const former = before.isWhole
      ? [{ key: keyOf(before), isWhole: true }]
      : waysFrom(secretSteps(before), secretSteps(now));
    const { found } = renames.take(key, former, subjectOf(now));
    const name = (found === undefined ? undefined : known.get(found)?.name) ?? this.newName(now);
    this.used.set(key, { ...now, name, found, whole: before.isWhole ? keyOf(before) : undefined });
    this.given.set(name, key);
    return name;
  }

  /** Has the ledger keep the names that don't follow from the code. Returns findings. */
  public findings(): string[] {
    const { renames, known } = this.known;
    const contradictions = renames.contradictions().map((one) => this.tell(one));
    if (contradictions.length > 0) return contradictions;
    const { ledger } = this.lab;
    const all = [...this.used];
    for (const [key, { found }] of all) if (found !== undefined && found !== key) ledger.delete(found);
    for (const [key, { found, name, whole, ...own }] of all) {
      const before = found === undefined ? undefined : known.get(found);
      const former = formerKeysOf(key, before, { found, whole, isTaken: (one) => known.has(one) });
      if (name !== defaultSecretName(own) || former.formerKeys) ledger.set(key, { kind: "secret", name, ...former });
    }
    return [];
  }

  private get known(): History {
    if (this.history) return this.history;
    const { ledger, generations } = this.lab;
    const known = knownSecrets(ledger, generations);
    const renames = new Renames(known, [...ledger.entries, ...ledger.secrets]);
    this.history = { known, named: namesIn(ledger), retired: ledger.retiredSecrets, renames };
    return this.history;
  }

  /** The name of a new secret, which is not the one of another that had its key before: it would get its value. */
  private newName(now: ServiceSecret): string {
    const { named } = this.known;
    const isTaken = (name: string): boolean => named.has(name) || this.given.has(name);
    const wanted = defaultSecretName(now);
    if (!isTaken(wanted)) return wanted;
    let name = wanted;
    for (let number = 2; isTaken(name) || this.lab.generations.tryGet(name) !== undefined; number += 1)
      name = `${wanted}_${number}`;
    return name;
  }

  private refuse(now: ServiceSecret, key: string): string {
    return `${subjectOf(now)} is ${quote(key)} of ${this.lab.ledger.label}, which was retired: remove its value from the store and take the line out with "homelab retire ${key}" for a new value, or take "retired" out of the line to have the one that it had`;
  }

  private tell({ kind, key, former, subject }: Contradiction): string {
    const { known } = this.known;
    const name = known.get(former)?.name ?? "";
    if (kind === "both")
      return `${subject} was ${quote(name)}, as 'formerly' says, and is known as ${quote(known.get(key)?.name)} as well: remove 'formerly' to keep the latter, or take that out of ${this.lab.generations.label}`;
    if (kind === "again")
      return `${subject} was ${quote(former)} long since, as 'formerly' says, and ${quote(name)} is another one: remove 'formerly'`;
    return `${subject} is new, and ${quote(name)} was left behind under the name before: if it is the same, add the line ${ledgerLine(key, { kind: "secret", name, formerKeys: [former] })} to ${this.lab.ledger.label}; if not, give the part another key, or take that out of ${this.lab.generations.label}`;
  }
}

function keyOf(secret: ServiceSecret): string {
  return secretSteps(secret).join("/");
}

function subjectOf({ service, word }: ServiceSecret): string {
  return `service ${quote(service)}: its secret ${quote(word)}`;
}
