import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { Lab } from "../../constructs/lab/lab";
import type { ComparedLabs } from "../../plan/labs";
import { readLab } from "../../plan/synthesize";
import { Homelab, type HomelabConfig } from "../../stacks";
import { inventory } from "./synthesis";

/** What declares a lab. */
export type Declare = (lab: Homelab) => void;

/** Two labs, one after the other, as `homelab plan` has them, without what Terraform says. */
export function comparedLabs(
  base: Declare,
  head: Declare,
  overrides: Partial<HomelabConfig> = {},
  later = overrides,
): ComparedLabs {
  return inFolder((folder) => {
    const before = rehearse(base, path.join(folder, "base"), overrides);
    const after = rehearse(head, path.join(folder, "head"), later, before);
    return { base: readLab(before.outdir), head: readLab(after.outdir) };
  });
}

/** The first and the last of several labs, each of which was committed after the one before. */
export function comparedHistory(...steps: readonly Declare[]): ComparedLabs {
  return inFolder((folder) => {
    const apps: App[] = [];
    for (const [index, step] of steps.entries())
      apps.push(rehearse(step, path.join(folder, `${index}`), {}, apps.at(-1)));
    return { base: readLab(path.join(folder, "0")), head: readLab(path.join(folder, `${steps.length - 1}`)) };
  });
}

function inFolder(compare: (folder: string) => ComparedLabs): ComparedLabs {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-"));
  try {
    return compare(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function rehearse(declare: Declare, outdir: string, overrides: Partial<HomelabConfig>, earlier?: App): App {
  const app = new App({ outdir });
  const lab = Lab.of(app);
  lab.rehearse(earlier && Lab.of(earlier));
  declare(new Homelab(app, inventory(overrides)));
  app.synth();
  return app;
}
