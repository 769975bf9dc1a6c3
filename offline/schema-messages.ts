import type { Message } from "./protocol";
import type { RecordedAttribute, RecordedBlock, Recording, RecordedSchema } from "./recording";

/** The numbers of nesting modes in the protocol. */
const NESTING: Readonly<Record<string, number>> = { single: 1, list: 2, set: 3, map: 4, group: 5 };

/** The answer to GetProviderSchema. */
export function schemaResponse(recording: Recording): Message {
  return {
    provider: schemaMessage(recording.provider),
    resource_schemas: schemaMap(recording.resources),
    data_source_schemas: schemaMap(recording.dataSources),
    ephemeral_resource_schemas: schemaMap(recording.ephemeralResources),
    server_capabilities: { get_provider_schema_optional: true },
  };
}

function schemaMap(schemas: Readonly<Record<string, RecordedSchema>>): Message[] {
  return Object.entries(schemas).map(([key, schema]) => ({ key, value: schemaMessage(schema) }));
}

function schemaMessage({ version = 0, block }: RecordedSchema): Message {
  return { version, block: blockMessage(block) };
}

function blockMessage({ attributes = {}, block_types: blocks = {}, deprecated = false }: RecordedBlock): Message {
  return {
    deprecated,
    attributes: attributeMessages(attributes),
    block_types: Object.entries(blocks).map(
      ([name, { block, nesting_mode: mode, min_items: least, max_items: most }]) => ({
        type_name: name,
        block: blockMessage(block),
        nesting: NESTING[mode],
        min_items: least ?? 0,
        max_items: most ?? 0,
      }),
    ),
  };
}

function attributeMessages(attributes: Readonly<Record<string, RecordedAttribute>>): Message[] {
  return Object.entries(attributes).map(([name, { type, nested_type: nested, ...flags }]) => ({
    name,
    ...flags,
    ...(nested
      ? {
          nested_type: {
            attributes: attributeMessages(nested.attributes ?? {}),
            nesting: NESTING[nested.nesting_mode],
          },
        }
      : { type: Buffer.from(JSON.stringify(type)) }),
  }));
}
