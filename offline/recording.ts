import * as fs from "node:fs";
import * as path from "node:path";
import type { Value } from "./values";

/** An attribute of a recorded schema. An absent flag means false. */
export interface RecordedAttribute {
  readonly type?: unknown;
  readonly nested_type?: {
    readonly attributes?: Readonly<Record<string, RecordedAttribute>>;
    readonly nesting_mode: string;
  };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
}

/** A block of a recorded schema. */
export interface RecordedBlock {
  readonly attributes?: Readonly<Record<string, RecordedAttribute>>;
  readonly block_types?: Readonly<Record<string, RecordedNestedBlock>>;
  readonly deprecated?: boolean;
}

/** A nested block of a recorded schema. */
export interface RecordedNestedBlock {
  readonly block: RecordedBlock;
  readonly nesting_mode: string;
  readonly min_items?: number;
  readonly max_items?: number;
}

/** A recorded schema of a resource, a data source or the provider itself. */
export interface RecordedSchema {
  readonly version?: number;
  readonly block: RecordedBlock;
}

/** What Terraform's output does not say of a resource: `schemas/README.md`. */
export interface Behavior {
  readonly replace: readonly string[];
  readonly replace_if_configured?: readonly string[];
  readonly defaults: Readonly<Record<string, Value>>;
  readonly computed?: readonly string[];
  readonly kept?: readonly string[];
  readonly constraints?: Readonly<
    Record<
      string,
      {
        readonly conflicts_with?: readonly string[];
        readonly required_with?: readonly string[];
        readonly exactly_one_of?: readonly string[];
      }
    >
  >;
}

/** A provider as it was recorded. */
export interface Recording {
  /** `registry.terraform.io/namespace/name`, as Terraform printed it. */
  readonly address: string;
  readonly version: string;
  readonly provider: RecordedSchema;
  readonly resources: Readonly<Record<string, RecordedSchema>>;
  readonly dataSources: Readonly<Record<string, RecordedSchema>>;
  readonly ephemeralResources: Readonly<Record<string, RecordedSchema>>;
  readonly behavior: Readonly<Record<string, Behavior>>;
}

interface SchemaFile {
  readonly provider_schemas: Readonly<
    Record<
      string,
      {
        readonly provider: RecordedSchema;
        readonly resource_schemas?: Readonly<Record<string, RecordedSchema>>;
        readonly data_source_schemas?: Readonly<Record<string, RecordedSchema>>;
        readonly ephemeral_resource_schemas?: Readonly<Record<string, RecordedSchema>>;
      }
    >
  >;
}

/** Reads the recording of one version of a provider, `namespace/name`. */
export function readRecording(folder: string, source: string, version: string): Recording {
  const base = path.join(folder, `${source.replace("/", "-")}-${version}`);
  if (!fs.existsSync(`${base}.schema.json`)) {
    throw new Error(
      `provider ${source} ${version} has no recording in ${folder}: use a recorded version, or record this one`,
    );
  }
  // Written by Terraform and by the recorder, and looked at nowhere else.
  const file = readJson(`${base}.schema.json`) as SchemaFile;
  const entry = Object.entries(file.provider_schemas).at(0);
  if (!entry) throw new Error(`${base}.schema.json holds no provider: restore it from version control`);
  const [address, schema] = entry;
  return {
    address,
    version,
    provider: schema.provider,
    resources: schema.resource_schemas ?? {},
    dataSources: schema.data_source_schemas ?? {},
    ephemeralResources: schema.ephemeral_resource_schemas ?? {},
    behavior: fs.existsSync(`${base}.behavior.json`)
      ? (readJson(`${base}.behavior.json`) as Recording["behavior"])
      : {},
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} can't be read, restore it from version control: ${(error as Error).message}`);
  }
}
