import protobuf from "protobufjs/light";

/**
 * The messages of Terraform's plugin protocol 6 that a provider answers, as far as this one reads or writes them
 * (terraform, `docs/plugin-protocol/tfplugin6.proto`). Each field is `number type`, with `*` for a repeated one.
 */
const MESSAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Empty: {},
  DynamicValue: { msgpack: "1 bytes", json: "2 bytes" },
  RawState: { json: "1 bytes" },
  Diagnostic: { severity: "1 int32", summary: "2 string", detail: "3 string" },
  Step: { attribute_name: "1 string", element_key_string: "2 string", element_key_int: "3 int64" },
  AttributePath: { steps: "1 *Step" },
  Attribute: {
    name: "1 string",
    type: "2 bytes",
    required: "4 bool",
    optional: "5 bool",
    computed: "6 bool",
    sensitive: "7 bool",
    deprecated: "9 bool",
    nested_type: "10 NestedObject",
    write_only: "11 bool",
  },
  NestedObject: { attributes: "1 *Attribute", nesting: "3 int32" },
  Block: { version: "1 int64", attributes: "2 *Attribute", block_types: "3 *NestedBlock", deprecated: "6 bool" },
  NestedBlock: {
    type_name: "1 string",
    block: "2 Block",
    nesting: "3 int32",
    min_items: "4 int64",
    max_items: "5 int64",
  },
  Schema: { version: "1 int64", block: "2 Block" },
  ServerCapabilities: { plan_destroy: "1 bool", get_provider_schema_optional: "2 bool" },
  ResourceSchemas: { key: "1 string", value: "2 Schema" },
  SchemaResponse: {
    provider: "1 Schema",
    resource_schemas: "2 *ResourceSchemas",
    data_source_schemas: "3 *ResourceSchemas",
    diagnostics: "4 *Diagnostic",
    server_capabilities: "6 ServerCapabilities",
    ephemeral_resource_schemas: "8 *ResourceSchemas",
  },
  ConfigureRequest: { config: "2 DynamicValue" },
  UpgradeRequest: { type_name: "1 string", version: "2 int64", raw_state: "3 RawState" },
  UpgradeResponse: { upgraded_state: "1 DynamicValue", diagnostics: "2 *Diagnostic" },
  ReadRequest: { type_name: "1 string", current_state: "2 DynamicValue", private: "3 bytes" },
  ReadResponse: { new_state: "1 DynamicValue", diagnostics: "2 *Diagnostic", private: "3 bytes" },
  PlanRequest: {
    type_name: "1 string",
    prior_state: "2 DynamicValue",
    proposed_new_state: "3 DynamicValue",
    config: "4 DynamicValue",
    prior_private: "5 bytes",
  },
  PlanResponse: {
    planned_state: "1 DynamicValue",
    requires_replace: "2 *AttributePath",
    planned_private: "3 bytes",
    diagnostics: "4 *Diagnostic",
    legacy_type_system: "5 bool",
  },
  ApplyRequest: {
    type_name: "1 string",
    prior_state: "2 DynamicValue",
    planned_state: "3 DynamicValue",
    config: "4 DynamicValue",
    planned_private: "5 bytes",
  },
  ApplyResponse: {
    new_state: "1 DynamicValue",
    private: "2 bytes",
    diagnostics: "3 *Diagnostic",
    legacy_type_system: "4 bool",
  },
  ImportRequest: { type_name: "1 string", id: "2 string" },
  ImportedResource: { type_name: "1 string", state: "2 DynamicValue" },
  ImportResponse: { imported_resources: "1 *ImportedResource", diagnostics: "2 *Diagnostic" },
  ValidateResponse: { diagnostics: "1 *Diagnostic" },
  ConfigRequest: { type_name: "1 string", config: "2 DynamicValue" },
  DataResponse: { state: "1 DynamicValue", diagnostics: "2 *Diagnostic" },
  EphemeralResponse: { diagnostics: "1 *Diagnostic", result: "3 DynamicValue" },
};

/** The request and the answer of each call. */
export const CALLS = {
  GetProviderSchema: ["Empty", "SchemaResponse"],
  ValidateProviderConfig: ["Empty", "Empty"],
  ValidateResourceConfig: ["ConfigRequest", "ValidateResponse"],
  ValidateDataResourceConfig: ["ConfigRequest", "Empty"],
  ValidateEphemeralResourceConfig: ["ConfigRequest", "Empty"],
  ConfigureProvider: ["ConfigureRequest", "Empty"],
  UpgradeResourceState: ["UpgradeRequest", "UpgradeResponse"],
  ReadResource: ["ReadRequest", "ReadResponse"],
  PlanResourceChange: ["PlanRequest", "PlanResponse"],
  ApplyResourceChange: ["ApplyRequest", "ApplyResponse"],
  ImportResourceState: ["ImportRequest", "ImportResponse"],
  ReadDataSource: ["ConfigRequest", "DataResponse"],
  OpenEphemeralResource: ["ConfigRequest", "EphemeralResponse"],
  CloseEphemeralResource: ["Empty", "Empty"],
  StopProvider: ["Empty", "Empty"],
} as const;

/** A call that Terraform makes of a provider. */
export type Call = keyof typeof CALLS;

const root = new protobuf.Root();
for (const [name, fields] of Object.entries(MESSAGES)) {
  const type = new protobuf.Type(name);
  for (const [field, spec] of Object.entries(fields)) {
    const [number = "0", kind = ""] = spec.split(" ");
    const repeated = kind.startsWith("*") ? "repeated" : undefined;
    type.add(new protobuf.Field(field, Number(number), kind.replace("*", ""), repeated));
  }
  root.add(type);
}

/** A message as a plain object; 64-bit integers are numbers, since none here is large. */
export type Message = Record<string, unknown>;

/** Reads the request of a call. Fields that it does not have are passed over. */
export function decodeRequest(call: Call, bytes: Uint8Array): Message {
  const type = root.lookupType(CALLS[call][0]);
  return type.toObject(type.decode(bytes), { longs: Number });
}

/** Writes the answer of a call. */
export function encodeResponse(call: Call, response: Message): Uint8Array {
  const type = root.lookupType(CALLS[call][1]);
  return type.encode(type.fromObject(response)).finish();
}
