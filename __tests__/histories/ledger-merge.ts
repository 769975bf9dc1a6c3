import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { Ledger } from "../../constructs";
import type { Sides } from "./merge";

/**
 * What git makes of two ledgers with `merge=union`, and a person of that who does what the library says: of two lines
 * for one thing one stays. Undefined where both sides changed one line: what is right only that person knows.
 */
export function mergeLedgers(folder: string, sides: Sides<string>, declared: readonly string[]): string | undefined {
  let text = union(folder, sides);
  const file = path.join(folder, "merged.json");
  for (;;) {
    fs.writeFileSync(file, text);
    const advice = text === "" ? undefined : refusalOf(file);
    if (advice === undefined) return text;
    const [, line, key = "", other = key, otherLine] =
      /line (\d+): "([^"]+)" (?:is in|has .* and so has "([^"]+)" in) line (\d+)/.exec(advice) ?? [];
    if (line === undefined) throw new Error(`a merged ledger is refused without advice: ${advice}\n${text}`);
    const lines = text.split("\n");
    const isDeclared = (one: string): boolean =>
      declared.some((known) => one === known || one.startsWith(`${known}.`) || one.startsWith(secretsBeside(known)));
    const [here, there] = [line, otherLine].map((number) => lines[Number(number) - 1] ?? "");
    const isChanged = (text = ""): boolean => !sides.base.includes(text);
    if (key === other && here !== there && isChanged(here) && isChanged(there)) return undefined;
    // Of two lines of one key the one that a side changed stays, of two keys the one that the code declares.
    const stays = key === other ? isChanged(here) : isDeclared(key) && !isDeclared(other);
    const isEqual = key !== other && isDeclared(key) === isDeclared(other);
    const gone = stays || (isEqual && (here ?? "").length > (there ?? "").length) ? otherLine : line;
    text = lines.filter((_line, index) => index !== Number(gone) - 1).join("\n");
  }
}

/** How the keys of the secrets of a part's service begin. */
function secretsBeside(key: string): string {
  return `${key.replace(/\/.*$/, "")}/secret:`;
}

function refusalOf(file: string): string | undefined {
  try {
    Ledger.fromFile(file);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function union(folder: string, { base, ours, theirs }: Sides<string>): string {
  if (ours === base) return theirs;
  if (theirs === base || theirs === ours) return ours;
  const files = Object.entries({ ours, base, theirs }).map(([name, text]) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, text);
    return file;
  });
  return execFileSync("git", ["merge-file", "--union", "--stdout", ...files], { encoding: "utf8" });
}
