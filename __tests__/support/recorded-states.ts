import * as fs from "node:fs";
import * as path from "node:path";
import type { Resource } from "./deployment";
import { IS_REAL } from "./providers-under-test";

/** What was found of resources, by address. */
type Found = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What is another one at each run, and what stands for it. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{64}/g, "<64 hexadecimal digits>"],
  [/^[0-9a-f]{12}$/g, "<12 hexadecimal digits>"],
  [/^\d{16,20}$/g, "<number>"],
  [/^\d+\.\d+$/g, "<version>"],
  [/\b\d{1,3}(\.\d{1,3}){3}\b/g, "<address>"],
  [/\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/g, "<hardware address>"],
  [/^hltest\d+$/g, "<bridge>"],
];

/**
 * Holds what the providers under test put into states, beyond what was declared, against what the real ones did:
 * `conformance/<suite>.states.json`. With the real ones and `HOMELAB_RECORD=1` it is recorded.
 *
 * @param folder - the folder of the run, which some values are in
 */
export function expectRecordedStates(suite: string, resources: ReadonlyMap<string, Resource>, folder: string): void {
  const file = path.join(__dirname, "../../conformance", `${suite}.states.json`);
  const found = Object.fromEntries([...resources].map(([address, one]) => [address, undeclared(one, folder)]));
  if (IS_REAL && process.env.HOMELAB_RECORD === "1") write(file, found);
  const recorded = JSON.parse(fs.readFileSync(file, "utf8")) as Found;

  // A test may declare more than was recorded, and nothing less.
  const same = Object.fromEntries(Object.keys(recorded).map((address) => [address, found[address]]));
  expect(same).toEqual(recorded);
}

/** The attributes that a provider added. The older SDK writes nothing as null, or as the zero of the type, at its whim. */
function undeclared({ declared, attributes }: Resource, folder: string): Record<string, unknown> {
  const all = Object.entries(attributes).filter(([name]) => declared[name] === undefined);
  return Object.fromEntries(
    all.flatMap(([name, value]) => (isNothing(value) ? [] : [[name, normalized(value, folder)]])),
  );
}

function isNothing(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return !value;
  return Object.values(value).every(isNothing);
}

function normalized(value: unknown, folder: string): unknown {
  if (typeof value === "string")
    return PLACEHOLDERS.reduce(
      (text, [pattern, placeholder]) => text.replace(pattern, placeholder),
      value.replaceAll(folder, "<folder>"),
    );
  if (Array.isArray(value)) return value.map((one) => normalized(one, folder));
  if (typeof value !== "object" || value === null) return value;
  const named = Object.entries(value).flatMap(([key, one]) => (isNothing(one) ? [] : [[key, normalized(one, folder)]]));
  return Object.fromEntries(named);
}

/** One resource a line. */
function write(file: string, found: Found): void {
  const lines = Object.keys(found)
    .sort()
    .map((address) => `${JSON.stringify(address)}: ${JSON.stringify(found[address])}`);
  fs.writeFileSync(file, `{\n${lines.join(",\n")}\n}\n`);
}
