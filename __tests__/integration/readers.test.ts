import fc from "fast-check";
import { escaped } from "../../plan/markdown-text";
import { plain } from "../../contract/plain";
import { toYaml } from "../../contract/yaml";
import { anyText, SPECIAL_TEXTS } from "../support/any-text";
import { suite } from "../support/programs";
import { otherThan } from "../support/markdown";
import { missingReaders, readAll } from "../support/readers";

suite("documents in the programs that read them", missingReaders(), () => {
  test.each(["PyYAML", "yaml.v3", "yaml/v4", "goccy"] as const)(
    "%s reads back each text, as a value, in a list and as a name",
    (reader) => {
      const texts = [...SPECIAL_TEXTS, "", "x".repeat(3000), "y\n".repeat(3000), ...fc.sample(anyText, 3000)];
      const declared = texts.map((text) => ({ value: text, list: [text, [text]], [`${text}\n?`]: { [text]: 1 } }));

      const numbers = [1e-7, -2e-9, 1.5e-9, 1e21, 0.1, -3];
      const found = readAll(reader, declared.map(toYaml));
      const [read] = readAll(reader, [toYaml(numbers)]);
      expect(read).toEqual({ value: numbers });

      const wrong = found.flatMap((reading, index) =>
        JSON.stringify(sorted(reading.value)) === JSON.stringify(sorted(declared[index]))
          ? []
          : [{ text: texts[index], document: toYaml(declared[index]), reading }],
      );
      expect(wrong.slice(0, 5)).toEqual([]);
    },
    60_000,
  );

  test("Markdown shows each text as it is, in a paragraph, a list, a table and in bold, and forges find nothing in it", () => {
    const texts = [...SPECIAL_TEXTS, ...fc.sample(anyText, 3000)];
    const pages = texts.map((text) => {
      const shown = escaped(text);
      return `${shown}\n\n- ${shown}\n\n| a | b |\n| --- | --- |\n| ${shown} | ${shown} |\n\n**-${shown}-**\n\n1. x<br>${shown}\n`;
    });

    const found = readAll("markdown", pages);

    const wrong = found.flatMap(({ value, error }, index) => {
      const text = plain(texts[index] ?? "");
      const shown = [text, text, "a", "b", text, text, `-${text}-`, "x", text];
      const made = error === undefined ? otherThan(String(value), shown) : [error];
      return made.length > 0 ? [{ text, made, page: pages[index] }] : [];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});

/** The same with the names of each map in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inside]) => [name, sorted(inside)] as const);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
