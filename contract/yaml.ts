import type { Scalar, ScalarTag } from "yaml";
import { quote, UNSEEN } from "./text";

/**
 * A document that programs read alike, whether they follow YAML 1.1, as PyYAML does, or 1.2: `no`, `on` and `1e3` are
 * quoted where they are text. What nobody sees in a line, and what a reader takes for the end of one, is escaped. The
 * library is loaded with the first document: most labs have none, and it is a twentieth of a small lab's synthesis.
 */
export function toYaml(value: unknown): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it always
  const { Document, visit } = require("yaml") as typeof import("yaml");
  const document = new Document(value, {
    compat: "yaml-1.1",
    aliasDuplicateObjects: false,
    customTags: (tags) =>
      tags.map((tag) => (typeof tag === "object" && tag.collection === undefined ? withDot(tag) : tag)),
  });
  visit(document, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === "string" && !isOrdinary(scalar.value)) writeEscaped(scalar, scalar.value);
    },
  });
  // Only what is between double quotes has such characters: there an escape is read.
  return document
    .toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity })
    .replace(UNREADABLE, (character) => (character === "\n" ? character : escape(character)));
}

/** YAML 1.1 takes `1e-7` for text, and `1.0e-7` for a number. */
function withDot(tag: ScalarTag): ScalarTag {
  const { stringify } = tag;
  if (!stringify || !/:(int|float)$/.test(tag.tag)) return tag;
  return { ...tag, stringify: (...given) => stringify(...given).replace(/^(-?\d+)(?=e)/, "$1.0") };
}

/** What some reader drops, refuses or takes for the end of a line. */
const UNREADABLE = new RegExp(`${UNSEEN.source}|\\p{Noncharacter_Code_Point}`, "gu");

/**
 * Lines that each reader takes as they are, also as a block: nothing unseen in them, no space at an end of one, and none
 * of what the library leaves bare but PyYAML (`=`) or go-yaml (`a <<`) has a meaning for.
 */
function isOrdinary(text: string): boolean {
  return !/^\s|[ \t]$|[ \t]\n|\n[ \t]|\n\n$|^=$|<</.test(text) && text.replaceAll("\n", "").search(UNREADABLE) < 0;
}

function writeEscaped(scalar: Scalar, text: string): void {
  const half = /\p{Cs}/u.exec(text);
  if (half)
    throw new Error(
      `text of a YAML document must not have half of a surrogate pair, which no UTF-8 can hold, got ${quote(text)}: leave it out`,
    );
  scalar.type = "QUOTE_DOUBLE";
}

function escape(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
}
