import type { App } from "cdktf";
import {
  Access,
  Companion,
  DnsTarget,
  HomelabService,
  Ingress,
  Probe,
  Route,
  type Host,
  type HostProps,
  type Parts,
  type Zone,
} from "../../../constructs";
import { authelia, cloudflared, traefik } from "../../../services";
import { Homelab } from "../../../stacks";
import { host, inventory, synthesize, type Synthesis } from "../synthesis";
import { addressesOf } from "./network";
import { USERS } from "./people";

const TUNNEL = "6ff42ae2-765d-4adf-8112-31c55c1551ef";

/** The host that all ways in lead to. */
export const EDGE: HostProps = host("edge-01", 0, { ...addressesOf(0), tunnelId: TUNNEL });
/** A host that is reached through it. */
export const APP: HostProps = host("app-01", 1, { lanAddress: addressesOf(1).lanAddress, publicAddress: undefined });

/** Zones with each way in: another host's proxy, a tunnel, Cloudflare's proxy. */
export const ZONES = {
  "example.com": { zoneId: "1".repeat(32), ingress: Ingress.through(EDGE), proxied: false },
  "example.net": { zoneId: "2".repeat(32), accountId: "a".repeat(32), ingress: Ingress.tunnel(EDGE) },
  "example.org": { zoneId: "3".repeat(32), ingress: Ingress.direct() },
} as const;

/** Synthesizes a lab of the two hosts with their proxies, a sign-on and whatever is declared. */
export function synthesizeServed(declare: (lab: Homelab) => void): Synthesis {
  return synthesize((app: App) => {
    const lab = new Homelab(app, inventory({ hosts: [EDGE, APP], zones: ZONES, postgres: {}, monitoring: undefined }));
    const zones = [lab.zone("example.com"), lab.zone("example.net"), lab.zone("example.org")] as const;
    const signOn = authelia(lab.host("edge-01"), { zones, users: USERS });
    for (const name of ["edge-01", "app-01"])
      traefik(lab.host(name), { zone: lab.zone("example.com"), signOn, email: "admin@example.com" });
    declare(lab);
  });
}

/** A service that answers; see `containers-of-a-host.js`. */
export function served(on: Host, name: string, parts: Parts): HomelabService {
  const health = Probe.command(["true"]);
  return new HomelabService(on, name, { image: "docker.io/library/echo:1", port: 8080, health, parts });
}

const admins = (): Access => Access.twoFactor("group:admins");
const open = (): Access => Access.public({ reason: "anybody may read it" });
const unmanaged = DnsTarget.unmanaged();

/** A lab with every kind of route, for each way in. */
export function servedLab(): Synthesis {
  return synthesizeServed((lab) => {
    const [edge, app] = [lab.host("edge-01"), lab.host("app-01")];
    const [com, net, org] = [lab.zone("example.com"), lab.zone("example.net"), lab.zone("example.org")];
    cloudflared(edge);
    everyKind(app, com, "com");
    everyKind(edge, com, "near");
    everyKind(app, net, "net");
    everyKind(edge, net, "tun");
    everyKind(edge, org, "org");
  });
}

/** One of each kind of route; names end with what tells them from those of another way in. */
function everyKind(on: Host, zone: Zone, suffix: string): void {
  const label = (name: string): string => `${name}-${suffix}`;
  const route = (name: string, access: Access, more: object = {}) =>
    Route.in(zone, { label: label(name), access, ...more });
  served(on, label("blog"), { web: route("blog", open()) });
  served(on, label("notes"), { web: route("notes", Access.oneFactor()) });
  served(on, label("photos"), { web: route("photos", Access.oneFactor("group:family"), { aliases: [label("pics")] }) });
  served(on, label("vault"), {
    web: route("vault", admins().bypass(["/api"], { reason: "it has tokens of its own" })),
  });
  // A guarded path below an open one whose route has a longer path as well, and the other way round.
  served(on, label("wiki"), {
    web: route("wiki", open(), { paths: ["/api", "/some-much-longer-path"] }),
    admin: route("wiki", admins(), { paths: ["/api/admin"] }),
  });
  served(on, label("files"), {
    web: route("files", Access.oneFactor(), { paths: ["/all", "/some-much-longer-path"] }),
    public: route("files", open(), { paths: ["/all/public"] }),
  });
  // A path for the LAN only beside a public name.
  served(on, label("cams"), {
    web: route("cams", open()),
    settings: Route.internal(zone, { label: label("cams"), access: open(), paths: ["/settings"], target: unmanaged }),
  });
  served(on, label("suite"), {
    web: route("suite", Access.oneFactor()),
    panel: Companion.container({
      image: "docker.io/library/echo:1",
      port: 8081,
      health: Probe.command(["true"]),
      parts: { web: route("panel", open()), admin: route("panel", admins(), { paths: ["/admin"] }) },
    }),
  });
  // Names that were one router before.
  served(on, label("paper"), { [`${suffix}Api`]: route("paper", open()) });
  served(on, `paper-${suffix}-${suffix}`, { api: route("paper-api", Access.oneFactor()) });
}
