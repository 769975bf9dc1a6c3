import * as fs from "node:fs";
import * as path from "node:path";
import { MANIFEST_VERSION, type Manifest } from "../contract/manifest";
import { UserError } from "../process/user-error";

/** Where a command finds the synthesized lab. */
export interface ManifestOptions {
  /** The folder that cdktf writes. */
  readonly out: string;
}

/** Reads the manifest of the last synthesis. */
export function readManifest({ out }: ManifestOptions): Manifest {
  const file = path.join(out, "homelab.json");
  if (!fs.existsSync(file))
    throw new UserError(`${file} does not exist: synthesize the lab first, for example with "npx cdktf synth"`);
  let manifest: Omit<Manifest, "version"> & { readonly version: unknown };
  try {
    manifest = JSON.parse(fs.readFileSync(file, "utf8")) as Manifest; // its version is looked at next
  } catch (error) {
    throw new UserError(`${file} is not JSON, synthesize the lab again: ${(error as Error).message}`);
  }
  if (manifest.version !== MANIFEST_VERSION) {
    throw new UserError(
      `${file} has version ${JSON.stringify(manifest.version)} and this command reads ${MANIFEST_VERSION}: synthesize the lab again with this version of cdktf-homelab`,
    );
  }
  return { ...manifest, version: MANIFEST_VERSION };
}
