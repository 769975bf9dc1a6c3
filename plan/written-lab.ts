import type { Manifest } from "../contract/manifest";
import type { StackDocument } from "../offline/providers";

/** A lab as it was written: the manifest, and what Terraform is told. */
export interface WrittenLab {
  /** The lab as plain data. */
  readonly manifest: Manifest;
  /** The stacks. */
  readonly stacks: readonly StackDocument[];
}
