import { CONCERNS, DATA_LOSS, type Concern, type Finding } from "./findings";
import type { BaseFacts } from "./model";

/** Words for one subject and for several, or for what comes before them. */
type Phrase = readonly [one: string, several: string] | { readonly before: string } | { readonly count: string };

/** How dangers of a concern are told, where their kind has no words of its own. */
const DANGERS: Readonly<Record<Concern, Phrase>> = {
  destroyed: { before: "DATA IS DESTROYED: " },
  "starts-empty": { before: "DATA IS LEFT BEHIND by " },
  relocated: { before: "DATA MUST BE COPIED: " },
  irreversible: { before: "CAN'T BE UNDONE: " },
  unseen: { before: "CAN'T BE COMPARED: " },
  public: ["becomes PUBLIC", "become PUBLIC"],
  "host-root": ["gets ROOT ON ITS HOST", "get ROOT ON THEIR HOSTS"],
  trust: { before: "TRUST CHANGES: " },
  secrets: { before: "SECRETS: " },
  "not-backed-up": ["is NO LONGER BACKED UP", "are NO LONGER BACKED UP"],
  people: ["may do more than before", "may do more than before"],
  removed: ["is gone", "are gone"],
  restarts: ["restarts", "restart"],
  other: ["changes", "change"],
};

/** How warnings are told, where it is not as dangers are. */
const WARNINGS: Readonly<Partial<Record<Concern, Phrase>>> = {
  destroyed: { before: "data may be destroyed: " },
  "starts-empty": { before: "may start without its data: " },
  relocated: { before: "data moves: " },
  irreversible: { before: "may not be undone: " },
  public: ["may become public", "may become public"],
  "host-root": ["has more of its host than before", "have more of their hosts than before"],
  trust: { before: "trust changes: " },
  secrets: { before: "secrets: " },
  "not-backed-up": ["is backed up less than before", "are backed up less than before"],
};

/** How findings of a kind are told, notes among them. Notes of other kinds are counted, if they are told at all. */
const BY_KIND: Readonly<Record<string, Phrase>> = {
  state: { before: "STATES ARE LEFT BEHIND by " },
  "other-server": { before: "DATABASES START EMPTY: " },
  unprotected: { before: "DATA IS NO LONGER PROTECTED: " },
  "host-network": ["rules the network of its host", "rule the networks of their hosts"],
  "other-services": ["gets hold of other services", "get hold of other services"],
  "partly-public": ["is open to more of the internet", "are open to more of the internet"],
  "firewall-removed": ["loses its firewall and becomes PUBLIC", "lose their firewalls and become PUBLIC"],
  "unseen-routers": ["has routes that NOBODY CAN SEE", "have routes that NOBODY CAN SEE"],
  "shares-network": ["opens ports that nobody knows", "open ports that nobody knows"],
  "data-kept": { before: "data is mounted elsewhere: " },
  joins: ["", ""],
  account: ["", ""],
  leaves: ["", ""],
  "sign-on": ["", ""],
  "access-widens": ["is open to others than before", "are open to others than before"],
  "access-narrows": ["is open to fewer", "are open to fewer"],
  "service-removed": ["is removed", "are removed"],
  "url-vanishes": ["vanishes", "vanish"],
  "stack-removed": ["is no longer in the code", "are no longer in the code"],
  "service-moves": ["", ""],
  "service-renamed": ["", ""],
  "service-restarts": ["restarts", "restart"],
  "service-new": ["is new", "are new"],
  "service-returns": ["returns", "return"],
  "service-changes": ["changes without a restart", "change without a restart"],
  resource: { count: "of no single service" },
};

/** At most so many names of one kind; the report has all. */
const NAMES = 5;

/** The line that a reviewer reads first: the findings in the order of their concerns, each kind in one phrase. */
export function headline(findings: readonly Finding[], base: BaseFacts): string {
  if (findings.length === 0) return "Nothing changes.";
  const losesNone = !findings.some(
    ({ concern, severity }) => concern === "unseen" || (severity !== "note" && DATA_LOSS.includes(concern)),
  );
  const said = CONCERNS.map((concern) => ({
    concern,
    phrases: phrasesOf(findings.filter((finding) => finding.concern === concern)),
  }));
  const isBeforePeace = ({ concern }: { concern: Concern }): boolean =>
    DATA_LOSS.includes(concern) || concern === "unseen";
  const phrases = (group: typeof said): string[] => group.flatMap((one) => one.phrases);
  const [worst, rest] = [phrases(said.filter(isBeforePeace)), phrases(said.filter((one) => !isBeforePeace(one)))];
  const peace = losesNone && base.ref !== "none" ? ["No data is lost"] : [];
  const others = [...worst, ...rest].length > 0 ? [] : [counted(findings.length, "small change", "told below")];
  return `${[...worst, ...peace, ...rest, ...others].join("; ")}.`;
}

function phrasesOf(findings: readonly Finding[]): string[] {
  const groups = new Map<Phrase, string[]>();
  for (const finding of findings) {
    const phrase = phraseOf(finding);
    if (phrase) groups.set(phrase, [...(groups.get(phrase) ?? []), finding.subject]);
  }
  return [...groups].map(([phrase, subjects]) => told(phrase, subjects));
}

function phraseOf({ concern, severity, kind }: Finding): Phrase | undefined {
  const ofKind = kind === undefined ? undefined : BY_KIND[kind];
  if (ofKind || severity === "note") return ofKind;
  return (severity === "warning" ? WARNINGS[concern] : undefined) ?? DANGERS[concern];
}

function told(phrase: Phrase, all: readonly string[]): string {
  if ("count" in phrase) return counted(all.length, "resource", phrase.count);
  const names = [...new Set(all)];
  const shown = names.slice(0, NAMES);
  const rest = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
  const subjects = `${shown.join(", ")}${rest}`;
  if ("before" in phrase) return phrase.before + subjects;
  return `${subjects} ${names.length === 1 ? phrase[0] : phrase[1]}`.trimEnd();
}

function counted(count: number, what: string, words: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"} ${words}`;
}
