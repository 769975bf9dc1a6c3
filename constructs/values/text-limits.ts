import { Token, Tokenization } from "cdktf";
import { quote } from "../../contract/text";

/**
 * Refuses text that would arrive as another one: Terraform composes all text, a process takes no NUL, and cdktf replaces
 * what looks like a value that is known later.
 *
 * @param subject - who has it, for example `service "paperless"`
 * @param option - what it was passed as, for example `'command'`
 */
export function checkText(text: string, subject: string, option: string): void {
  refuse(flawOf(text), subject, option);
}

/** Refuses what no file can be written with. All other text of a file is carried in another form where it has to be. */
export function checkFileText(text: string, subject: string): void {
  // A value that is known later can't be encoded at synthesis.
  refuse(unwritable(text) ?? (Token.isUnresolved(text) ? uncarried(text) : undefined), subject, "the file's content");
}

/** What is wrong with a text that would arrive as another one, as the end of a sentence; undefined for any other. */
export function flawOf(text: string): string | undefined {
  return isOrdinary(text) ? undefined : (unwritable(text) ?? uncarried(text));
}

/** Whether text has no flaw and nothing in it that cdktf would replace, as nearly all text; for speed. */
export function isOrdinary(text: string): boolean {
  return /^[\x01-\x7f]*$/.test(text) && !text.includes("TfToken[") && !text.includes("e+2");
}

/** Whether text reaches a provider as it is. */
export function isCarried(text: string): boolean {
  return uncarried(text) === undefined;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
/** What cdktf puts in place of a value that is known later: in text, as the one element of a list, as the one key of a map. */
const PLACEHOLDER = /[$#&]\{TfToken\[([a-zA-Z0-9:._-]+)\]\}/g;
/** The same inside text for a number: a double with an exponent that nothing else has. */
const NUMBER_PLACEHOLDER = /-\d\.\d+e\+2[0-9]{2}/g;
/** Terraform parts longer sequences by a joiner (https://unicode.org/reports/tr15/#Stream_Safe_Text_Format). */
const MARKS = /\p{M}{31,}/u;

function unwritable(text: string): string | undefined {
  const half = LONE_SURROGATE.exec(text);
  if (half) return `must not have half of a surrogate pair, which no UTF-8 can hold, got ${excerpt(text, half.index)}`;
  for (const pattern of [PLACEHOLDER, NUMBER_PLACEHOLDER]) {
    for (const { 0: found, 1: key } of text.matchAll(pattern)) {
      if (!isKnown(found, key))
        return `must not contain ${quote(found)}, which cdktf takes for a value that is known later, and there is none of that name: leave it out`;
    }
  }
  return undefined;
}

function uncarried(text: string): string | undefined {
  const end = text.indexOf("\0");
  if (end >= 0) return `must not contain NUL, which ends text there, got ${excerpt(text, end)}`;
  if (/^[\x01-\x7f]*$/.test(text)) return undefined;
  const composed = text.normalize("NFC");
  if (composed !== text) {
    let index = 0;
    while (text[index] === composed[index]) index += 1;
    return `must be composed (NFC), which Terraform makes of all text, got ${excerpt(text, index)}: pass it through normalize("NFC")`;
  }
  const marks = MARKS.exec(text);
  if (marks) return `must not have more than 30 combining marks in a row, got ${excerpt(text, marks.index)}`;
  return undefined;
}

function isKnown(found: string, key: string | undefined): boolean {
  try {
    if (key === undefined) Tokenization.reverseNumber(Number(found));
    else Tokenization.reverseString(`\${TfToken[${key}]}`);
    return true;
  } catch {
    return false;
  }
}

/** The text around a place, with nothing in it that looks like something else. */
function excerpt(text: string, index: number): string {
  const around = quote(text.slice(Math.max(0, index - 10), index + 10));
  return around.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function refuse(flaw: string | undefined, subject: string, option: string): void {
  if (flaw !== undefined) throw new Error(`${subject}: ${option} ${flaw}`);
}
