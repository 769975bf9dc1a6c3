import * as fs from "node:fs";
import { isMap, type Value, type ValueMap } from "./values";

/** What a data source or an ephemeral resource answers. */
export interface Fixture {
  /** The type, for example `sops_file`. */
  readonly type: string;
  /** Values of its configuration for which the fixture holds; none means all. */
  readonly where?: ValueMap;
  /** The attributes that it answers. */
  readonly result: ValueMap;
}

/** The file beside a lab that has its fixtures. */
export const FIXTURES_FILE = "homelab.fixtures.json";

/** Reads the fixtures of a lab; a lab without the file has none. */
export function readFixtures(file: string): Fixture[] {
  if (!fs.existsSync(file)) return [];
  let list: Value;
  try {
    list = JSON.parse(fs.readFileSync(file, "utf8")) as Value; // JSON has no other values
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(list)) throw new Error(`${file} must be a list of {"type", "where", "result"}`);
  return (list as readonly Value[]).map((entry, index) => {
    const { type, where, result } = isMap(entry) ? entry : {};
    if (typeof type !== "string" || !isMap(result) || (where !== undefined && !isMap(where))) {
      throw new Error(`${file}: entry ${index} must have a "type" and a "result", got ${JSON.stringify(entry)}`);
    }
    return { type, where, result };
  });
}
