import type { Manifest, ServiceManifest } from "../contract/manifest";
import type { StackDocument } from "../offline/providers";
import type { Stored } from "./stored";

export { elements } from "../contract/rendered-values";

/** One synthesis of a lab. */
export interface SynthesizedLab {
  /** The stacks. */
  readonly stacks: readonly StackDocument[];
  /** For each stack, those that are deployed before it. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
  /** The lab as plain data; none where a version of the library wrote it that can't be read. */
  readonly manifest?: Manifest;
  /** What everybody can read of the store of its secrets, where it is a file. */
  readonly stored?: Stored;
  /** What commands read beside it, by file: never a value of a secret. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** Whether an earlier version wrote it, which says less. */
  readonly isOlder?: boolean;
}

/** A lab before and after a change. */
export interface ComparedLabs {
  /** The lab before; none where there was nothing. */
  readonly base?: SynthesizedLab;
  /** The lab after. */
  readonly head: SynthesizedLab;
}

/** Stacks that the code no longer has: Terraform is never asked about them again. */
export function abandonedStacks({ base, head }: ComparedLabs): StackDocument[] {
  return (base?.stacks ?? []).filter(({ name }) => !head.stacks.some((stack) => stack.name === name));
}

/** The body of a resource in a synthesized stack. */
export interface ResourceBody {
  readonly "//"?: { readonly metadata?: { readonly path?: string } };
  readonly [attribute: string]: unknown;
}

/** A resource as it was synthesized. */
export function resourceOf(lab: SynthesizedLab | undefined, stack: string, address: string): ResourceBody | undefined {
  const [type = "", name = ""] = address.replace(/\[.*$/, "").split(".");
  const document = lab?.stacks.find((known) => known.name === stack)?.document;
  return document?.resource?.[type]?.[name];
}

/** The construct that made a resource. */
export function pathOf(body: ResourceBody | undefined): string | undefined {
  return body?.["//"]?.metadata?.path;
}

const owners = new WeakMap<Manifest, ReadonlyMap<string, ServiceManifest>>();

/** The service that a resource of a stack belongs to, as the manifest lists it. */
export function serviceOf(manifest: Manifest | undefined, stack: string, address: string): ServiceManifest | undefined {
  if (!manifest) return undefined;
  const known = owners.get(manifest) ?? ownersIn(manifest);
  owners.set(manifest, known);
  return known.get(`${stack} ${address.replace(/\[.*$/, "")}`);
}

function ownersIn({ services }: Manifest): ReadonlyMap<string, ServiceManifest> {
  return new Map(
    services.flatMap((service) =>
      Object.entries(service.resources).flatMap(([stack, addresses]) =>
        addresses.map((address) => [`${stack} ${address}`, service] as const),
      ),
    ),
  );
}

/** A list of texts, without what is none. */
export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as unknown[]).filter((one): one is string => typeof one === "string") : [];
}

/** The triggers of a script on a host, by name. */
export function triggersOf(body: ResourceBody | undefined): Record<string, string> {
  const { triggers } = body ?? {};
  if (typeof triggers !== "object" || triggers === null) return {};
  return Object.fromEntries(Object.entries(triggers).map(([name, value]) => [name, String(value)]));
}
