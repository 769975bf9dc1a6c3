import { randomInt } from "node:crypto";
import type { Effects } from "../../../offline/effects";

/** The null provider's resource: a number for each that is made. */
export function nullEffects(): Readonly<Record<string, Effects>> {
  return {
    null_resource: {
      create: () => Promise.resolve({ id: `${randomInt(1e9, 2e9)}${randomInt(1e9, 2e9)}` }),
      read: () => Promise.resolve({}),
      update: () => Promise.resolve({}),
      delete: () => Promise.resolve(),
    },
  };
}
