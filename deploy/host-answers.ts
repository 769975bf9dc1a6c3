import { shellWord } from "../contract/text";
import { runOnHost, type ManifestHost } from "./ssh";

/** What a host answered: texts of a kind, in order. */
export type Answers = (kind: string) => readonly string[];

/**
 * Runs a script that answers with `printf 'KIND %s\0'` as often as it likes. Each answer ends with a NUL, which is in no
 * name. What can't be asked is an answer of the kind `failed`, and does not keep the rest from it.
 */
export async function answersOf(host: ManifestHost, script: readonly string[]): Promise<Answers> {
  // A profile may have greeted already.
  const { printed } = await runOnHost(host, ["export LC_ALL=C; printf '\\0'", ...script].join("\n"));
  const answers = printed.split("\0").map((answer) => {
    const [, kind = "", text = ""] = /^(\w+) ([\s\S]*)$/.exec(answer) ?? [];
    return { kind, text };
  });
  return (wanted) => answers.flatMap(({ kind, text }) => (kind === wanted ? [text] : []));
}

/** What a host could not be asked, a sentence each. */
export function unaskedOf({ name }: ManifestHost, answers: Answers): string[] {
  return answers("failed").map((said) => `host ${JSON.stringify(name)}: ${said.trim().split("\n")[0]}`);
}

/** Lines of a script that ask the engine something in turn; the answers to one are what the engine printed as JSON. */
export function askingEngine(questions: Readonly<Record<string, readonly string[]>>): string[] {
  return [
    "ask() {",
    "  kind=$1; shift",
    `  said=$("$@" 2>&1) || { printf 'failed %s are unknown: %s\\0' "$kind" "$said"; return 1; }`,
    `  printf '%s %s\\0' "$kind" "$said"`,
    "}",
    "if command -v docker >/dev/null 2>&1; then",
    `  ${Object.entries(questions)
      .map(([kind, words]) => ["ask", kind, "docker", ...words, "--format", "{{json .}}"].map(shellWord).join(" "))
      .join(" && ")} || :`,
    "else",
    `  printf 'failed volumes are unknown: docker is not installed there\\0'`,
    "fi",
  ];
}

/** What a program printed as JSON, a line each; warnings are among the lines. */
export function documentsIn(text: string): Readonly<Record<string, unknown>>[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
