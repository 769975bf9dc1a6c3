import * as fs from "node:fs";
import { BoundData } from "./bound-data";
import { isRun, partsOf, serverName, type Code } from "./code";
import { CommittedLedgers } from "./committed-ledger";
import { apply } from "./edits";
import type { Memory } from "./editing";
import { FIRST, settle, understand, type Commit } from "./line";
import { merge } from "./merge";
import { keyKnowing, knows, STAGING } from "./promise";
import { mayBeRefused } from "./refusals";
import type { Deployed, Played, Step, Written } from "./steps";
import { NOWHERE, record, render, type Inventory, type Rendered, type Source } from "./synthesis";
import { applyStack, DIES, World, type State } from "./terraform-model";

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
  /** What was given up: the next deployment may destroy it. */
  private readonly retired = new Set<number>();

  private readonly data: BoundData;
  private readonly ledgers: CommittedLedgers;

  public constructor(
    private readonly folder: string,
    private readonly prefix: string,
    private readonly inventory: Inventory,
  ) {
    this.data = new BoundData(this.world, prefix);
    this.ledgers = new CommittedLedgers(folder, prefix);
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
      return mayBeRefused(message) ? undefined : `not a refusal to act on: ${message}`;
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
    const entries = this.ledgers.entriesOf(commit);
    const things = this.world.all.filter((thing) => knows(entries, thing));
    const { stacks, places } = made;
    this.deployments.push({ stacks, places, adopted, states: this.states, things, destroyedByHand: [] });
    return this.data.compare(commit, made);
  }

  private mayDeploy(commit: Commit): boolean {
    const entries = this.ledgers.entriesOf(commit);
    return this.world.all.every(
      (thing) => this.retired.has(thing.serial) || !DIES.has(thing.type) || knows(entries, thing),
    );
  }

  /** Retires something that the code no longer declares, deploys, and destroys it by hand, as the command says. */
  private retire(which: number): string | undefined {
    const entries = this.ledgers.entriesOf(this.head);
    const { services, own } = this.head.code;
    const declared = new Set([
      ...services.flatMap((service) =>
        partsOf(service).map(({ path: inside, key }) => [service.name, ...inside, key].join("/")),
      ),
    ]);
    const ownKey = `postgres-${serverName("own", this.prefix)}/data`;
    const isDeclared = (key: string): boolean =>
      key === ownKey ? isRun(own) : declared.has(this.ledgers.plain(key).replace(/\..*$/, ""));
    const parts = [...entries.keys()].filter((key) => !isDeclared(key));
    const chosen = parts[which % parts.length];
    if (chosen === undefined || this.other) return undefined;
    if (!this.mayDeploy(this.head)) return undefined;
    const keys = parts.filter((key) => key === chosen || key.startsWith(`${chosen}.`));
    this.story.push(`retire ${keys.map((key) => this.ledgers.plain(key)).join(", ")}`);
    const gone = this.world.all.filter((thing) => keys.includes(keyKnowing(entries, thing) ?? ""));
    const marked = this.tryCommit(this.ledgers.without(this.head, keys, true));
    if (typeof marked === "string" || marked === undefined) return marked;
    for (const { serial } of gone) this.retired.add(serial);
    // What came before is no commit to go back to: it would make anew what was given up.
    this.commits = [marked];
    this.checkOut();
    for (const thing of gone) this.data.forgetSecrets(thing);
    const broken = this.deploy(marked, "without it");
    if (broken !== undefined) return broken;
    for (const thing of gone) {
      this.world.destroy(thing);
      this.deployments.at(-1)?.destroyedByHand.push(thing);
    }
    const made = this.tryCommit(this.ledgers.without(this.head, keys, false));
    if (typeof made === "string" || made === undefined) return made;
    this.commits = [made];
    this.checkOut();
    return undefined;
  }
}
