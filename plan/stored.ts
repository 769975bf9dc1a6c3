import * as fs from "node:fs";
import * as path from "node:path";
import type { Manifest } from "../contract/manifest";
import { readSopsText } from "../deploy/sops-file";

/** What stands in the clear beside the values of a store, by their names. */
export type Stored = ReadonlyMap<string, { readonly generation?: number; readonly fingerprint?: string }>;

/** What everybody can read of the store of a lab, without any key; undefined where there is none, or no such file yet. */
export function storedOf(project: string, manifest: Manifest | undefined): Stored | undefined {
  if (manifest?.secretsFile === undefined) return undefined;
  const file = path.resolve(project, manifest.secretsFile);
  if (!fs.existsSync(file)) return undefined;
  const { generations, fingerprints } = readSopsText(manifest.secretsFile, fs.readFileSync(file, "utf8"));
  const names = new Set([...Object.keys(generations), ...Object.keys(fingerprints)]);
  return new Map(
    [...names].map((name) => {
      const { [name]: generation } = generations;
      const { [name]: fingerprint } = fingerprints;
      return [
        name,
        {
          ...(typeof generation === "number" && { generation }),
          ...(typeof fingerprint === "string" && { fingerprint }),
        },
      ];
    }),
  );
}
