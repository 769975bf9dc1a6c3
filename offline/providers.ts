import * as fs from "node:fs";
import * as path from "node:path";
import { shortSource } from "./provider-source";

/** The folder of recordings that belongs to this package, from its sources and from its compiled files alike. */
export function recordingsFolder(): string {
  for (let folder = __dirname; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const candidate = path.join(folder, "schemas");
    if (fs.existsSync(path.join(candidate, "homelab.schema.json"))) return candidate;
  }
  throw new Error("the package has no folder 'schemas': install it again");
}

/** Every provider that is recorded, by `namespace/name`, in its newest version. */
export function recordedProviders(): Record<string, string> {
  return Object.fromEntries(recordings());
}

/** The versions of a provider that are recorded, the newest last. */
export function recordedVersions(source: string): string[] {
  return recordings().flatMap(([name, version]) => (name === source ? [version] : []));
}

/** All recordings, by version. */
function recordings(): (readonly [string, string])[] {
  return fs
    .readdirSync(recordingsFolder())
    .flatMap((file) => {
      const match = /^(?<namespace>[a-z0-9]+)-(?<name>[a-z0-9-]+)-(?<version>\d+\.\d+\.\d+)\.schema\.json$/.exec(
        file,
      )?.groups;
      return match?.version ? [[`${match.namespace}/${match.name}`, match.version] as const] : [];
    })
    .sort(([, a], [, b]) => a.localeCompare(b, "en", { numeric: true }));
}

/** What a stack requires of one provider. */
interface Requirement {
  readonly source: string;
  readonly version?: string;
}

/** The providers, by `namespace/name`, that synthesized stacks require, with their exact versions. */
export function requiredProviders(documents: readonly StackDocument[]): Record<string, string> {
  const providers: Record<string, string> = {};
  for (const { name, document } of documents) {
    for (const [local, { source, version }] of Object.entries(document.terraform?.required_providers ?? {})) {
      const short = shortSource(source);
      if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
        throw new Error(
          `stack ${JSON.stringify(name)} requires ${local} ${JSON.stringify(version)}: an exact version is needed, for example "4.5.0"`,
        );
      }
      const other = providers[short];
      if (other !== undefined && other !== version) {
        throw new Error(
          `stack ${JSON.stringify(name)} requires ${short} ${version} and another stack ${other}: use one version`,
        );
      }
      providers[short] = version;
    }
  }
  return providers;
}

/** A synthesized stack. */
export interface StackDocument {
  /** The stack's name. */
  readonly name: string;
  /** Its folder. */
  readonly folder: string;
  /** Its JSON. */
  readonly document: TerraformDocument;
}

/** The part of Terraform's JSON that is looked at here. */
export interface TerraformDocument {
  readonly terraform?: {
    readonly backend?: unknown;
    readonly required_providers?: Readonly<Record<string, Requirement>>;
  };
  readonly variable?: Readonly<Record<string, { readonly default?: unknown; readonly type?: string }>>;
  readonly resource?: Readonly<
    Record<string, Readonly<Record<string, { readonly "//"?: { readonly metadata?: { readonly path?: string } } }>>>
  >;
  readonly data?: TerraformDocument["resource"];
}

/** Reads the stacks that a synthesis wrote, or those of them that are named. */
export function readStacks(out: string, names: readonly string[] = []): StackDocument[] {
  const folder = path.join(out, "stacks");
  if (!fs.existsSync(folder))
    throw new Error(`${folder} does not exist: synthesize the lab first, for example with "npx cdktf synth"`);
  const known = fs.readdirSync(folder).sort();
  for (const name of names) {
    if (!known.includes(name))
      throw new Error(`there is no stack ${JSON.stringify(name)}, there are ${known.join(", ")}`);
  }
  return (names.length > 0 ? names : known).map((name) => ({
    name,
    folder: path.join(folder, name),
    document: JSON.parse(fs.readFileSync(path.join(folder, name, "cdk.tf.json"), "utf8")) as TerraformDocument,
  }));
}

/** A copy of a stack with other bodies of its resources. Terraform refuses an empty block of resources. */
export function mapResources(
  document: TerraformDocument,
  change: (body: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): TerraformDocument {
  const { resource = {}, ...rest } = document;
  const types = Object.entries(resource).map(
    ([type, named]) =>
      [type, Object.fromEntries(Object.entries(named).map(([name, body]) => [name, change(body)]))] as const,
  );
  return types.length === 0 ? rest : { ...rest, resource: Object.fromEntries(types) };
}
