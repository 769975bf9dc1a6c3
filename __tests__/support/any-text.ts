import fc from "fast-check";

/** What YAML, Markdown, a terminal or a forge takes for something else than text. */
const SPECIAL = [
  ..."\u2028 \u2029 \u0085 \ufeff \u007f \u009b \u0007 \u001b[2J \u202e \u200b \u00a0 \u3000 \ufffe \u{e0001} \u{1f986}".split(
    " ",
  ),
  ..."yes no on off y n ~ null true 1e5 1e+3 0x1 0o7 017 0b1 1_000 1:30 .5 1. .inf -.INF .NaN = << 2001-01-01".split(
    " ",
  ),
  ..."--- ... - ? : , [ ] { } # & * ! | > ' \" % @ ` ~ \\ $ + = < ( ) ^ _ ; /".split(" "),
  ..."2001-12-14t21:59:43.10-05:00 !!str &a *a %YAML".split(" "),
  ..."@anna #1 GH-1 a/b#2 https://evil.example www.evil.example a@evil.example :tada: $x$ $$ $`x`$ ``` ~~~ **x** __x__".split(
    " ",
  ),
  ..."[x](https://evil.example) ![x](//evil.example/p.png) [^1] [x]: <b> </details> <!-- --> &lt; &#36; 1. 1)".split(
    " ",
  ),
  ...[" ", "  ", "    ", "\t", "\n", "\r", "\r\n", "\n\n", "\n ", "a: b", "a #b", "| - |", "\n| a |\n| - |", "- [ ] x"],
] as const;

/** Text of all kinds, without half characters; much of it is nothing but what is special. */
export const anyText = fc.oneof(
  fc.constantFrom(...SPECIAL),
  fc
    .array(fc.oneof(fc.constantFrom(...SPECIAL), fc.constantFrom("a", "b", " ", "é")), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(fc.string({ unit: "grapheme", maxLength: 20 }), { maxLength: 4 }).map((lines) => lines.join("\n")),
);

/** Each of the special ones once, for a table. */
export const SPECIAL_TEXTS: readonly string[] = SPECIAL;
