/** How many bytes go into one variable; Linux takes 128 KiB, with the values of secrets among them. */
const MOST = 64 * 1024;

/** Pieces of text in as many variables as they need, and one with the names of these. No piece is cut. */
export function scriptEnvironment(names: string, pieces: readonly string[]): Record<string, string> {
  const texts = inGroups(pieces, MOST, (piece) => Buffer.byteLength(piece)).map((group) => group.join(""));
  const variables = texts.map((text, index) => [`${names}_${index}`, text] as const);
  return { [names]: variables.map(([name]) => name).join(" "), ...Object.fromEntries(variables) };
}

/** Neighbours together while they are small enough. */
export function inGroups<T>(items: readonly T[], most: number, size: (item: T) => number): T[][] {
  const groups: T[][] = [];
  let sum = 0;
  for (const item of items) {
    const group = groups.at(-1);
    sum += size(item);
    if (group && sum <= most) group.push(item);
    else {
      groups.push([item]);
      sum = size(item);
    }
  }
  return groups;
}

/** Text in slices of at most 48 KiB, cut between characters, since half of one has no UTF-8, and never in a token. */
export function slices(text: string): string[] {
  return text.match(/\$\{TfToken\[[A-Za-z0-9.]+\]\}|(?:(?!\$\{TfToken\[)[\s\S]){1,12288}/gu) ?? [];
}
