import { routerRules } from "../contract/router-rules";
import type { RouteFacts } from "../contract/service-facts";
import type { WrittenLab } from "./containers";
import { doorsOf, proxiesOf, type Door } from "./proxies";
import { routersOf, type Arrival, type Router } from "./routers";
import { match, parseRule, type Asked, type Rule } from "./traefik-rules";

/** A router that a proxy may choose for a request. */
export interface Choice {
  readonly router: Router;
  readonly door: Door | undefined;
  readonly arrival: Arrival;
}

/** A router of a host's proxy, or one that hands on what another host serves. */
interface Candidate {
  readonly rule: Rule;
  readonly priority: number;
  readonly entryPoints: readonly string[];
  readonly isTls: boolean;
  readonly leads: Router | NonNullable<Router["leads"]>;
}

const DIRECT: Arrival = { isForwarded: false, isByProxy: false, isMadeUp: false };

/** What the proxies of a lab choose, by the routers that they have. */
export class Muxer {
  /** The routers of proxies, by host: those that labels declare, and those that they read from files. */
  public readonly routers: ReadonlyMap<string, readonly Router[]>;
  private readonly doors: ReadonlyMap<string, readonly Door[]>;
  private readonly candidates: ReadonlyMap<string, readonly Candidate[]>;

  public constructor(private readonly lab: WrittenLab) {
    const proxies = proxiesOf(lab);
    const labelled = routersOf(lab);
    this.routers = new Map(
      [...new Set([...labelled.keys(), ...proxies.keys()])].map((host) => [
        host,
        [...(labelled.get(host) ?? []), ...(proxies.get(host) ?? []).flatMap(({ routers }) => routers)],
      ]),
    );
    this.doors = new Map(
      [...proxies].flatMap(([host, own]) =>
        own.some(({ entryPoints }) => entryPoints.length > 0) ? [[host, doorsOf(own)]] : [],
      ),
    );
    this.candidates = new Map(lab.manifest.hosts.map(({ name }) => [name, this.candidatesOf(name)]));
  }

  /** The hosts. */
  public get hosts(): readonly string[] {
    return [...this.candidates.keys()];
  }

  /** What a host's proxy may choose for a name and a path, however the request comes. */
  public choices(host: string, name: string, path: string): Choice[] {
    return this.arrivals(host).flatMap((arrival) => this.chosen(host, { host: name, path }, arrival, new Set()));
  }

  private arrivals(host: string): Arrival[] {
    const doors = this.doors.get(host);
    const believes = doors === undefined || doors.some((door) => door.believes !== "none");
    const isMadeUp = doors?.some((door) => door.believes === "everybody") ?? false;
    return [DIRECT, ...(believes ? [{ isForwarded: true, isByProxy: true, isMadeUp }] : [])];
  }

  private chosen(host: string, asked: Asked, arrival: Arrival, passed: ReadonlySet<string>): Choice[] {
    const all = this.candidates.get(host) ?? [];
    const known = this.doors.get(host);
    const names = known?.map(({ name }) => name) ?? ["", ...new Set(all.flatMap(({ entryPoints }) => entryPoints))];
    return names.flatMap((name) => {
      const door = known?.find((one) => one.name === name);
      const here = all.filter(({ entryPoints }) => entryPoints.length === 0 || entryPoints.includes(name));
      // Those with TLS and those without are asked apart, unless the entry point has it for all.
      const groups = [here.filter(({ isTls }) => isTls), here.filter(({ isTls }) => !isTls), here];
      const found = groups.flatMap((group) => first(group, { ...asked, isForwarded: arrival.isForwarded }));
      return [...new Set(found)].flatMap(({ leads }): Choice[] => {
        if (leads === "nowhere") return [];
        if (!("to" in leads)) return [{ router: leads, door, arrival }];
        if (passed.has(leads.to)) return [];
        const isForwarded = this.doors.get(leads.to)?.some(({ believes }) => believes !== "none") ?? true;
        const onward = { ...arrival, isForwarded, isByProxy: true };
        return this.chosen(leads.to, asked, onward, new Set([...passed, host]));
      });
    });
  }

  private candidatesOf(host: string): Candidate[] {
    const own = (this.routers.get(host) ?? []).flatMap((router): Candidate[] =>
      router.rule && router.protocol === "http"
        ? [{ ...router, rule: router.rule, leads: router.leads ?? router }]
        : [],
    );
    // A proxy of the lab's has what it hands on in its files.
    if (this.doors.has(host)) return own;
    const { services, zones } = this.lab.manifest;
    // A zone's ingress leads to public routes alone: a name of the LAN is answered where its service runs.
    const isThrough = ({ reach, zone }: RouteFacts): boolean =>
      reach === "public" &&
      zones.some(({ name, entry }) => name === zone && entry?.kind === "through" && entry.host === host);
    const answered = new Set(
      services.flatMap((service) =>
        service.routes
          .filter((route) => service.host === host || isThrough(route))
          .flatMap(({ hosts: names }) => names),
      ),
    );
    const others = services.filter((service) => service.host !== host);
    return [
      ...own,
      ...others.flatMap((service) =>
        service.routes.flatMap(({ hosts, paths }) => {
          const names = hosts.filter((name) => answered.has(name));
          return names.length === 0 ? [] : routerRules("", names, paths).flatMap((one) => handedOn(one, service.host));
        }),
      ),
    ];
  }
}

function handedOn(
  { rule: text, priority = text.length }: ReturnType<typeof routerRules>[number],
  to: string,
): Candidate[] {
  const rule = parseRule(text);
  return rule ? [{ rule, priority, entryPoints: [], isTls: true, leads: { to } }] : [];
}

/** The routers that Traefik may choose for a request: the first that matches for sure, and before it those that may. */
function first(all: readonly Candidate[], asked: Asked): Candidate[] {
  const found: Candidate[] = [];
  let last: number | undefined;
  for (const candidate of [...all].sort((a, b) => b.priority - a.priority)) {
    if (last !== undefined && candidate.priority < last) break;
    const matches = match(candidate.rule, asked);
    if (matches === "no") continue;
    found.push(candidate);
    // Of two with one priority Traefik chooses either.
    if (matches === "yes") last = candidate.priority;
  }
  return found;
}
