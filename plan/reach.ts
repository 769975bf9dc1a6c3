import type { AccessRule } from "../constructs/access-control";
import type { Manifest, RouteFacts } from "../constructs/manifest";

type Subject = string | readonly string[];

/** Somebody who asks for an address. */
export interface Person {
  /** What they are called in a report. */
  readonly name: string;
  /** What is said of them; undefined for who has not signed in. */
  readonly subjects: ReadonlySet<string> | undefined;
}

/** How easily somebody passes: not at all, with two factors, with one, without sign-on. */
export type Level = 0 | 1 | 2 | 3;
const LEVELS: Readonly<Record<string, Level>> = { deny: 0, two_factor: 1, one_factor: 2, bypass: 3 };
const WAYS = ["", "with two factors", "with one factor", "without signing in"];

/** What an address is like for everybody who may ask for it. */
export interface Reachability {
  /** The service behind it. */
  readonly service: string;
  /** The route that leads there. */
  readonly route: RouteFacts;
  /** How easily each of the people passes. */
  readonly levels: readonly Level[];
}

/** Who reaches the routes of a lab: Traefik's choice of a route and Authelia's choice of a rule, asked for people. */
export class Reach {
  private readonly routes = new Map<string, { readonly service: string; readonly route: RouteFacts }[]>();
  private readonly rules = new Map<string, AccessRule[]>();

  public constructor(private readonly manifest: Manifest) {
    for (const { name, routes } of manifest.services) {
      for (const route of routes) for (const host of route.hosts) push(this.routes, host, { service: name, route });
    }
    for (const rule of manifest.accessControl.rules) for (const host of rule.domain) push(this.rules, host, rule);
  }

  /** Every host, and every path of it that a route speaks of: `docs.example.com`, `docs.example.com/api`. */
  public get addresses(): string[] {
    return [...this.routes].flatMap(([host, found]) =>
      found.flatMap(({ route: { paths, bypass } }) => [
        ...(paths.length === 0 ? [host] : []),
        ...[...paths, ...bypass.flatMap((open) => open.paths)].map((path) => host + path),
      ]),
    );
  }

  /** How an address answers; undefined where no route leads there. */
  public of(address: string, people: readonly Person[]): Reachability | undefined {
    const host = address.replace(/\/.*$/, "");
    const path = address.slice(host.length);
    // Traefik takes the longest rule; a route with paths comes before one without.
    const [first] = (this.routes.get(host) ?? [])
      .map((candidate) => ({ ...candidate, covers: covered(candidate.route.paths, path) }))
      .filter(({ covers }) => covers >= 0)
      .sort((a, b) => b.covers - a.covers);
    if (!first) return undefined;
    const { route, service } = first;
    const levels = people.map((person) =>
      route.policy === "bypass" ? 3 : this.levelOf(host, path === "" ? "/" : path, person),
    );
    return { service, route, levels };
  }

  /** The first rule that matches counts, as in Authelia. */
  private levelOf(host: string, path: string, { subjects }: Person): Level {
    for (const rule of this.rules.get(host) ?? []) {
      if (rule.resources && !rule.resources.some((pattern) => new RegExp(pattern).test(path))) continue;
      // Who has not signed in is asked to, as soon as a rule asks for it.
      if (!subjects) return rule.policy === "bypass" ? 3 : 0;
      const isMeant = (subject: Subject): boolean => list(subject).every((one) => subjects.has(one));
      if (!rule.subject || rule.subject.some(isMeant)) return LEVELS[rule.policy] ?? 0;
    }
    return LEVELS[this.manifest.accessControl.default_policy] ?? 0;
  }
}

/** Nobody signed in, somebody of whom nothing is said, and one person for each subject of the rules. */
export function peopleOf(labs: readonly Manifest[]): Person[] {
  const subjects = labs.flatMap((lab) => lab.accessControl.rules.flatMap(({ subject = [] }) => subject));
  const named = new Map(subjects.map((subject) => [list(subject).join(" and "), new Set(list(subject))]));
  return [
    { name: "nobody", subjects: undefined },
    { name: "everybody with an account", subjects: new Set() },
    ...[...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, set]) => ({ name, subjects: set })),
  ];
}

/** Whether everybody passes, without signing in. */
export function isOpen({ levels }: Reachability, people: readonly Person[]): boolean {
  return levels[people.findIndex(({ subjects }) => subjects === undefined)] === 3;
}

/** Who may pass and how, in words; whoever passes as everybody else does is not named. */
export function passes(found: Reachability, people: readonly Person[]): string[] {
  const { levels, route } = found;
  const lan = route.reach === "lan" ? ", on the LAN only" : "";
  if (isOpen(found, people)) return [`everybody ${WAYS[3] ?? ""}${lan}`];
  const stranger = people.findIndex(({ subjects }) => subjects?.size === 0);
  return people.flatMap(({ name, subjects }, index) => {
    const level = levels[index] ?? 0;
    if (subjects === undefined || level === 0) return [];
    if (index !== stranger && level === levels[stranger]) return [];
    return [`${name} ${WAYS[level] ?? ""}${lan}`];
  });
}

/** How much of a path a route covers: nothing is -1, the whole host 0. */
function covered(paths: readonly string[], path: string): number {
  if (paths.length === 0) return 0;
  return Math.max(-1, ...paths.filter((one) => path === one || path.startsWith(`${one}/`)).map(({ length }) => length));
}

function list(subject: Subject): readonly string[] {
  return typeof subject === "string" ? [subject] : subject;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
