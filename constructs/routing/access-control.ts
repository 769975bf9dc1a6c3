import type { Access, Subject } from "./access";
import { perLab, type LabConcern } from "../lab/lab";
import type { AccessControlDocument, AccessRule } from "../../contract/access-rules";
import { quote, regexLiteral } from "../../contract/text";
import { toYaml } from "../../contract/yaml";

/** A route whose access is ruled. */
export interface GuardedRoute {
  /** The route in messages: its service and part. */
  readonly subject: string;
  /** Host names. */
  readonly hosts: readonly string[];
  /** The paths it is limited to; empty means all. */
  readonly paths: readonly string[];
  /** Who may pass. */
  readonly access: Access;
}

/** A rule about one path of some hosts; the empty path is the whole host. */
interface PathRule {
  readonly hosts: readonly string[];
  readonly path: string;
  readonly policy: AccessRule["policy"];
  readonly subjects: readonly Subject[];
}

/**
 * Who may pass, over all routes of the lab. Authelia takes the first rule that matches, so their order is computed:
 * longer paths before shorter ones and before whole hosts, and at one path what is open before what is guarded. The
 * order of declaration changes nothing.
 */
export class AccessControl implements LabConcern {
  /** That of the lab that a construct is in. */
  public static readonly of = perLab(() => new AccessControl());

  private readonly all: GuardedRoute[] = [];
  private readonly sessionDomains = new Set<string>();

  /** Adds a route. */
  public add(route: GuardedRoute): void {
    this.all.push(route);
  }

  /** Says that a sign-on of the lab has a session for a domain and what is below it. */
  public addSessionDomain(domain: string): void {
    this.sessionDomains.add(domain);
  }

  /** What is wrong with the routes together. */
  public findings(): string[] {
    return [...this.uncovered(), ...this.openedElsewhere()];
  }

  /** Guarded routes where nobody could sign in. A lab without a sign-on of its own answers for it itself. */
  private uncovered(): string[] {
    if (this.sessionDomains.size === 0) return [];
    const domains = [...this.sessionDomains].sort();
    const isCovered = (host: string): boolean => domains.some((domain) => `.${host}`.endsWith(`.${domain}`));
    return this.all
      .filter(({ access }) => access.policy !== "bypass")
      .flatMap(({ subject, hosts }) =>
        hosts
          .filter((host) => !isCovered(host))
          .map(
            (host) =>
              `${subject}: ${quote(host)} is guarded, and no session of the sign-on covers it, only ${domains.map(quote).join(", ")}: add its zone to the 'zones' of the sign-on`,
          ),
      );
  }

  /** Paths that one route opens and another one serves: Authelia knows no routes, and would open them there. */
  private openedElsewhere(): string[] {
    const byHost = new Map<string, GuardedRoute[]>();
    for (const route of this.all)
      for (const host of route.hosts) byHost.set(host, [...(byHost.get(host) ?? []), route]);
    const found = [...byHost].flatMap(([host, routes]) =>
      routes.flatMap((route) =>
        route.access.bypassed
          .flatMap(({ paths }) => paths)
          .flatMap((path) =>
            routes
              .filter((other) => other !== route && !opens(other, path))
              // The router with the longest path gets the request.
              .filter((other) => longest(other, path) > longest(route, path))
              .map(
                (other) =>
                  `${route.subject}: bypass() opens ${quote(path)} of ${host}, which ${other.subject} serves: take the path out of bypass(), or say there that it is open`,
              ),
          ),
      ),
    );
    return [...new Set(found)];
  }

  /** The document, as Authelia reads it under `access_control`. */
  public document(): AccessControlDocument {
    // A public route needs no rule: its router has no sign-on.
    const guarded = this.all.filter(({ access }) => access.policy !== "bypass");
    const rules = guarded.flatMap(rulesOf).sort(bySpecificity);
    return { default_policy: "deny", rules: rules.map(render) };
  }

  /** The document as a section of the manifest. */
  public sections(): { readonly accessControl: AccessControlDocument } {
    return { accessControl: this.document() };
  }

  /** A YAML file with the document under its key, to be passed to Authelia beside its own configuration. */
  public toYaml(): string {
    return toYaml({ access_control: this.document() });
  }
}

/** Whether a route itself lets everybody pass to a path. */
function opens({ access }: GuardedRoute, path: string): boolean {
  return access.policy === "bypass" || access.bypassed.some(({ paths }) => paths.some((own) => isWithin(path, own)));
}

function longest({ paths }: GuardedRoute, path: string): number {
  return Math.max(0, ...paths.filter((own) => isWithin(path, own)).map(({ length }) => length));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function rulesOf({ hosts, paths, access }: GuardedRoute): PathRule[] {
  const sorted = [...hosts].sort();
  const open = access.bypassed.flatMap(({ paths: bypassed }) =>
    bypassed.map((path): PathRule => ({ hosts: sorted, path, policy: "bypass", subjects: [] })),
  );
  const guarded = (paths.length === 0 ? [""] : paths).flatMap((path): PathRule[] => [
    { hosts: sorted, path, policy: access.policy, subjects: access.subjects },
    // Whoever is no subject of a path's rule must not fall through to the more generous one of the whole host.
    ...(path !== "" && access.subjects.length > 0
      ? [{ hosts: sorted, path, policy: "deny" as const, subjects: [] }]
      : []),
  ]);
  return [...open, ...guarded];
}

const POLICY_ORDER = ["bypass", "one_factor", "two_factor", "deny"];

function bySpecificity(a: PathRule, b: PathRule): number {
  return (
    b.path.split("/").length - a.path.split("/").length ||
    b.path.length - a.path.length ||
    compare(a.path, b.path) ||
    POLICY_ORDER.indexOf(a.policy) - POLICY_ORDER.indexOf(b.policy) ||
    compare(a.hosts.join(), b.hosts.join())
  );
}

function render({ hosts, path, policy, subjects }: PathRule): AccessRule {
  return {
    domain: hosts,
    ...(path !== "" && { resources: [`^${regexLiteral(path)}([/?].*)?$`] }),
    policy,
    ...(subjects.length > 0 && { subject: subjects }),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
