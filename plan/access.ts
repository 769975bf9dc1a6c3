import type { AccessControlDocument } from "../constructs/access-control";
import type { Manifest, RouteFacts } from "../constructs/manifest";
import type { AccessReport } from "./model";

type Subject = string | readonly string[];

/** Somebody who asks for an address. */
interface Person {
  /** What they are called in the report. */
  readonly name: string;
  /** What is said of them; undefined for who has not signed in. */
  readonly subjects: ReadonlySet<string> | undefined;
}

/** How easily somebody passes: not at all, with two factors, with one, without sign-on. */
type Level = 0 | 1 | 2 | 3;
const LEVELS: Readonly<Record<string, Level>> = { deny: 0, two_factor: 1, one_factor: 2, bypass: 3 };
const WAYS = ["", "with two factors", "with one factor", "without signing in"];

/** What an address is like for everybody who may ask for it. */
interface Reachability {
  readonly service: string;
  readonly reach: RouteFacts["reach"];
  readonly levels: readonly Level[];
}

/**
 * Whose access becomes another, found by asking the rules of both labs the same questions: every kind of person that
 * they speak of, at every address and path that they name.
 */
export function reportAccess(base: Manifest | undefined, head: Manifest): AccessReport[] {
  const people = peopleOf([base, head]);
  const probes = addressesOf([base, head]);
  const found = probes.flatMap((probe) => {
    const after = reachability(head, probe, people);
    if (!after) return [];
    const change = compared(probe, base && reachability(base, probe, people), after, people);
    return change ? [change] : [];
  });
  return found.filter((report) => !impliedByHost(report, found));
}

/** A path tells nothing that its whole host has not told. */
function impliedByHost(report: AccessReport, all: readonly AccessReport[]): boolean {
  const host = report.address.replace(/\/.*$/, "");
  const whole = all.find(({ address }) => address === host);
  if (!whole || whole === report) return false;
  const said = ({ change, after, before, becomesPublic }: AccessReport): string =>
    JSON.stringify([change, after, before, becomesPublic]);
  return said(whole) === said(report);
}

function compared(
  address: string,
  before: Reachability | undefined,
  after: Reachability,
  people: readonly Person[],
): AccessReport | undefined {
  const anybody = people.findIndex(({ subjects }) => subjects === undefined);
  const isPublic = (one: Reachability): boolean => one.reach === "public" && one.levels[anybody] === 3;
  const told = { address, service: after.service, after: passes(after, people) };
  const becomesPublic = isPublic(after) && !(before && isPublic(before));
  if (!before) return { ...told, change: "appears", before: [], becomesPublic };
  const steps = after.levels.map((level, index) => level - (before.levels[index] ?? 0));
  const wider = steps.some((step) => step > 0) || (before.reach === "lan" && after.reach === "public");
  const narrower = steps.some((step) => step < 0) || (before.reach === "public" && after.reach === "lan");
  if (!wider && !narrower) return undefined;
  return {
    ...told,
    change: wider && narrower ? "differs" : wider ? "widens" : "narrows",
    before: passes(before, people),
    becomesPublic,
  };
}

/** Who may pass, in words; whoever passes as everybody else does is not named. */
function passes({ reach, levels }: Reachability, people: readonly Person[]): string[] {
  const lan = reach === "lan" ? ", on the LAN only" : "";
  const level = (index: number): Level => levels[index] ?? 0;
  const anonymous = people.findIndex(({ subjects }) => subjects === undefined);
  if (level(anonymous) === 3) return [`everybody ${WAYS[3] ?? ""}${lan}`];
  const stranger = people.findIndex(({ subjects }) => subjects?.size === 0);
  return people.flatMap(({ name, subjects }, index) => {
    if (subjects === undefined || level(index) === 0) return [];
    if (index !== stranger && level(index) === level(stranger)) return [];
    return [`${name} ${WAYS[level(index)] ?? ""}${lan}`];
  });
}

/** Nobody signed in, somebody of whom nothing is said, and one person for each subject of the rules. */
function peopleOf(labs: readonly (Manifest | undefined)[]): Person[] {
  const subjects = labs.flatMap((lab) => lab?.accessControl.rules.flatMap(({ subject = [] }) => subject) ?? []);
  const named = new Map(subjects.map((subject) => [list(subject).join(" and "), new Set(list(subject))]));
  return [
    { name: "nobody", subjects: undefined },
    { name: "everybody with an account", subjects: new Set() },
    ...[...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, set]) => ({ name, subjects: set })),
  ];
}

/** Every host, and every path of it that a route or a rule speaks of. */
function addressesOf(labs: readonly (Manifest | undefined)[]): string[] {
  const routes = labs.flatMap((lab) => lab?.services.flatMap((service) => service.routes) ?? []);
  const addresses = routes.flatMap(({ hosts, paths, bypass }) => {
    const inside = [...paths, ...bypass.flatMap((open) => open.paths)];
    return hosts.flatMap((host) => [...(paths.length === 0 ? [host] : []), ...inside.map((path) => host + path)]);
  });
  return [...new Set(addresses)].sort();
}

/** How an address answers in a lab; undefined where no route leads there. */
function reachability(
  { services, accessControl }: Manifest,
  address: string,
  people: readonly Person[],
): Reachability | undefined {
  const host = address.replace(/\/.*$/, "");
  const path = address.slice(host.length);
  const routes = services.flatMap((service) => service.routes.map((route) => ({ route, service: service.name })));
  // Traefik takes the longest rule; a route with paths comes before one without.
  const [first] = routes
    .filter(({ route }) => route.hosts.includes(host))
    .map((candidate) => ({ ...candidate, covers: covered(candidate.route.paths, path) }))
    .filter(({ covers }) => covers >= 0)
    .sort((a, b) => b.covers - a.covers);
  if (!first) return undefined;
  const { route, service } = first;
  const levels = people.map((person) =>
    route.policy === "bypass" ? 3 : levelOf(accessControl, host, path === "" ? "/" : path, person),
  );
  return { service, reach: route.reach, levels };
}

/** How much of a path a route covers: nothing is -1, the whole host 0. */
function covered(paths: readonly string[], path: string): number {
  if (paths.length === 0) return 0;
  return Math.max(-1, ...paths.filter((one) => path === one || path.startsWith(`${one}/`)).map(({ length }) => length));
}

/** The first rule that matches counts, as in Authelia. */
function levelOf(
  { rules, default_policy: otherwise }: AccessControlDocument,
  host: string,
  path: string,
  { subjects }: Person,
): Level {
  for (const rule of rules) {
    if (!rule.domain.includes(host)) continue;
    if (rule.resources && !rule.resources.some((pattern) => new RegExp(pattern).test(path))) continue;
    // Who has not signed in is asked to, as soon as a rule asks for it.
    if (!subjects) return rule.policy === "bypass" ? 3 : 0;
    const isMeant = (subject: Subject): boolean => list(subject).every((one) => subjects.has(one));
    if (!rule.subject || rule.subject.some(isMeant)) return LEVELS[rule.policy] ?? 0;
  }
  return LEVELS[otherwise] ?? 0;
}

function list(subject: Subject): readonly string[] {
  return typeof subject === "string" ? [subject] : subject;
}
