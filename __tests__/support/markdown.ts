/** What may stand around text: elements of a report, and the one that keeps characters apart. */
const STRUCTURE = /^<\/?(p|ul|ol|li|strong|table|thead|tbody|tr|th|td|br)( \/)?>$/;

/** What a forge looks for in the text of a finished page: people, issues, addresses, formulas, emoji. */
const FOUND_BY_FORGES = /@[\w-]|#\d|\bGH-\d|https?:\/\/|\bwww\.|\$[^$]*\$|:[\w+-]+:/i;

/** What of a rendered page is not the texts that it has to show, one after the other, with nothing made of any. */
export function otherThan(page: string, texts: readonly string[]): unknown[] {
  const shown: string[] = [""];
  const wrong: unknown[] = [];
  for (const piece of page.split(/(<[^>]*>)/)) {
    if (piece === "<span>" || piece === "</span>") continue;
    if (piece.startsWith("<")) {
      if (!STRUCTURE.test(piece)) wrong.push(piece);
      shown.push("");
    } else {
      wrong.push(...(FOUND_BY_FORGES.exec(decoded(piece)) ?? []));
      shown.push((shown.pop() ?? "") + decoded(piece));
    }
  }
  const lines = (all: readonly string[]): string =>
    all
      .map((text) => text.replace(/\s+/g, " ").trim())
      .filter((text) => text !== "")
      .join("\n");
  return lines(shown) === lines(texts) ? wrong : [...wrong, { shown: lines(shown), instead: lines(texts) }];
}

function decoded(html: string): string {
  const names: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return html.replace(
    /&(?:(amp|lt|gt|quot)|#(\d+));/g,
    (_all, name: string | undefined, code) => names[name ?? ""] ?? String.fromCodePoint(Number(code)),
  );
}
