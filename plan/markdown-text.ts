import { plain } from "../contract/plain";

/**
 * Text that Markdown, HTML and the forges' additions show as it is: no link, image, formula, emoji or table, and nobody is
 * notified. A backslash is gone when a forge looks through the finished page for `@name`, `#1`, `GH-1`, addresses and
 * `$…$`, so what makes one of them stands in an element of its own (GitHub advises `<span>$</span>` against formulas).
 */
export function escaped(text: string): string {
  return plain(text)
    .replace(/[\\`*_{}[\]+!|~]|^[-=]|(?<=^\d+)[.)]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[@#$]|:(?=\/\/|[\w+-]+:)|(?<=\bwww)\.|(?<=\bgh)-(?=\d)/gi, "<span>$&</span>")
    .replace(/^ +/, (spaces) => "&#32;".repeat(spaces.length)); // four would make a block of code
}

/** A command that can be copied: in a code span whose fence is longer than any inside. */
export function codeSpan(command: string): string {
  const text = plain(command);
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence} ${text} ${fence}`;
}
