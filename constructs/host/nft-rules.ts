import { isIP } from "node:net";
import type { EgressTarget } from "../values/egress";
import type { OpenPort } from "../../contract/host-facts";
import { quote } from "../../contract/text";

/** A service whose containers may not reach everything. */
export interface RestrictedEgress {
  /** The service. */
  readonly service: string;
  /** The bridge that its packets leave by. */
  readonly bridge: string;
  /** Whether it reaches the LAN. */
  readonly toLan: boolean;
  /** Whether it may ask resolvers of the LAN. */
  readonly resolvesNames: boolean;
  /** What else it reaches. */
  readonly targets: readonly EgressTarget[];
}

/** What the rules of a host are made from. */
export interface NftRulesInput {
  /** The host. */
  readonly host: string;
  /** The port of sshd. */
  readonly sshPort: number;
  /** Networks that sshd is reached from. */
  readonly ssh: readonly string[];
  /** The networks of the LAN. */
  readonly lan: readonly string[];
  /** The open ports. */
  readonly ports: readonly OpenPort[];
  /** Services that may not reach everything. */
  readonly egress: readonly RestrictedEgress[];
}

/** The name of the table; no other one is touched. */
export const TABLE = "homelab";

/** What bridges of networks are called that the library names itself. */
export const BRIDGE_PREFIX = "hl-";

/** Where packets from containers come in and packets to containers go out; nft 1.0 takes one pattern a rule. */
const BRIDGES = ["docker0", "br-*", `${BRIDGE_PREFIX}*`];

/**
 * The rules of a host for `nft -f`, which loads them in one step or not at all, twice as well as once. Published ports
 * are looked at before Docker forwards them, with the address and port that were asked for; what Docker itself accepts
 * or drops afterwards stays as it is. https://wiki.nftables.org
 */
export function nftRules(input: NftRulesInput): string {
  const { host, sshPort, ssh, lan, egress } = input;
  const ports = [...input.ports].sort(
    (a, b) =>
      a.port - b.port ||
      compare(a.protocol, b.protocol) ||
      compare(a.address ?? "", b.address ?? "") ||
      compare(a.by, b.by),
  );
  const restricted = [...egress].sort((a, b) => compare(a.service, b.service));
  const lines = [
    `# The firewall of ${host}, made from what is declared to run there. Another table of nftables is none of its business.`,
    `table inet ${TABLE}`,
    `delete table inet ${TABLE}`,
    `table inet ${TABLE} {`,
    ...indented([
      ...sets("ssh", ssh),
      ...sets("lan", lan),
      ...chain("input", "type filter hook input priority filter; policy drop;", [
        "ct state vmap { established : accept, related : accept, invalid : drop }",
        'iifname "lo" accept',
        "meta l4proto { icmp, ipv6-icmp } accept",
        'udp sport 67 udp dport 68 accept comment "DHCP"',
        'ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept comment "DHCPv6"',
        ...fromSet("ssh", ssh, `tcp dport ${sshPort} accept comment "ssh"`),
        ...(ports.some(({ onHost }) => onHost)
          ? fromSet("lan", lan, 'meta pkttype { broadcast, multicast } accept comment "discovery in the LAN"')
          : []),
        ...ports.flatMap((port) => input_(port, lan)),
      ]),
      ...chain("published", "type filter hook forward priority filter - 10; policy accept;", [
        "ct state established,related accept",
        ...BRIDGES.map((bridge) => `iifname "${bridge}" goto from_containers`),
        ...ports.filter(({ onHost }) => !onHost).flatMap((port) => published(port, lan)),
        ...BRIDGES.map((bridge) => `oifname "${bridge}" counter drop comment "nobody declared it"`),
      ]),
      ...chain("from_containers", undefined, [
        ...restricted.map(({ bridge, service }) => `iifname "${bridge}" goto egress_${word(service)}`),
        "accept",
      ]),
      ...restricted.flatMap((one) => chain(`egress_${word(one.service)}`, undefined, egressRules(one, lan))),
    ]),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

/** A port that is reached through the host's own stack: one of a program of the host, or Docker's userland proxy. */
function input_({ port, protocol, address, from, by }: OpenPort, lan: readonly string[]): string[] {
  const target = address === undefined ? "" : `${family(address)} daddr ${address} `;
  return sources(from, lan, address).map(
    (source) => `${source}${target}${protocol} dport ${port} accept ${comment(by)}`,
  );
}

/** A published port, whose packets already have the container's address: what was asked for is in the connection. */
function published({ port, protocol, address, from, by }: OpenPort, lan: readonly string[]): string[] {
  const target = address === undefined ? "" : `ct original ${family(address)} daddr ${address} `;
  return sources(from, lan, address).map(
    (source) =>
      `ct status dnat ${source}${target}meta l4proto ${protocol} ct original proto-dst ${port} accept ${comment(by)}`,
  );
}

/** The matches on where a packet is from, one a rule; of the family of the address, where there is one. */
function sources(from: OpenPort["from"], lan: readonly string[], address: string | undefined): string[] {
  if (from === "everywhere") return [""];
  const networks = from === "lan" ? lan : from;
  return FAMILIES.filter((one) => address === undefined || one === family(address)).flatMap((one) => {
    const own = networks.filter((network) => family(network) === one);
    if (own.length === 0) return [];
    return [`${one} saddr ${from === "lan" ? `@lan_${one}` : `{ ${own.join(", ")} }`} `];
  });
}

function egressRules({ toLan, resolvesNames, targets }: RestrictedEgress, lan: readonly string[]): string[] {
  return [
    ...BRIDGES.map((bridge) => `oifname "${bridge}" accept`),
    ...(toLan ? toSet(lan, "accept") : []),
    ...(resolvesNames && !toLan ? toSet(lan, "meta l4proto { tcp, udp } th dport 53 accept") : []),
    ...targets.map(({ network, port, protocol = "tcp" }) => {
      const rest = port === undefined ? "" : `${protocol} dport ${port} `;
      return `${family(network)} daddr ${network} ${rest}accept`;
    }),
    "counter reject with icmpx admin-prohibited",
  ];
}

const FAMILIES = ["ip", "ip6"] as const;

function family(network: string): "ip" | "ip6" {
  return isIP(network.replace(/\/\d+$/, "")) === 6 ? "ip6" : "ip";
}

function sets(name: string, networks: readonly string[]): string[] {
  return FAMILIES.flatMap((one) => {
    const own = networks.filter((network) => family(network) === one);
    if (own.length === 0) return [];
    const type = one === "ip" ? "ipv4_addr" : "ipv6_addr";
    return [
      `set ${name}_${one} {`,
      ...indented([`type ${type}; flags interval; auto-merge`, `elements = { ${own.join(", ")} }`]),
      "}",
    ];
  });
}

function fromSet(name: string, networks: readonly string[], rule: string): string[] {
  return has(networks).map((one) => `${one} saddr @${name}_${one} ${rule}`);
}

function toSet(lan: readonly string[], rule: string): string[] {
  return has(lan).map((one) => `${one} daddr @lan_${one} ${rule}`);
}

function has(networks: readonly string[]): ("ip" | "ip6")[] {
  return FAMILIES.filter((one) => networks.some((network) => family(network) === one));
}

function chain(name: string, hook: string | undefined, rules: readonly string[]): string[] {
  return [`chain ${name} {`, ...indented([...(hook === undefined ? [] : [hook]), ...rules]), "}"];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function comment(by: string): string {
  return `comment ${quote(by.slice(0, 100))}`; // nft takes 128 bytes
}

function word(service: string): string {
  return service.replaceAll("-", "_");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
