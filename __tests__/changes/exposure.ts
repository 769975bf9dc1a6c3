import { TerraformStack, type App } from "cdktf";
import {
  Access,
  Companion,
  HomelabService,
  Zone,
  Port,
  Probe,
  Route,
  type FirewallProps,
  type HostProps,
  type IServicePart,
  type Parts,
} from "../../constructs";
import type { Homelab } from "../../stacks";
import { lab, type Change } from "../support/changes";
import { host } from "../support/synthesis";

const LAN = ["192.168.1.0/24"];
const FIREWALL: FirewallProps = { ssh: ["192.168.1.0/24"], lan: LAN };
const basic = { image: "example/app:1.0.0", port: 80, health: Probe.none("a test") } as const;

interface Options {
  readonly edge?: Partial<HostProps>;
  readonly firewall?: Partial<FirewallProps>;
  readonly hosts?: readonly HostProps[];
  readonly parts?: Parts;
  readonly companion?: Parts;
  readonly props?: object;
  readonly change?: (app: HomelabService, home: Homelab) => void;
}

/** A service with a guarded route and a port of the LAN, and a companion, on a host that the internet reaches. */
function made(options: Options = {}): (app: App) => void {
  const firewall = { ...FIREWALL, ...options.firewall };
  const hosts = [
    host("edge-01", 11, { firewall, ...options.edge }),
    // What is reached through the other one only.
    host("home-01", 12, { publicAddress: undefined, firewall }),
    ...(options.hosts ?? []),
  ];
  return lab(
    (home) => {
      const app = new HomelabService(home.host("edge-01"), "app", {
        ...basic,
        parts: {
          web: Route.in(home.zone("example.com"), { access: Access.twoFactor("group:admins") }),
          ssh: Port.publish(22, { as: 2222 }),
          queue: Companion.container({ ...basic, port: 6379, parts: options.companion ?? {} }),
          ...options.parts,
        },
        ...options.props,
      });
      options.change?.(app, home);
    },
    { hosts },
  );
}

const base = made();
const EVERYWHERE = ["0.0.0.0/0"];

function row(
  name: string,
  options: Options,
  firstLine: RegExp,
  failsOn: Change["failsOn"] = ["public-exposure"],
): Change {
  return { name, base, head: made(options), firstLine, exitCode: 2, failsOn };
}

function opening(more: object): Options {
  return { firewall: { open: [{ port: 9100, reason: "an exporter", ...more }] } };
}

/** A route or a port, of the service itself and of its companion. */
function each(name: string, part: IServicePart<unknown>, firstLine: RegExp, failsOn?: Change["failsOn"]): Change[] {
  return [
    row(name, { parts: { more: part } }, firstLine, failsOn),
    row(`${name}, of a companion`, { companion: { more: part } }, firstLine, failsOn),
  ];
}

const labels = (own: Readonly<Record<string, string>>): Options => ({
  change: (app) => {
    for (const [name, value] of Object.entries(own)) app.addLabel(`traefik.${name}`, value);
  },
});
const router = (rule: string, more: Readonly<Record<string, string>> = {}): Options =>
  labels({
    "http.routers.back.rule": rule,
    "http.routers.back.entrypoints": "websecure",
    "http.routers.back.service": "app_web",
    ...Object.fromEntries(Object.entries(more).map(([name, value]) => [`http.routers.back.${name}`, value])),
  });

/** An open route, of the service itself and of its companion. */
function routes(name: string, options: object, firstLine: RegExp): Change[] {
  const access = Access.public({ reason: "a test" });
  const more: IServicePart<unknown> = {
    bind: (part) => {
      const [zone] = Zone.all(part.workload).all;
      if (!zone) throw new Error("the lab has a zone");
      return Route.in(zone, { label: "more", access, ...options }).bind(part);
    },
  };
  return each(name, more, firstLine);
}

/** What the internet reaches and did not. */
export const rows: readonly Change[] = [
  row(
    "a port of the firewall opens to everybody",
    opening({ from: "everywhere" }),
    /; edge-01:9100\/tcp, home-01:9100\/tcp become PUBLIC;/,
  ),
  row("a port of the firewall opens to 0.0.0.0/0", opening({ from: EVERYWHERE }), /edge-01:9100\/tcp.* PUBLIC/),
  row(
    "a port of the firewall opens to ::/0, by UDP",
    opening({ from: ["::/0"], protocol: "udp" }),
    /edge-01:9100\/udp.* PUBLIC/,
  ),
  row(
    "a port of the firewall opens to two halves",
    opening({ from: ["0.0.0.0/1", "128.0.0.0/1"] }),
    /9100\/tcp.* PUBLIC/,
  ),
  row(
    "a port of the firewall opens to an office",
    opening({ from: ["198.51.100.0/24"] }),
    /9100\/tcp are open to more of the internet/,
    [],
  ),
  row("a port of the firewall opens to the LAN", opening({}), /^No data is lost; (?!.*PUBLIC)/, []),

  ...[["0.0.0.0/0"], ["::/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["80.0.0.0/4"], ["2000::/3"]].flatMap((networks) => [
    row(
      `the LAN grows by ${networks.join(" and ")}`,
      { firewall: { lan: [...LAN, ...networks] } },
      /the LAN of edge-01, the LAN of home-01.* PUBLIC/,
    ),
    row(
      `sshd is reached from ${networks.join(" and ")}`,
      { firewall: { ssh: ["192.168.1.0/24", ...networks] } },
      /edge-01:22\/tcp, home-01:22\/tcp become PUBLIC/,
    ),
  ]),
  row(
    "the LAN grows by an office",
    { firewall: { lan: [...LAN, "198.51.100.0/24"] } },
    /the LAN of edge-01.* open to more of the internet/,
    [],
  ),
  row(
    "sshd is reached from an office",
    { firewall: { ssh: ["192.168.1.0/24", "2001:db8:1::/48"] } },
    /edge-01:22\/tcp.* open to more of the internet/,
    [],
  ),
  row(
    "the LAN grows by a VPN",
    { firewall: { lan: [...LAN, "10.8.0.0/24", "fd00:8::/64"] } },
    /^No data is lost; (?!.*(PUBLIC|internet))/,
    [],
  ),

  row("a firewall goes", { edge: { firewall: undefined } }, /host edge-01 loses its firewall and becomes PUBLIC/),
  row(
    "a host without a firewall comes",
    { hosts: [host("raw-01", 13)] },
    /raw-01, whatever else it runs, raw-01:22\/tcp become PUBLIC/,
  ),

  ...routes("a route is for everybody", {}, /more\.example\.com becomes PUBLIC/),
  ...routes("a route is for everybody, at a path", { paths: ["/x"] }, /more\.example\.com\/x becomes PUBLIC/),
  ...each("a port is for everybody", Port.publish(5432, { on: "everywhere" }), /edge-01:5432\/tcp becomes PUBLIC/),
  ...each(
    "a port is for everybody, by UDP",
    Port.publish(53, { on: "everywhere", protocol: "udp" }),
    /edge-01:53\/udp becomes PUBLIC/,
  ),
  ...each(
    "a port is for 0.0.0.0/0",
    Port.publish(5432, { on: "everywhere", from: ["0.0.0.0/0"] }),
    /edge-01:5432\/tcp becomes PUBLIC/,
  ),
  ...each(
    "a port on the address of the LAN is for 0.0.0.0/0",
    Port.publish(5432, { from: ["0.0.0.0/0"] }),
    /192\.168\.1\.11:5432\/tcp becomes PUBLIC/,
  ),
  ...each(
    "a port has a guard that nobody knows",
    Port.publish(5432, { on: "everywhere", guard: "it is fine" }),
    /edge-01:5432\/tcp becomes PUBLIC/,
  ),
  ...each(
    "a port is for an office",
    Port.publish(5432, { on: "everywhere", from: ["198.51.100.0/24"] }),
    /edge-01:5432\/tcp is open to more of the internet/,
    [],
  ),
  ...each("a port is for the LAN", Port.publish(5432), /^(?!.*(PUBLIC|internet))/, []),
  row(
    "a port by override, which the firewall does not know",
    { change: (app) => app.container.addOverride("ports", [{ internal: 80, external: 8888, ip: "0.0.0.0" }]) },
    /^(?!.*PUBLIC)/,
    [],
  ),
  {
    ...row("a port by override, where no firewall is", {}, /edge-01:8888\/tcp becomes PUBLIC/),
    base: made({ edge: { firewall: undefined } }),
    head: made({
      edge: { firewall: undefined },
      change: (app) => app.container.addOverride("ports", [{ internal: 80, external: 8888, ip: "0.0.0.0" }]),
    }),
  },

  row(
    "the network of a host whose firewall opens nothing",
    { parts: {}, props: { parts: {}, port: 8123, networkMode: "host" } },
    /app opens ports that nobody knows/,
    [],
  ),
  {
    ...row("the network of a host without a firewall", {}, /edge-01, any port becomes PUBLIC/),
    base: made({ edge: { firewall: undefined }, props: { parts: {} } }),
    head: made({ edge: { firewall: undefined }, props: { parts: {}, networkMode: "host" } }),
  },
  row(
    "the network of the host by override",
    { change: (app) => app.container.addOverride("network_mode", "host") },
    /app opens ports that nobody knows/,
    [],
  ),

  row(
    "the network of the host by the stack",
    { change: ofStack("network_mode", "host") },
    /app opens ports that nobody knows/,
    [],
  ),
  {
    ...row("a port by the stack, where no firewall is", {}, /edge-01:8888\/tcp becomes PUBLIC/),
    base: made({ edge: { firewall: undefined } }),
    head: made({ edge: { firewall: undefined }, change: ofStack("ports", [{ internal: 80, external: 8888 }]) }),
  },
  row(
    "a router by the stack",
    {
      change: ofStack("labels", [
        { label: "traefik.http.routers.back.rule", value: "Host(`back.example.com`)" },
        { label: "traefik.http.routers.back.service", value: "app_web" },
      ]),
    },
    /back\.example\.com becomes PUBLIC/,
  ),

  row("a second router of a label", router("Host(`back.example.com`)"), /back\.example\.com becomes PUBLIC/),
  row(
    "a second router at a name of IPv6 and a path",
    router("Host(`back.example.com`) && PathPrefix(`/x`)"),
    /back\.example\.com\/x becomes PUBLIC/,
  ),
  row(
    "a second router that is asked first",
    router("Host(`app.example.com`)", { priority: "900000" }),
    /app\.example\.com becomes PUBLIC/,
  ),
  row(
    "a second router for a path of the guarded name",
    router("Host(`app.example.com`) && Path(`/admin`)"),
    /app\.example\.com\/admin becomes PUBLIC/,
  ),
  row("a second router for every name", router("PathPrefix(`/x`)", { priority: "900000" }), /\*\/x.* PUBLIC/),
  row("a second router by a pattern", router("HostRegexp(`.+`)", { priority: "900000" }), /PUBLIC/),
  row(
    "a second router that passes connections on",
    labels({ "tcp.routers.back.rule": "HostSNI(`*`)", "tcp.routers.back.service": "app_web" }),
    /edge-01, tcp: HostSNI\(`\*`\) becomes PUBLIC/,
  ),
  row(
    "a second router behind the sign-on",
    router("Host(`back.example.com`)", { middlewares: "authelia@file" }),
    /^(?!.*PUBLIC)/,
    [],
  ),
  row(
    "a second router for the LAN",
    router("Host(`back.example.com`)", { middlewares: "lan@file,lan-forwarded@file" }),
    /^(?!.*PUBLIC)/,
    [],
  ),
  row(
    "a second router that takes who forwards for the LAN",
    router("Host(`back.example.com`)", { middlewares: "lan@file" }),
    /back\.example\.com becomes PUBLIC/,
  ),
  row(
    "the sign-on of a router by override",
    { change: (app) => withoutSignOn(app) },
    /app\.example\.com becomes PUBLIC/,
  ),
];

/** An attribute of the service's container that `addOverride()` of its stack sets. */
function ofStack(attribute: string, value: unknown): (app: HomelabService) => void {
  return (app) => TerraformStack.of(app).addOverride(`resource.docker_container.app.${attribute}`, value);
}

/** Puts another middleware in the place of a router's sign-on. */
function withoutSignOn(app: HomelabService): void {
  const index = app.labels.findIndex(([name]) => name.endsWith(".middlewares"));
  app.container.addOverride(`labels.${index}.value`, "secure@file");
}
