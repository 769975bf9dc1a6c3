import { BlockList, isIP } from "node:net";
import { posix } from "node:path";
import type { AccessControlDocument } from "../../constructs";

/** Who asks for what. */
export interface Request {
  readonly url: string;
  readonly method?: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly ip?: string;
}

/** What Authelia 4.39 answers: its policy, and whether a rule with a subject took part. */
export function authorize(document: AccessControlDocument, request: Request): { level: string; by_subject: boolean } {
  const url = new URL(request.url);
  const target = targetOf(request.url);
  for (const rule of document.rules as readonly any[]) {
    const named = [...list(rule.domain), ...list(rule.domain_regex)];
    const onDomain =
      list(rule.domain).some((domain) => matchesDomain(domain, url.hostname, request)) ||
      list(rule.domain_regex).some((regex) => matchesRegex(regex, url.hostname, request));
    if (named.length > 0 && !onDomain) continue;
    if (rule.resources && !list(rule.resources).some((resource) => new RegExp(resource).test(target))) continue;
    if (rule.methods && !list(rule.methods).includes(request.method ?? "GET")) continue;
    if (rule.networks && !list(rule.networks).some((network) => inNetwork(request.ip ?? "", network))) continue;
    // A domain with named groups is about a subject as well.
    const bySubject =
      rule.subject !== undefined ||
      list(rule.domain_regex).some((regex) => /\(\?P?<(User|Group)>/.test(regex)) ||
      list(rule.domain).some((domain) => /^\{(user|group)\}/.test(domain));
    if (rule.subject && request.user !== "" && !rule.subject.some((subject: any) => matchesSubject(subject, request)))
      continue;
    return { level: rule.policy, by_subject: bySubject };
  }
  return { level: document.default_policy, by_subject: false };
}

/** The path as Authelia looks at it, decoded and without dots and double slashes, with the query. */
function targetOf(url: string): string {
  const [, raw = "", query] = /^\w+:\/\/[^/?]+([^?]*)(?:\?(.*))?$/.exec(url) ?? [];
  const path = decodeURIComponent(raw);
  const clean = posix.normalize(path).replace(/(.)\/$/, "$1");
  return `${clean}${path.length > 1 && path.endsWith("/") ? "/" : ""}${query ? `?${query}` : ""}`;
}

function list(value: undefined | string | readonly string[]): readonly string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

function matchesDomain(domain: string, host: string, request: Request): boolean {
  if (domain.startsWith("*.")) return host.endsWith(domain.slice(1));
  if (domain.startsWith("{user}."))
    return request.user === "" ? host.endsWith(domain.slice(6)) : host === `${request.user}${domain.slice(6)}`;
  if (domain.startsWith("{group}.")) {
    return request.user === ""
      ? host.endsWith(domain.slice(7))
      : request.groups.some((group) => host === `${group}${domain.slice(7)}`);
  }
  return domain === host;
}

function matchesRegex(regex: string, host: string, request: Request): boolean {
  const match = new RegExp(regex.replaceAll("(?P<", "(?<")).exec(host);
  if (!match) return false;
  if (request.user === "") return true;
  const { User: user, Group: group } = match.groups ?? {};
  return (user === undefined || user === request.user) && (group === undefined || request.groups.includes(group));
}

function matchesSubject(subject: string | readonly string[], request: Request): boolean {
  return list(subject).every((name) => {
    if (name.startsWith("user:")) return name.slice(5) === request.user;
    return name.startsWith("group:") && request.groups.includes(name.slice(6));
  });
}

function inNetwork(ip: string, network: string): boolean {
  const [base = "", bits] = network.split("/");
  const family = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");
  const block = new BlockList();
  block.addSubnet(base, Number(bits ?? (family(base) === "ipv6" ? 128 : 32)), family(base));
  return block.check(ip, family(ip));
}
