import * as fs from "node:fs";
import * as path from "node:path";
import { violatedConstraints } from "../../offline/constraints";
import { readRecording, type RecordedAttribute, type RecordedBlock, type Recording } from "../../offline/recording";
import { PROVIDER_PINS } from "../../stacks";
import type { StackJson } from "./synthesis";

const FOLDER = path.join(__dirname, "../../schemas");

/** What every resource accepts beside its provider's attributes. */
const META_ARGUMENTS = new Set([
  "connection",
  "count",
  "depends_on",
  "for_each",
  "lifecycle",
  "provider",
  "provisioner",
]);

/** The recordings of the pinned providers, by the names that configurations use. */
const RECORDINGS: Readonly<Record<string, Recording>> = Object.fromEntries(
  Object.entries(PROVIDER_PINS).map(([name, version]) => {
    const file = fs.readdirSync(FOLDER).find((known) => known.endsWith(`-${name}-${version}.schema.json`));
    if (file === undefined) throw new Error(`provider ${name} ${version} has no recording in schemas/`);
    const namespace = file.slice(0, -`-${name}-${version}.schema.json`.length);
    return [name, readRecording(FOLDER, `${namespace}/${name}`, version)];
  }),
);

/** Everything in a stack that the recorded schemas of its providers do not allow. */
export function violations(stack: StackJson): string[] {
  const found: string[] = [];
  for (const [name, blocks] of Object.entries<any>(stack.provider ?? {})) {
    for (const block of blocks) check(RECORDINGS[name]?.provider.block, block, `provider.${name}`, found);
  }
  for (const kind of ["resource", "data"] as const) {
    for (const [type, named] of Object.entries<any>(stack[kind] ?? {})) {
      const recording = RECORDINGS[type.split("_")[0] ?? ""];
      const schemas = kind === "resource" ? recording?.resources : recording?.dataSources;
      for (const [name, body] of Object.entries<any>(named)) {
        const arguments_ = Object.fromEntries(Object.entries(body).filter(([key]) => !META_ARGUMENTS.has(key)));
        check(schemas?.[type]?.block, arguments_, `${type}.${name}`, found);
        if (kind === "resource")
          found.push(...constraints(recording, type, arguments_).map((what) => `${type}.${name}.${what}`));
      }
    }
  }
  return found;
}

/** Attributes whose values would rest in the state although the provider calls them secret. */
export function secretsInState(stack: StackJson): string[] {
  return Object.entries(stack.resource).flatMap(([type, named]) => {
    const attributes = RECORDINGS[type.split("_")[0] ?? ""]?.resources[type]?.block.attributes ?? {};
    return Object.entries<any>(named).flatMap(([name, body]) =>
      Object.keys(body)
        .filter((key) => attributes[key]?.sensitive && !isWriteOnly(key, attributes[key]))
        .map((key) => `${type}.${name}.${key}`),
    );
  });
}

function isWriteOnly(name: string, attribute: RecordedAttribute): boolean {
  return attribute.write_only === true || name.endsWith("_wo");
}

function check(block: RecordedBlock | undefined, body: any, where: string, found: string[]): void {
  if (!block) return void found.push(`${where}: no such type`);
  const { attributes = {}, block_types: blocks = {} } = block;
  for (const [key, value] of Object.entries<any>(body)) {
    const attribute = attributes[key];
    const nested = blocks[key];
    if (attribute) {
      if (!attribute.required && !attribute.optional) found.push(`${where}.${key}: can't be set`);
      checkAttribute(attribute, value, `${where}.${key}`, found);
    } else if (nested) {
      const elements = Array.isArray(value) ? value : [value];
      if (nested.max_items !== undefined && elements.length > nested.max_items) found.push(`${where}.${key}: too many`);
      elements.forEach((element, index) => check(nested.block, element, `${where}.${key}[${index}]`, found));
    } else found.push(`${where}.${key}: no such attribute`);
  }
  for (const [key, { required }] of Object.entries(attributes)) {
    if (required && body[key] === undefined) found.push(`${where}.${key}: missing`);
  }
  for (const [key, { min_items: least = 0 }] of Object.entries(blocks)) {
    if (least > 0 && body[key] === undefined) found.push(`${where}.${key}: missing`);
  }
}

function checkAttribute(attribute: RecordedAttribute, value: any, where: string, found: string[]): void {
  if (attribute.nested_type) {
    const { attributes = {}, nesting_mode: mode } = attribute.nested_type;
    const elements: any[] = mode === "single" ? [value] : Object.values(value);
    for (const element of elements) check({ attributes }, element, where, found);
  } else if (!isOfType(attribute.type, value))
    found.push(`${where}: ${JSON.stringify(value)} is no ${JSON.stringify(attribute.type)}`);
}

/** Whether Terraform would convert a value of a JSON configuration to a type. */
function isOfType(type: any, value: any): boolean {
  if (value === null || (typeof value === "string" && value.startsWith("${"))) return true;
  if (type === "string") return ["string", "number", "boolean"].includes(typeof value);
  if (type === "number") return typeof value === "number";
  if (type === "bool") return typeof value === "boolean";
  if (!Array.isArray(type)) return true;
  const [container, inner] = type;
  if (container === "list" || container === "set")
    return Array.isArray(value) && value.every((element) => isOfType(inner, element));
  if (container === "map")
    return typeof value === "object" && Object.values(value).every((element) => isOfType(inner, element));
  return typeof value === "object";
}

function constraints(recording: Recording | undefined, type: string, body: any): string[] {
  const behavior = recording?.behavior[type];
  return behavior ? violatedConstraints(behavior, body).map((text) => text.replace(/^"(.*?)"/, "$1")) : [];
}
