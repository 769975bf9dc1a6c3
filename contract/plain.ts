import { UNSEEN } from "./text";

/** Text of other people as one line of a terminal, with a mark in place of what would not be seen there. */
export function plain(text: string): string {
  return text.replace(UNSEEN, (character) => (character === "\n" ? "⏎" : "�"));
}

/** The same for text of several lines: what a program said, or the message of an error. */
export function plainLines(text: string): string {
  return text
    .replace(/\r\n?/g, "\n") // the beginning of a line, which would be written over
    .replace(UNSEEN, (character) => (character === "\n" || character === "\t" ? character : "�"));
}

/**
 * Data with every text in it as one line of a terminal, names of properties as well: what a report is made of goes
 * through here as a whole, so that no field of it can be forgotten.
 */
export function plainly<T>(data: T): T {
  return mapped(data) as T; // the same data, with other text
}

function mapped(data: unknown): unknown {
  if (typeof data === "string") return plain(data);
  if (Array.isArray(data)) return data.map(mapped);
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [plain(key), mapped(value)]));
}

/** JSON for a file or a terminal: the same data, in which the terminal finds nothing of its own. */
export function plainJson(data: unknown): string {
  return JSON.stringify(data, null, 2).replace(UNSEEN, (character) =>
    character === "\n"
      ? character
      : [...Array(character.length).keys()]
          .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
          .join(""),
  );
}
