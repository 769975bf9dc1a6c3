import type { Manifest } from "../../contract/manifest";
import type { PersonFacts, SignOnFacts } from "../../contract/service-facts";
import type { WrittenLab } from "../containers";
import type { Finding } from "../findings";
import { Reach, type Level, type Person } from "../reach";
import { writtenLabs } from "../written-labs";
import type { Rule } from "./rule";

/** Who gets an account or into a group, and how people are let in. Whose access grows by the rules is told with it. */
export const peopleFindings: Rule = ({ labs }) => {
  const { base, head } = writtenLabs(labs) ?? {};
  // An earlier version did not tell who has an account.
  if (!head || !base || !base.manifest.services.some(({ people, signOns }) => people ?? signOns)) return [];
  return [...joined(base, head), ...left(base.manifest, head.manifest), ...signOns(base.manifest, head.manifest)];
};

function peopleOf({ services }: Manifest): PersonFacts[] {
  return services.flatMap(({ people = [] }) => people);
}

function joined(base: WrittenLab, head: WrittenLab): Finding[] {
  const before = new Map(peopleOf(base.manifest).map((person) => [person.name, person]));
  const reach = Reach.in(head);
  return peopleOf(head.manifest).flatMap((person): Finding[] => {
    const was = before.get(person.name);
    const groups = person.groups.filter((group) => !was?.groups.includes(group));
    if (was && groups.length === 0) return [];
    const gained = addressesOf(reach, askerOf(person), was ? askerOf(was) : ACCOUNT);
    const who = was ? `${person.name} joins ${groups.join(", ")}` : `${person.name} gets an account`;
    const whose = !was && groups.length > 0 ? `, in ${groups.join(", ")},` : "";
    const where = gained.length > 0 ? `passes to ${told(gained)}` : "passes to what an account is enough for";
    return [
      {
        ...about(person, gained.length > 0 ? "danger" : "warning", was ? "joins" : "account"),
        subject: `${who}${whose ? whose.slice(0, -1) : ""}`,
        message: `${who}${whose} and ${where}: make sure who that is`,
      },
    ];
  });
}

function left(base: Manifest, head: Manifest): Finding[] {
  const after = new Map(peopleOf(head).map((person) => [person.name, person]));
  return peopleOf(base).flatMap((person): Finding[] => {
    const is = after.get(person.name);
    const groups = person.groups.filter((group) => !is?.groups.includes(group));
    if (is && groups.length === 0) return [];
    const what = is ? `leaves ${groups.join(", ")}` : "no longer has an account";
    return [
      { ...about(person, "note", "leaves"), subject: `${person.name} ${what}`, message: `${person.name} ${what}` },
    ];
  });
}

/** Everybody with an account and nothing else. */
const ACCOUNT: Person = { name: "an account", subjects: new Set() };

function askerOf({ name, groups }: PersonFacts): Person {
  return { name, subjects: new Set([`user:${name}`, ...groups.map((group) => `group:${group}`)]) };
}

/** The addresses that one person passes to, or passes to more easily, and another does not. */
function addressesOf(reach: Reach, person: Person, than: Person): string[] {
  return reach.addresses
    .filter((address) => {
      const [now = 0, other = 0]: readonly Level[] = reach.of(address, [person, than])?.levels ?? [];
      return now > other;
    })
    .sort();
}

function told(addresses: readonly string[]): string {
  const shown = addresses.slice(0, 5).join(", ");
  return addresses.length > 5 ? `${shown} and ${addresses.length - 5} more` : shown;
}

/** How long in seconds, as Authelia writes it; a month has 30 days. */
function seconds(duration: string): number {
  const units: Readonly<Record<string, number>> = {
    s: 1,
    m: 60,
    h: 3600,
    d: 86_400,
    w: 604_800,
    M: 2_592_000,
    y: 31_536_000,
  };
  const parts = [...duration.matchAll(/(\d+)\s*([smhdwMy])/g)];
  return parts.reduce((sum, [, count, unit = "s"]) => sum + Number(count) * (units[unit] ?? 0), 0);
}

function signOns(base: Manifest, head: Manifest): Finding[] {
  const before = new Map(
    base.services.flatMap(({ name, signOns: own = [] }) => own.map((one) => [name, one] as const)),
  );
  return head.services.flatMap(({ name, signOns: own = [] }) =>
    own.flatMap((is): Finding[] => {
      const was = before.get(name);
      return was
        ? weaker(was, is).map(([severity, what]) => ({
            concern: "people",
            severity,
            kind: "sign-on",
            subject: `${name}: ${what}`,
            message: `the sign-on ${name} is weaker than before: ${what}`,
            service: name,
            part: is.part,
            container: is.container,
          }))
        : [];
    }),
  );
}

function weaker(was: SignOnFacts, is: SignOnFacts): (readonly ["danger" | "warning", string])[] {
  const sessions = {
    expiration: "a session lasts",
    inactivity: "an unused session lasts",
    rememberMe: "who is remembered stays so for",
  } as const;
  const longer = Object.entries(sessions).flatMap(([key, what]) => {
    const [before, now] = [was.session, is.session].map((session) => session[key as keyof typeof sessions]);
    return before !== undefined && now !== undefined && seconds(now) > seconds(before)
      ? [["warning", `${what} ${now}, not ${before}`] as const]
      : [];
  });
  return [
    ...(was.accounts !== is.accounts
      ? [["danger", `accounts are in a ${is.accounts}, not in a ${was.accounts}`] as const]
      : []),
    ...(was.regulation && !is.regulation ? [["danger", "passwords may be guessed without end"] as const] : []),
    ...(was.regulation && is.regulation ? guessing(was.regulation, is.regulation) : []),
    ...longer,
  ];
}

type Regulation = NonNullable<SignOnFacts["regulation"]>;

function guessing(was: Regulation, is: Regulation): (readonly ["warning", string])[] {
  const rate = ({ maxRetries, banTime }: Regulation): number => maxRetries / Math.max(1, seconds(banTime));
  if (rate(is) <= rate(was) && seconds(is.findTime) >= seconds(was.findTime)) return [];
  const words = ({ maxRetries, findTime, banTime }: Regulation): string =>
    `${maxRetries} wrong passwords in ${findTime} keep out for ${banTime}`;
  return [["warning", `${words(is)}, not ${words(was)}`]];
}

function about(
  { part, container }: PersonFacts,
  severity: Finding["severity"],
  kind: string,
): Pick<Finding, "concern" | "severity" | "kind" | "part" | "container"> {
  return { concern: "people", severity, kind, part, container };
}
