import type { AccessRule } from "../contract/access-rules";
import type { Manifest } from "../contract/manifest";
import { containersOf, type LabContainer, type WrittenLab } from "./containers";
import { Muxer, type Choice } from "./muxer";
import { oncePerLab } from "./once-per-lab";
import { isGuarded, isOfLan, type Router } from "./routers";
import { ANY_NAME, ANY_PATH, spokenOf, type Rule } from "./traefik-rules";

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

/** Where an address leads, and who passes. */
export interface Reachability {
  /** The service behind it; none for a container that is of no service. */
  readonly service?: string;
  /** The part that leads there, or the label or the file. */
  readonly part: string;
  /** The container behind it. */
  readonly container: string;
  /** Whether it answers everybody or the LAN alone. */
  readonly reach: "public" | "lan";
  /** Why nobody has to sign in, where nobody has to. */
  readonly reason?: string;
  /** How easily each of the people passes. */
  readonly levels: readonly Level[];
}

/**
 * Who reaches the routes of a lab: Traefik's choice of a router and Authelia's choice of a rule, asked for people. The
 * routers are those in the labels of containers and in the files of proxies, whoever put them there.
 */
export class Reach {
  /** That of a lab. */
  public static readonly in = oncePerLab((lab) => new Reach(lab));

  private readonly muxer: Muxer;
  private readonly chosen = new Map<string, readonly Choice[]>();
  private readonly rules = new Map<string, AccessRule[]>();
  private readonly containers: ReadonlyMap<string, LabContainer>;

  private constructor(private readonly lab: WrittenLab) {
    this.containers = new Map(containersOf(lab).map((container) => [`${container.host} ${container.name}`, container]));
    this.muxer = new Muxer(lab);
    for (const rule of lab.manifest.accessControl.rules) for (const host of rule.domain) push(this.rules, host, rule);
  }

  /** Every host, and every path of it that a route or a label speaks of: `docs.example.com`, `docs.example.com/api`. */
  public get addresses(): string[] {
    const declared = this.lab.manifest.services.flatMap(({ routes }) =>
      routes.flatMap(({ hosts, paths, bypass }) =>
        hosts.flatMap((host) => [
          ...(paths.length === 0 ? [host] : []),
          ...[...paths, ...bypass.flatMap((open) => open.paths)].map((path) => host + path),
        ]),
      ),
    );
    const labelled = [...this.muxer.routers.values()]
      .flat()
      .flatMap(({ rule, protocol, leads }) => (rule && protocol === "http" && !leads ? addressesOf(rule) : []));
    return [...new Set([...declared, ...labelled])];
  }

  /** How an address answers, asked at each host; the one that lets most people in counts. */
  public of(address: string, people: readonly Person[]): Reachability | undefined {
    return mostOpen(this.muxer.hosts.flatMap((host) => this.at(host, address, people) ?? []));
  }

  /** How an address answers at the proxy of one host; undefined where it knows nothing of it. */
  public at(host: string, address: string, people: readonly Person[]): Reachability | undefined {
    const name = address.replace(/\/.*$/, "");
    const path = address.slice(name.length) || "/";
    const key = `${host} ${address}`;
    const choices = this.chosen.get(key) ?? this.muxer.choices(host, name, path);
    this.chosen.set(key, choices);
    return mostOpen(choices.map((choice) => this.behind(choice, { host: name, path }, people)));
  }

  /** Routers that hand on connections unread, past each sign-on. */
  public get unread(): readonly Router[] {
    return [...this.muxer.routers.values()].flat().filter(({ protocol }) => protocol !== "http");
  }

  private behind(
    { router, door, arrival }: Choice,
    { host, path }: { readonly host: string; readonly path: string },
    people: readonly Person[],
  ): Reachability {
    const isBare = door?.strips === false;
    const container = this.containers.get(`${router.container.host} ${router.target}`) ?? router.container;
    const service = this.lab.manifest.services.find(({ name }) => name === container.service);
    const route = service?.routes.find(
      (one) => one.container === router.container.name && one.hosts.includes(host) && covers(one.paths, path),
    );
    const isOpened = !isGuarded(router) || isBare;
    const bypass = route?.bypass.find(({ paths }) => paths.length > 0 && covers(paths, path));
    const why = isGuarded(router)
      ? isBare
        ? "its entry point leaves in requests what the sign-on believes"
        : bypass?.reason
      : (route?.reason ?? `router ${router.name} has no sign-on`);
    return {
      ...(container.service !== undefined && { service: container.service }),
      part: route?.part ?? router.source,
      container: container.name,
      reach: isOfLan(router, arrival) ? "lan" : "public",
      ...(why !== undefined && { reason: why }),
      levels: people.map((person) => (isOpened ? 3 : this.levelOf(host, path, person))),
    };
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
    return LEVELS[this.lab.manifest.accessControl.default_policy] ?? 0;
  }
}

/** The addresses that a router speaks of; of `/api` and `/api/` the first. */
function addressesOf(rule: Rule): string[] {
  const { hosts, paths, isPattern } = spokenOf(rule);
  const said = paths.filter((path) => path === "/" || !paths.includes(path.replace(/\/$/, "")) || !path.endsWith("/"));
  const asked = [...said, ...(isPattern ? [ANY_PATH] : [])].map((path) => (path === "/" ? "" : path));
  return (hosts.length > 0 ? hosts : [ANY_NAME]).flatMap((host) =>
    (asked.length > 0 ? asked : [""]).map((path) => host + path),
  );
}

/** What lets most people in, from most places. */
function mostOpen(all: readonly Reachability[]): Reachability | undefined {
  const openness = ({ reach, levels }: Reachability): number =>
    (reach === "public" ? 1000 : 0) + (levels[0] ?? 0) * 100 + levels.reduce<number>((sum, level) => sum + level, 0);
  const [first, ...rest] = all;
  return first && rest.reduce((most, one) => (openness(one) > openness(most) ? one : most), first);
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
  const { levels, reach } = found;
  const lan = reach === "lan" ? ", on the LAN only" : "";
  if (isOpen(found, people)) return [`everybody ${WAYS[3] ?? ""}${lan}`];
  const stranger = people.findIndex(({ subjects }) => subjects?.size === 0);
  return people.flatMap(({ name, subjects }, index) => {
    const level = levels[index] ?? 0;
    if (subjects === undefined || level === 0) return [];
    if (index !== stranger && level === levels[stranger]) return [];
    return [`${name} ${WAYS[level] ?? ""}${lan}`];
  });
}

/** Whether paths, each with what is below it, cover a path; none cover all. */
function covers(paths: readonly string[], path: string): boolean {
  return paths.length === 0 || paths.some((one) => path === one || path.startsWith(`${one}/`));
}

function list(subject: Subject): readonly string[] {
  return typeof subject === "string" ? [subject] : subject;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
