import * as path from "node:path";
import * as fs from "node:fs";
import { Ledger, type LedgerEntry } from "../../constructs";
import { isRun, partsOf, serverName, type Code } from "./code";
import { apply, type Edit } from "./edits";
import type { Memory } from "./editing";
import { FIRST, settle, understand, type Commit } from "./line";
import { merge } from "./merge";
import { keyKnowing, knows, secretsOf, STAGING, usedBy, type Used } from "./promise";
import { NOWHERE, record, render, type Inventory, type Rendered, type Source } from "./synthesis";
import { applyStack, DIES, World, type State, type Thing } from "./terraform-model";

/** One step of a history, as it was drawn. */
export type Step =
  | (Edit & { readonly synthesized?: false })
  | { readonly do: "deploy" | "redeploy" | "branch" | "merge" | "retire" | "stage"; readonly on: number };

/** A step as somebody writes it: a change of the code, told in words. */
export interface Written {
  readonly do: "write";
  readonly what: string;
  readonly change: (code: Code) => void;
}

/** Terraform is handed this, and ends up with that. */
export interface Deployed {
  readonly stacks: Rendered["stacks"];
  readonly places: Rendered["places"];
  readonly adopted: readonly string[];
  readonly states: Readonly<Record<string, State>>;
  /** What is there afterwards and keeps data, or is what data depends on. */
  readonly things: readonly Thing[];
  /** What its person destroys then, since it was retired. */
  readonly destroyedByHand: Thing[];
}

/** How a history went. */
export interface Played {
  /** What happened, in words. */
  readonly story: readonly string[];
  /** What was promised and did not hold: the last step of the story. */
  readonly broken?: string;
  readonly deployments: readonly Deployed[];
  /** How many syntheses were refused, by the first words of the reason. */
  readonly refused: readonly string[];
}

/** Refusals that a person can act on; any other one leaves them with no way on. */
const MAY_BE_REFUSED = [
  /moves from .* copy the data, then say how/,
  /is already "/,
  / is that of "[^"]+" in the ledger/,
  /would both have the address/,
  /the container "[^"]+" of host "[^"]+" is also that of/,
  // 'formerly' that can mean two things is asked about.
  /'formerly' says that "[^"]+" was "[^"]+", .*: remove 'formerly'/,
  /as 'formerly' says.*: remove/,
  // A merge, where one side let the server go that the other one began to use, or left data on.
  /the inventory has no database server "/,
  /holds data on database server ".*", which is not in the lab/,
  /is new, and "[^"]+" was left behind under the name before: if it is the same/,
];

/** Plays a history: edits, synthesizes, deploys, and says whether what is promised held. */
export function play(steps: readonly (Step | Written)[], folder: string, prefix = "", inventory = NOWHERE): Played {
  const history = new History(folder, prefix, inventory);
  let broken: string | undefined;
  for (const step of steps) {
    try {
      broken = history.do(step);
    } catch (error) {
      broken = `an error: ${(error as Error).stack}`;
    }
    if (broken !== undefined) break;
  }
  const { story, deployments, refused } = history;
  return { story, deployments, refused, ...(broken !== undefined && { broken }) };
}

class History {
  public readonly story: string[] = [];
  public readonly deployments: Deployed[] = [];
  public readonly refused: string[] = [];

  private readonly memory: Memory = { removed: [], made: 0, moves: 0 };
  /** The commits of the line that is checked out, the newest last. */
  private commits: Commit[] = [FIRST];
  /** The other branch, if there is one, and where the two parted. */
  private other: { commits: Commit[]; readonly base: Commit } | undefined;
  private draft: Code = structuredClone(FIRST.code);
  private environment: string | undefined;
  private isDirty = false;

  private readonly world = new World();
  private states: Record<string, State> = {};
  /** The thing that each datum has in each place, by its serial, and the other way round. */
  private readonly bound = new Map<string, number>();
  private readonly owners = new Map<number, string>();
  private readonly secrets = new Map<string, string>();
  private readonly databases = new Map<number, string>();
  /** What was given up: the next deployment may destroy it. */
  private readonly retired = new Set<number>();

  public constructor(
    private readonly folder: string,
    private readonly prefix: string,
    private readonly inventory: Inventory,
  ) {
    fs.mkdirSync(folder, { recursive: true });
  }

  public do(step: Step | Written): string | undefined {
    switch (step.do) {
      case "deploy":
        return this.commit() ?? this.deploy(this.head, "the head");
      case "redeploy": {
        const back = step.on % this.commits.length;
        return (
          this.commit() ?? this.deploy(this.commits[this.commits.length - 1 - back] ?? this.head, `${back} commits ago`)
        );
      }
      case "branch":
        return this.commit() ?? this.branch();
      case "merge":
        return this.commit() ?? this.merge();
      case "retire":
        return this.commit() ?? this.retire(step.on);
      case "stage":
        if (this.commits.length === 1) this.environment = STAGING;
        return undefined;
      case "write":
        step.change(this.draft);
        this.isDirty = true;
        this.story.push(step.what);
        return this.commit();
      default: {
        const done = apply(this.draft, step, this.memory);
        if (done === undefined) return undefined;
        this.isDirty = true;
        this.story.push(`${done}${step.synthesized === false ? ", not synthesized" : ""}`);
        return step.synthesized === false ? undefined : this.commit();
      }
    }
  }

  private get head(): Commit {
    return this.commits.at(-1) ?? FIRST;
  }

  /** Synthesizes what was edited. What is refused is taken back. */
  private commit(): string | undefined {
    if (!this.isDirty) return undefined;
    const { files, meaning } = this.head;
    const made = this.tryCommit({ code: this.draft, files, meaning });
    if (typeof made === "string") return made;
    if (made) this.commits.push(made);
    this.checkOut();
    return undefined;
  }

  private tryCommit({ code, files, meaning }: Commit): Commit | string | undefined {
    const understood = understand(code, meaning);
    try {
      const made = record(this.folder, this.source({ code, files }));
      settle(code);
      return {
        code: structuredClone(code),
        files: { ledger: made.ledger, generations: { ...files.generations, ...made.generations } },
        meaning: understood,
      };
    } catch (error) {
      const { message } = error as Error;
      this.story.push(`refused: ${message}`);
      this.refused.push(message);
      return MAY_BE_REFUSED.some((reason) => reason.test(message)) ? undefined : `not a refusal to act on: ${message}`;
    }
  }

  private source({ code, files }: Pick<Commit, "code" | "files">): Source {
    const { prefix, inventory, environment } = this;
    return { code, files, prefix, inventory, environment };
  }

  private checkOut(): void {
    this.draft = structuredClone(this.head.code);
    this.isDirty = false;
  }

  private branch(): string | undefined {
    const { commits, other } = this;
    if (other) {
      this.commits = other.commits;
      this.other = { commits, base: other.base };
    } else {
      this.other = { commits: [...commits], base: this.head };
    }
    this.checkOut();
    this.story.push(other ? "the other branch" : "a branch");
    return undefined;
  }

  private merge(): string | undefined {
    const { other } = this;
    if (!other) return undefined;
    this.story.push("the two branches are merged");
    const theirs = other.commits.at(-1) ?? FIRST;
    const merged = merge(this.folder, this.prefix, { base: other.base, ours: this.head, theirs });
    const made = merged && this.tryCommit(merged);
    if (typeof made === "string") return made;
    // Nothing may leave a ledger in a merge, which CI looks at.
    if (!made || (!this.mayDeploy(made) && (this.mayDeploy(this.head) || this.mayDeploy(theirs)))) {
      this.story.push("the other branch is given up");
      this.other = undefined;
      return undefined;
    }
    this.commits.push(made);
    this.other = undefined;
    this.checkOut();
    return undefined;
  }

  /** Deploys a commit whose ledger knows everything that is there: a raw deployment of another one can't know better. */
  private deploy(commit: Commit, which: string): string | undefined {
    if (!this.mayDeploy(commit)) return undefined;
    this.story.push(`deploy ${which}`);
    let made: Rendered;
    try {
      made = render(this.folder, this.source(commit));
    } catch (error) {
      return `a commit whose ledger was committed is refused: ${(error as Error).message}`;
    }
    const lines = commit.files.ledger.split("\n");
    const [changed] = made.files.ledger.split("\n").filter((line) => !lines.includes(line));
    if (changed !== undefined) return `a second synthesis changes the ledger to ${changed}`;
    const adopted: string[] = [];
    for (const [stack, document] of Object.entries(made.stacks)) {
      const applied = applyStack(
        stack,
        document,
        this.states[stack] ?? new Map<string, string>(),
        this.world,
        made.places[stack] ?? {},
      );
      this.states = { ...this.states, [stack]: applied.state };
      adopted.push(...applied.adopted);
      const [problem] = applied.problems;
      if (problem !== undefined) return problem;
      const [lost] = applied.destroyed.filter(({ serial }) => !this.retired.has(serial));
      if (lost) return `destroyed ${lost.type} ${lost.name} of ${lost.place}`;
    }
    const entries = this.entriesOf(commit);
    const things = this.world.all.filter((thing) => knows(entries, thing));
    const { stacks, places } = made;
    this.deployments.push({ stacks, places, adopted, states: this.states, things, destroyedByHand: [] });
    return this.compare(commit, made);
  }

  private mayDeploy(commit: Commit): boolean {
    const entries = this.entriesOf(commit);
    return this.world.all.every(
      (thing) => this.retired.has(thing.serial) || !DIES.has(thing.type) || knows(entries, thing),
    );
  }

  /** Whether every container has what its person means. */
  private compare({ code }: Commit, made: Rendered): string | undefined {
    for (const used of usedBy(code, made, this.prefix)) {
      const wrong = this.bind(used);
      if (wrong !== undefined) return wrong;
    }
    const secrets = secretsOf(code, made, this.prefix);
    for (const [datum, name] of secrets) {
      const known = this.secrets.get(datum);
      if (known !== undefined && known !== name) return `the secret of ${datum} was ${known} and is ${name}`;
      const [owner] = secrets.find(([other, taken]) => taken === name && other !== datum) ?? [];
      if (owner !== undefined) return `the secret ${name} of ${datum} is that of ${owner}`;
      this.secrets.set(datum, name);
    }
    return undefined;
  }

  private bind({ datum, place, type, name, database }: Used): string | undefined {
    const thing = this.world.find(place, type, name);
    if (!thing) return `${datum} is to be in ${type} ${JSON.stringify(name)} of ${place}, which does not exist`;
    const where = `${datum} ${type} ${place}`;
    const known = this.bound.get(where);
    if (known !== undefined && known !== thing.serial)
      return `${datum} is in ${type} ${name} of ${place}, and its data elsewhere`;
    const owner = this.owners.get(thing.serial);
    if (owner !== undefined && owner !== datum)
      return `${datum} is in ${type} ${name} of ${place}, which is that of ${owner}`;
    this.bound.set(where, thing.serial);
    this.owners.set(thing.serial, datum);
    if (database !== undefined) {
      const made = this.databases.get(thing.serial) ?? database;
      if (made !== database) return `${datum} was made with ${made} and is asked for ${database}`;
      this.databases.set(thing.serial, made);
    }
    return undefined;
  }

  /** Retires something that the code no longer declares, deploys, and destroys it by hand, as the command says. */
  private retire(which: number): string | undefined {
    const entries = this.entriesOf(this.head);
    const { services, own } = this.head.code;
    const declared = new Set([
      ...services.flatMap((service) =>
        partsOf(service).map(({ path: inside, key }) => [service.name, ...inside, key].join("/")),
      ),
    ]);
    const ownKey = `postgres-${serverName("own", this.prefix)}/data`;
    const isDeclared = (key: string): boolean =>
      key === ownKey ? isRun(own) : declared.has(this.plain(key).replace(/\..*$/, ""));
    const parts = [...entries.keys()].filter((key) => !isDeclared(key));
    const chosen = parts[which % parts.length];
    if (chosen === undefined || this.other) return undefined;
    if (!this.mayDeploy(this.head)) return undefined;
    const keys = parts.filter((key) => key === chosen || key.startsWith(`${chosen}.`));
    this.story.push(`retire ${keys.map((key) => this.plain(key)).join(", ")}`);
    const gone = this.world.all.filter((thing) => keys.includes(keyKnowing(entries, thing) ?? ""));
    const marked = this.tryCommit(this.without(keys, true));
    if (typeof marked === "string" || marked === undefined) return marked;
    for (const { serial } of gone) this.retired.add(serial);
    // What came before is no commit to go back to: it would make anew what was given up.
    this.commits = [marked];
    this.checkOut();
    for (const { serial } of gone) this.forgetSecrets(this.owners.get(serial));
    const broken = this.deploy(marked, "without it");
    if (broken !== undefined) return broken;
    for (const thing of gone) {
      this.world.destroy(thing);
      this.deployments.at(-1)?.destroyedByHand.push(thing);
    }
    const made = this.tryCommit(this.without(keys, false));
    if (typeof made === "string" || made === undefined) return made;
    this.commits = [made];
    this.checkOut();
    return undefined;
  }

  /** The head whose ledger has some of its lines as retired, or no longer, as `homelab retire` leaves it. */
  private without(keys: readonly string[], isMarked: boolean): Commit {
    const { code, files, meaning } = this.head;
    const file = path.join(this.folder, "ledger.json");
    fs.writeFileSync(file, files.ledger);
    const ledger = Ledger.fromFile(file);
    for (const key of keys) {
      const entry = ledger.entries.get(key);
      if (isMarked && entry) ledger.set(key, { ...entry, retired: true });
      else ledger.delete(key);
    }
    ledger.save();
    const data = Object.fromEntries(
      Object.entries(meaning.data).filter(([key]) => !keys.some((one) => this.plain(one) === key)),
    );
    return {
      code: structuredClone(code),
      files: { ...files, ledger: fs.readFileSync(file, "utf8") },
      meaning: { ...meaning, data },
    };
  }

  private forgetSecrets(datum: string | undefined): void {
    for (const owner of [datum, `${datum} of readers`]) this.secrets.delete(owner ?? "");
  }

  private plain(key: string): string {
    return key.startsWith(this.prefix) ? key.slice(this.prefix.length) : key;
  }

  private entriesOf({ files }: Commit): ReadonlyMap<string, LedgerEntry> {
    const file = path.join(this.folder, "known.json");
    fs.rmSync(file, { force: true });
    if (files.ledger !== "") fs.writeFileSync(file, files.ledger);
    return Ledger.fromFile(file).entries;
  }
}
