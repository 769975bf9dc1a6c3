/**
 * A document for programs that read YAML 1.1, as most do: `no`, `on` and `1e3` are quoted where they are text. The
 * library is loaded with the first document: most labs have none, and it is a twentieth of a small lab's synthesis.
 */
export function toYaml(value: unknown): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it always
  const { stringify } = require("yaml") as typeof import("yaml");
  const text = stringify(value, { lineWidth: 0, compat: "yaml-1.1", aliasDuplicateObjects: false });
  // At the very beginning it would be a byte order mark, which readers drop.
  return text.startsWith("\ufeff") ? `---\n${text}` : text;
}
