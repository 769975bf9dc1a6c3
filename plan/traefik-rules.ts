/** A rule of a router of Traefik's, as far as it can be answered from a name and a path. */
export type Rule =
  | { readonly all: readonly Rule[] }
  | { readonly any: readonly Rule[] }
  | { readonly not: Rule }
  | { readonly matcher: string; readonly values: readonly string[] };

/** Whether a rule matches; it depends on more than the name and the path where it is `maybe`. */
export type Match = "yes" | "maybe" | "no";

/** What is asked for. */
export interface Asked {
  /** The host name. */
  readonly host: string;
  /** The path. */
  readonly path: string;
  /** Whether it says for whom it was forwarded; the proxy took that away from who may not say it. */
  readonly isForwarded?: boolean;
}

/** Reads a rule; undefined for what Traefik would not read either, and then has no router for. */
export function parseRule(text: string): Rule | undefined {
  const words = [...text.matchAll(/\s*(&&|\|\||[!(),]|`[^`]*`|"(?:[^"\\]|\\.)*"|[A-Za-z]\w*|\S)/g)].map(
    ([, word = ""]) => word,
  );
  const read = new Reader(words);
  const rule = read.any();
  return read.isAtEnd ? rule : undefined;
}

/** Reads the words of a rule from left to right; `&&` binds closer than `||`. */
class Reader {
  private next = 0;

  public constructor(private readonly words: readonly string[]) {}

  public get isAtEnd(): boolean {
    return this.next === this.words.length;
  }

  public any(): Rule | undefined {
    return this.list(
      "||",
      () => this.all(),
      (any) => ({ any }),
    );
  }

  private all(): Rule | undefined {
    return this.list(
      "&&",
      () => this.one(),
      (all) => ({ all }),
    );
  }

  private list(sign: string, one: () => Rule | undefined, of: (rules: Rule[]) => Rule): Rule | undefined {
    const rules: Rule[] = [];
    do {
      const rule = one();
      if (!rule) return undefined;
      rules.push(rule);
    } while (this.takes(sign));
    return rules.length === 1 ? rules[0] : of(rules);
  }

  private one(): Rule | undefined {
    if (this.takes("!")) {
      const not = this.one();
      return not && { not };
    }
    if (this.takes("(")) {
      const inner = this.any();
      return this.takes(")") ? inner : undefined;
    }
    const matcher = this.words[this.next++] ?? "";
    if (!/^[A-Za-z]\w*$/.test(matcher) || !this.takes("(")) return undefined;
    const values: string[] = [];
    while (!this.takes(")")) {
      const word = this.words[this.next++];
      if (word === undefined || !/^[`"]/.test(word)) return undefined;
      values.push(word.startsWith("`") ? word.slice(1, -1) : unquoted(word));
      this.takes(",");
    }
    return { matcher: matcher.toLowerCase(), values };
  }

  private takes(word: string): boolean {
    if (this.words[this.next] !== word) return false;
    this.next++;
    return true;
  }
}

function unquoted(word: string): string {
  try {
    return String(JSON.parse(word));
  } catch {
    return word.slice(1, -1);
  }
}

/** A name that no rule speaks of, and a path of which a pattern speaks. */
export const [ANY_NAME, ANY_PATH] = ["*", "/*"] as const;

/** Whether a rule matches a request to a name and a path, whoever makes it. */
export function match(rule: Rule, asked: Asked): Match {
  if ("all" in rule) return worst(rule.all.map((one) => match(one, asked)));
  if ("any" in rule) return OPPOSITE[worst(rule.any.map((one) => OPPOSITE[match(one, asked)]))];
  if ("not" in rule) return OPPOSITE[match(rule.not, asked)];
  const { matcher, values } = rule;
  const { host, path } = asked;
  switch (matcher) {
    case "host":
      return told(values.some((value) => value.toLowerCase() === host));
    case "path":
      return told(values.includes(path));
    case "pathprefix":
      return told(values.some((value) => path.startsWith(value)));
    case "hostregexp":
      return host === ANY_NAME ? "maybe" : byPattern(values, host);
    case "pathregexp":
      return path === ANY_PATH ? "maybe" : byPattern(values, path);
    case "headerregexp":
      return saysForWhom(values) && asked.isForwarded !== undefined ? told(asked.isForwarded) : "maybe";
    default:
      return "maybe"; // a header, a method, an address: somebody has it
  }
}

/** The matcher by which the library's routers tell what was forwarded. */
function saysForWhom([header = "", pattern]: readonly string[]): boolean {
  return header.toLowerCase() === "x-forwarded-for" && pattern === ".";
}

const OPPOSITE: Readonly<Record<Match, Match>> = { yes: "no", maybe: "maybe", no: "yes" };

function worst(matches: readonly Match[]): Match {
  return matches.includes("no") ? "no" : matches.includes("maybe") ? "maybe" : "yes";
}

function told(matches: boolean): Match {
  return matches ? "yes" : "no";
}

/** Go's patterns are read as JavaScript's; one that is none there may match. */
function byPattern(patterns: readonly string[], text: string): Match {
  try {
    return told(patterns.some((pattern) => new RegExp(pattern.replace(/^\(\?i\)/, ""), "i").test(text)));
  } catch {
    return "maybe";
  }
}

/** What a rule speaks of: names, paths, and whether it has a pattern for paths. */
export function spokenOf(rule: Rule): {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly isPattern: boolean;
} {
  const all = matchersOf(rule);
  const of = (...names: string[]): string[] => [
    ...new Set(all.filter(({ matcher }) => names.includes(matcher)).flatMap(({ values }) => values)),
  ];
  return {
    hosts: of("host").map((host) => host.toLowerCase()),
    paths: of("path", "pathprefix"),
    isPattern: of("pathregexp").length > 0,
  };
}

function matchersOf(rule: Rule): { readonly matcher: string; readonly values: readonly string[] }[] {
  if ("all" in rule) return rule.all.flatMap(matchersOf);
  if ("any" in rule) return rule.any.flatMap(matchersOf);
  return "not" in rule ? matchersOf(rule.not) : [rule];
}
