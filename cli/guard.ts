import * as path from "node:path";
import type { Manifest } from "../contract/manifest";
import { regexLiteral } from "../contract/text";
import { deedOf, refusal } from "../deploy/guard";
import { readState } from "../deploy/stack-state";
import { inParallel } from "../process/in-parallel";
import { readStacks } from "../offline/providers";
import { Children } from "../process/children";
import { plain } from "../contract/plain";
import { untilEnd } from "../process/until-end";
import { UserError } from "../process/user-error";

/** The stacks that the words of a command choose, by name, by a pattern of cdktf or by Terraform's folder; otherwise all. */
export function chosen(stacks: readonly string[], words: readonly string[]): string[] {
  const named = stacks.filter((stack) => words.some((word) => isFor(word, stack)));
  return named.length > 0 ? named : [...stacks];
}

function isFor(word: string, stack: string): boolean {
  if (word.startsWith("-chdir=")) return path.basename(word) === stack;
  return new RegExp(`^${word.split("*").map(regexLiteral).join(".*")}$`).test(stack);
}

/** Refuses a command that would destroy data of which the code knows nothing, by looking into the states of its stacks. */
export async function guard(out: string, manifest: Manifest, words: readonly string[]): Promise<void> {
  const deed = deedOf(words);
  if (deed === undefined) return;
  const all = readStacks(out);
  const names = chosen(
    all.map(({ name }) => name),
    words,
  );
  const stacks = all.filter(({ name }) => names.includes(name));
  const children = new Children();
  const refusals = await untilEnd((defer) => {
    defer(() => children.end());
    return inParallel(stacks, async (stack) => {
      try {
        const resources = await readState(stack, children);
        return resources === undefined ? [] : refusal(deed, stack, resources, manifest);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        process.stderr.write(
          `homelab: ${plain(why)}: whether it has data of which this code knows nothing is not known\n`,
        );
        return [];
      }
    });
  });
  if (refusals.length > 0) throw new UserError(refusals.join("\n"));
}
