/** A key of an object in a JSON text, and the line that it is on. */
export interface JsonKey {
  readonly key: string;
  readonly line: number;
}

/**
 * The keys of the objects at one depth of a valid JSON text, 1 for the document's own, in their order. `JSON.parse` drops
 * all but the last of a key that is there twice, without a word.
 */
export function jsonKeys(text: string, depth: number): JsonKey[] {
  const found: JsonKey[] = [];
  let [at, line] = [0, 1];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]\n]/g)) {
    if (token === "{" || token === "[") at += 1;
    else if (token === "}" || token === "]") at -= 1;
    else if (token !== "\n" && token.endsWith(":") && at === depth)
      found.push({ key: JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string, line });
    line += token.split("\n").length - 1;
  }
  return found;
}
