import { BlockList, isIP } from "node:net";
import { quote } from "./text";

/** Where requests of a LAN come from: RFC 1918, RFC 4193, loopback. */
export const LAN: readonly string[] = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "127.0.0.0/8",
  "fc00::/7",
  "::1/128",
];

/** The networks that a host's engine takes addresses of containers from; `homelab bootstrap` configures them. */
export const CONTAINERS: readonly string[] = ["172.16.0.0/12"];

/** From where Cloudflare's proxy asks: https://www.cloudflare.com/ips-v4 and ips-v6, of 2025-11. */
export const CLOUDFLARE: readonly string[] = [
  "173.245.48.0/20",
  "103.21.244.0/22",
  "103.22.200.0/22",
  "103.31.4.0/22",
  "141.101.64.0/18",
  "108.162.192.0/18",
  "190.93.240.0/20",
  "188.114.96.0/20",
  "197.234.240.0/22",
  "198.41.128.0/17",
  "162.158.0.0/15",
  "104.16.0.0/13",
  "104.24.0.0/14",
  "172.64.0.0/13",
  "131.0.72.0/22",
  "2400:cb00::/32",
  "2606:4700::/32",
  "2803:f800::/32",
  "2405:b500::/32",
  "2405:8100::/32",
  "2a06:98c0::/29",
  "2c0f:f248::/32",
];

/** Whether text is an address, or a network as address and length, that a firewall reads as it is meant. */
export function isNetwork(text: string): boolean {
  return flawOfNetwork(text) === undefined;
}

/** Refuses what a firewall would refuse, or read as another network (nft 1.0.6 takes the length `/032` for 26). */
export function checkNetwork(text: string, subject: string, option: string): void {
  const flaw = flawOfNetwork(text);
  if (flaw !== undefined)
    throw new Error(
      `${subject}: '${option}' must be addresses or networks like "192.168.1.0/24", got ${quote(text)}${flaw}`,
    );
}

/** What is wrong with a network, as the end of a sentence, which may be empty. */
function flawOfNetwork(text: string): string | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return "";
  if (address.includes("%")) return ", with a zone, which only one machine knows: leave it out";
  if (version === 6 && (address.includes(".") || MAPPED.check(address, "ipv6")))
    return ", an IPv6 form of an IPv4 address, which no packet has: write the IPv4 address, or all of it in hexadecimal";
  if (length === undefined) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits)
    return `, whose length must be a number from 0 to ${bits} without leading zeros`;
  return undefined;
}

const MAPPED = new BlockList();
MAPPED.addSubnet("::ffff:0:0", 96, "ipv6");

/** Refuses a protocol that rules of a firewall have no word for. */
export function checkProtocol(protocol: string, subject: string, option: string): void {
  if (protocol !== "tcp" && protocol !== "udp")
    throw new Error(`${subject}: '${option}' must be "tcp" or "udp", got ${quote(protocol)}`);
}
