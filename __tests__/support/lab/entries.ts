import type { Manifest } from "../../../constructs";
import type { StackJson, Synthesis } from "../synthesis";
import type { Origin } from "./expectation";
import { INTERNET } from "./network";

/** A way that requests take into a lab. */
export interface Entry {
  /** What it is called in the table. */
  readonly name: string;
  /** Where the request comes from as the reports see it. */
  readonly origin: Origin;
  /** The place in the network whose program sends it to the proxy. */
  readonly place: string;
  /** The address that it is sent to. */
  readonly address: string;
  /** Whether the name leads elsewhere, so that a proxy there may not know it. */
  readonly isDetour: boolean;
  /** What a proxy in front does to headers: names and values. */
  readonly through: (headers: readonly string[]) => readonly string[];
}

const asTheyAre = (headers: readonly string[]): readonly string[] => headers;

/** The ways to a name of a host: the one that its record says, and all others that somebody can take. */
export function entriesTo({ manifest, stacks }: Synthesis, hostName: string, path: string): Entry[] {
  const { on, zone } = placeOf(manifest, hostName);
  const lanOf = (name: string): string => manifest.hosts.find((host) => host.name === name)?.lanAddress ?? "";
  const edge = manifest.hosts.find(({ publicAddress }) => publicAddress !== undefined);
  const ingress = manifest.zones.find(({ name }) => name === zone)?.ingress ?? "";
  const tunnel = /^tunnel (.*)$/.exec(ingress)?.[1];
  const entries: Entry[] = [];
  const add = (name: string, origin: Origin, place: string, address: string, through = asTheyAre): void => {
    const isDetour = name === "LAN, other host" || (name === "internet" && tunnel !== undefined && edge?.name !== on);
    entries.push({ name, origin, place, address, through, isDetour });
  };
  // Whoever knows a name can send it to every address that answers.
  add("internet", "internet", "internet", edge?.publicAddress ?? "");
  add("LAN", "lan", "lan", lanOf(on));
  add("neighbour", "lan", `${on}-c`, lanOf(on));
  if (edge && edge.name !== on) add("LAN, other host", "lan", "lan", edge.lanAddress);
  const rule = tunnel === undefined ? undefined : tunnelRule(stacks.edge, hostName, path);
  // The connector is a container of its host; to other hosts it has the host's address.
  if (tunnel !== undefined && rule) add("tunnel", "internet", `${tunnel}-c`, rule, cloudflare);
  if (ingress === "direct") add("Cloudflare", "internet", "cloudflare", edge?.publicAddress ?? "", cloudflare);
  return entries;
}

/** The headers that the rules of a zone have Cloudflare remove. In the table nobody relies on it. */
export function removedAtCloudflare({ stacks }: Synthesis, zone: string): string[] {
  const rules = stacks.edge?.resource.cloudflare_ruleset?.[`${zone.replaceAll(".", "_")}_request_headers`]?.rules ?? [];
  return rules.flatMap(({ action_parameters: { headers } }: any) =>
    Object.entries<any>(headers).flatMap(([name, { operation }]) =>
      operation === "remove" ? [name.toLowerCase()] : [],
    ),
  );
}

/**
 * What Cloudflare does to a request before it hands it on, or before its connector does: the client's address is
 * appended, the rest is as the client wrote it.
 * https://developers.cloudflare.com/fundamentals/reference/http-headers/
 */
function cloudflare(headers: readonly string[]): string[] {
  const kept: string[] = [];
  const forwarded: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const [name = "", value = ""] = headers.slice(i, i + 2);
    if (name.toLowerCase() === "x-forwarded-for") forwarded.push(value);
    else if (/^connection$/i.test(name) && !/^upgrade$/i.test(value)) continue;
    else if (!/^(cf-connecting-ip|cf-ray|cf-visitor|x-forwarded-proto|cdn-loop)$/i.test(name)) kept.push(name, value);
  }
  return [
    ...kept,
    ...["X-Forwarded-For", [...forwarded, INTERNET].join(", "), "X-Forwarded-Proto", "https"],
    ...["CF-Connecting-IP", INTERNET, "CF-Visitor", '{"scheme":"https"}', "CDN-Loop", "cloudflare; loops=1"],
  ];
}

/** The host whose proxy answers for a name, and its zone. */
function placeOf(
  { services, hosts, zones }: Manifest,
  hostName: string,
): { readonly on: string; readonly zone: string } {
  const found = services.find(({ routes }) => routes.some((route) => route.hosts.includes(hostName)));
  const zone = zones.find(({ name }) => hostName === name || hostName.endsWith(`.${name}`))?.name ?? "";
  return { on: found?.host ?? hosts[0]?.name ?? "", zone };
}

/** The address that a connector sends a request to, by the tunnel's rules; undefined where it answers 404 itself. */
function tunnelRule(stack: StackJson | undefined, hostName: string, path: string): string | undefined {
  const [tunnel] = Object.values<any>(stack?.resource.cloudflare_zero_trust_tunnel_cloudflared_config ?? {});
  const rules: any[] = tunnel?.config.ingress ?? [];
  const plain = path.replace(/\?.*$/s, "");
  const found = rules.find(
    (rule) => (rule.hostname ?? hostName) === hostName && new RegExp(rule.path ?? "").test(plain === "" ? "/" : plain),
  );
  return /^https:\/\/\[?([^\]/]*?)\]?:443$/.exec(found?.service)?.[1];
}
