import { isIP } from "node:net";

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

/** Whether text is an address, or a network as address and length. */
export function isNetwork(text: string): boolean {
  const [address = "", length, ...rest] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (bits < 0 || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
}
