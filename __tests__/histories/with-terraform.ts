import type { StackDocument } from "../../offline/providers";
import { snakeCase } from "../../contract/text";
import type { StackJson } from "../support/synthesis";
import type { Deployed } from "./steps";
import { nameOf, type State } from "./terraform-model";

/** A history that was played, by what begins the names of its services. */
export interface Bundled {
  readonly prefix: string;
  readonly deployments: readonly Deployed[];
}

/** A Terraform with something to deploy to. */
export interface Machine {
  /** Types of resources that it leaves out. */
  readonly omitted: readonly string[];
  /** Whether the servers that the histories run themselves are in one stack: it reaches none of their hosts. */
  readonly joinsServers: boolean;
  /** Gets the providers of a stack. */
  prepare(stack: StackDocument): Promise<void>;
  /** Applies a stack and tells its state as JSON, or what Terraform said when it failed. */
  apply(
    stack: StackDocument,
    words: readonly string[],
  ): Promise<{ readonly state: string } | { readonly said: string }>;
  /** What is found wrong after a deployment of all stacks. */
  inspect(deployed: readonly Deployed[]): Promise<string[]>;
  /** Ends it, and what it made is gone. */
  close(): Promise<void>;
}

/**
 * Deploys many histories at once: their services have names of their own, so that one stack of each host holds those
 * of all. Tells of every deployment where Terraform fails, its state is not the model's, or the machine finds a fault.
 */
export async function deployTogether(histories: readonly Bundled[], machine: Machine): Promise<string[]> {
  const rounds = Math.max(0, ...histories.map(({ deployments }) => deployments.length));
  const prepared = new Map<string, string>();
  for (let round = 0; round < rounds; round += 1) {
    const stacks = together(histories, round, machine);
    for (const stack of stacks) {
      const providers = JSON.stringify(stack.document.terraform?.required_providers);
      if (prepared.get(stack.name) !== providers) await machine.prepare(stack);
      prepared.set(stack.name, providers);
    }
    const wrong = await Promise.all(stacks.map((stack) => deployStack(histories, round, stack, machine)));
    // One that has ended was looked at when it did.
    const deployed = histories.flatMap(({ deployments }) => deployments[round] ?? []);
    const all = [...wrong.flat(), ...(await machine.inspect(deployed))];
    if (all.length > 0) return all.map((one) => `deployment ${round + 1}: ${one}`);
  }
  return [];
}

async function deployStack(
  histories: readonly Bundled[],
  round: number,
  stack: StackDocument,
  machine: Machine,
): Promise<string[]> {
  const { name } = stack;
  const adopted = histories.flatMap(({ deployments }) => at(deployments, round)?.adopted ?? []);
  const applied = await machine.apply(
    stack,
    name.startsWith("postgres-") ? [`-var=homelab_adopt=${JSON.stringify(adopted)}`] : [],
  );
  if ("said" in applied) return [applied.said];
  const real = stateOf(applied.state);
  return histories.flatMap(({ prefix, deployments }) => {
    const states = Object.entries(at(deployments, round)?.states ?? {});
    const model = states
      .filter(([stack]) => joined(stack, machine) === name)
      .flatMap(([, state]) => [...state])
      .filter(([address]) => !machine.omitted.some((type) => address.startsWith(`${type}.`)));
    return differences(new Map(model), real, prefix);
  });
}

/** What each history has deployed by then; one that has ended stays as it is. */
function at(deployments: readonly Deployed[], round: number): Deployed | undefined {
  return deployments[Math.min(round, deployments.length - 1)];
}

function together(histories: readonly Bundled[], round: number, machine: Machine): StackDocument[] {
  const merged = new Map<string, Record<string, unknown>>();
  for (const { deployments } of histories) {
    // A stack that the code has no more stays as it was deployed last.
    const stacks: Deployed["stacks"] = Object.assign({}, ...deployments.slice(0, round + 1).map((one) => one.stacks));
    for (const [stack, document] of Object.entries(stacks)) {
      const name = joined(stack, machine);
      merged.set(name, join(merged.get(name) ?? {}, document));
    }
  }
  return [...merged].map(([name, { resource, ...document }]) => ({
    name,
    folder: name,
    document: isEmpty(resource) ? document : { ...document, resource },
  }));
}

function joined(stack: string, { joinsServers }: Machine): string {
  return joinsServers ? stack.replace(/^postgres-.*-own/, "postgres-own") : stack;
}

/** Both documents in one: blocks by name, and lists of `moved`, `removed` and `import` one after the other. */
function join(one: Record<string, unknown>, other: StackJson | Record<string, unknown>): Record<string, unknown> {
  const joined = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const known = joined[key];
    if (LISTS.has(key) && Array.isArray(known) && Array.isArray(value)) joined[key] = [...known, ...value];
    else if (isRecord(known) && isRecord(value)) joined[key] = join(known, value);
    else joined[key] = value;
  }
  return joined;
}

const LISTS = new Set(["moved", "removed", "import"]);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return !isRecord(value) || Object.keys(value).length === 0;
}

/** A state as the model has it. */
function stateOf(state: string): State {
  const { resources } = JSON.parse(state) as { resources: any[] };
  return new Map(
    resources
      .filter(({ mode }) => mode === "managed")
      .map(({ type, name, instances }) => [`${type}.${name}`, nameOf(type, instances[0].attributes)]),
  );
}

function differences(model: State, real: State, prefix: string): string[] {
  const own = new RegExp(`^[a-z_]+\\.(postgres_)?${snakeCase(prefix)}_`);
  const addresses = new Set([...model.keys(), ...[...real.keys()].filter((address) => own.test(address))]);
  return [...addresses].flatMap((address) => {
    const [expected, found] = [model.get(address), real.get(address)];
    return expected === found ? [] : [`${address} is ${told(found)} and would be ${told(expected)} in the model`];
  });
}

function told(name: string | undefined): string {
  return name === undefined ? "not in the state" : JSON.stringify(name);
}
