import type { ComparedLabs, SynthesizedLab } from "./labs";

/** One place where two labs differ: a value, or all that is in one of them only. */
export interface Difference {
  /** What it is in: `stack app-01`, `the manifest`, `the order of stacks`, `the files beside the code`. */
  readonly document: string;
  /** The stack, for what is in one. */
  readonly stack?: string;
  /** The keys on the way, elements of lists by what names them. */
  readonly path: readonly string[];
  /** The value before; undefined where there was none. */
  readonly before: unknown;
  /** The value after; undefined where there is none. */
  readonly after: unknown;
}

/** What became what, so that a thing is compared with what it was. */
export interface Renames {
  /** For each resource after, as `stack address`, the address that it had. */
  readonly resources: ReadonlyMap<string, string>;
  /** For each service after the name that it had. */
  readonly services: ReadonlyMap<string, string>;
}

/** The documents of a lab that are compared. */
export const MANIFEST = "the manifest";
export const ORDER = "the order of stacks";
export const FILES = "the files beside the code";

/** Everything in which two labs differ, to the last value. Nothing is left out: what may be ignored somebody has to say. */
export function differencesOf(labs: ComparedLabs, renames: Renames): Difference[] {
  const { base, head } = labs;
  if (base === undefined) return [];
  const names = [...new Set([...base.stacks, ...head.stacks].map(({ name }) => name))].sort();
  const stacks = names.flatMap((stack) => {
    const [was, is] = [documentOf(base, stack), documentOf(head, stack)];
    const document = `stack ${stack}`;
    const former = withFormerAddresses(was, is, stack, renames);
    return differences(former, is, { isMap: isBlock }).map((one) => ({ ...one, document, stack }));
  });
  const rest = (document: string, was: unknown, is: unknown): Difference[] =>
    differences(was, is).map((one) => ({ ...one, document }));
  const manifests =
    base.manifest && head.manifest ? rest(MANIFEST, withFormerNames(base.manifest, renames), head.manifest) : [];
  return [
    ...stacks,
    ...manifests,
    ...rest(ORDER, base.dependencies, head.dependencies),
    ...rest(FILES, base.files ?? {}, head.files ?? {}),
  ];
}

type Place = Pick<Difference, "path" | "before" | "after">;

/** Whether what is at a place of a stack has names for keys: each of them is a thing, also where there was none before. */
function isBlock(path: readonly string[]): boolean {
  const [block = ""] = path;
  const depth = block === "resource" || block === "data" || block === "ephemeral" ? 2 : 1;
  return path.length > 0 && path.length <= depth && !["//", "terraform", "moved", "removed", "import"].includes(block);
}

/** Where two values differ. What is in one of both only is one difference, unless it is a map of things. */
export function differences(
  before: unknown,
  after: unknown,
  { path = [], isMap = () => false }: { path?: readonly string[]; isMap?: (path: readonly string[]) => boolean } = {},
): Place[] {
  if (before === after) return [];
  const [was, is] = isMap(path) ? [before ?? {}, after ?? {}] : [before, after];
  const inside = (key: string, one: unknown, other: unknown): Place[] =>
    differences(one, other, { path: [...path, key], isMap });
  if (isRecord(was) && isRecord(is)) {
    const keys = new Set([...Object.keys(was), ...Object.keys(is)]);
    return [...keys].flatMap((key) => inside(key, was[key], is[key]));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [list, other]: [readonly unknown[], readonly unknown[]] = [before, after];
    const keys = namingKeys(list, other);
    if (keys) return differences(byName(list, keys), byName(other, keys), { path, isMap });
    if (list.length === other.length && list.every((one) => typeof one === "object")) {
      return list.flatMap((one, index) => inside(String(index), one, other[index]));
    }
  }
  const inOrder = path.at(-1) === "depends_on" ? sorted : (value: unknown): unknown => value;
  return JSON.stringify(inOrder(before)) === JSON.stringify(inOrder(after)) ? [] : [{ path, before, after }];
}

/** What a resource waits for has no order. */
function sorted(value: unknown): unknown {
  return Array.isArray(value) ? [...(value as unknown[])].sort() : value;
}

/** What names the elements of a list: so one that is added in front changes none of the others. */
const NAMES: readonly (readonly string[])[] = [
  ["name"],
  ["name", "type"],
  ["host", "path"],
  ["label"],
  ["key"],
  ["part"],
  ["part", "name"],
  ["part", "container", "external", "protocol", "ip"],
  ["container", "means", "grants"],
  ["from", "to"],
  ["from"],
  ["target"],
  ["file"],
];

function namingKeys(before: readonly unknown[], after: readonly unknown[]): readonly string[] | undefined {
  return NAMES.find((keys) =>
    [before, after].every((list) => {
      const names = list.map((one) => nameOf(one, keys));
      return !names.includes(undefined) && new Set(names).size === names.length;
    }),
  );
}

function nameOf(element: unknown, keys: readonly string[]): string | undefined {
  if (!isRecord(element)) return undefined;
  const values = keys.map((key) => element[key]);
  return values.every((value) => typeof value === "string" || typeof value === "number") ? values.join(" ") : undefined;
}

function byName(list: readonly unknown[], keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(list.map((one) => [nameOf(one, keys) ?? "", one]));
}

function documentOf(lab: SynthesizedLab, stack: string): Record<string, unknown> | undefined {
  const found = lab.stacks.find(({ name }) => name === stack)?.document;
  return found && { ...found };
}

/** The stack as it was, with what moved at the addresses that it has now. */
function withFormerAddresses(
  was: Record<string, unknown> | undefined,
  is: Record<string, unknown> | undefined,
  stack: string,
  { resources }: Renames,
): Record<string, unknown> | undefined {
  if (!was || !is || resources.size === 0 || !isRecord(was.resource)) return was;
  const former = [...resources].flatMap(([address, before]) =>
    address.startsWith(`${stack} `) ? [[address.slice(stack.length + 1), before] as const] : [],
  );
  const moved: Record<string, Record<string, unknown>> = {};
  for (const [type, named] of Object.entries(was.resource)) moved[type] = { ...(named as Record<string, unknown>) };
  const bodies = former.map(([, before]) => take(moved, before));
  former.forEach(([address], index) => {
    const [type = "", name = ""] = address.split(".");
    if (bodies[index] !== undefined) (moved[type] ??= {})[name] = bodies[index];
  });
  return { ...was, resource: moved };
}

function take(resources: Record<string, Record<string, unknown>>, address: string): unknown {
  const [type = "", name = ""] = address.split(".");
  const named = resources[type];
  const body = named?.[name];
  if (named && body !== undefined) {
    const { [name]: _taken, ...rest } = named;
    resources[type] = rest;
  }
  return body;
}

function withFormerNames(manifest: { readonly services: readonly { readonly name: string }[] }, { services }: Renames) {
  const names = new Map([...services].map(([name, former]) => [former, name]));
  return {
    ...manifest,
    services: manifest.services.map((service) => ({ ...service, name: names.get(service.name) ?? service.name })),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
