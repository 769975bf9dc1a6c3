import { isIP } from "node:net";
import { CLOUDFLARE } from "../contract/networks";

/** The first and the last address of a range. */
type Range = readonly [bigint, bigint];

/** How much of the internet some networks are. */
export type Breadth =
  /** Nothing of it: they are addresses of a LAN. */
  | "none"
  /** Somebody's networks: a provider's machine, an office, Cloudflare's proxy. */
  | "some"
  /** So many that everybody's are among them. */
  | "everybody";

/** What no router of the internet forwards: RFC 1918, 6598 (as Tailscale has it), 1122, 3927, 4193, 4291. */
const PRIVATE = [
  ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/8"],
  ...["224.0.0.0/3", "fc00::/7", "fe80::/10", "ff00::/8", "::/127"],
];

/** From how many addresses on they are strangers: what a provider of access has for its customers. */
const CROWD = { 4: 1n << 16n, 6: 1n << 96n } as const;

/** How much of the internet some networks are, together. */
export function breadthOf(networks: readonly string[]): Breadth {
  const own = networks.filter((network) => !CLOUDFLARE.includes(network));
  const sizes = ([4, 6] as const).map((family) => ({ family, size: size(publicPart(own, family)) }));
  if (sizes.some((one) => one.size >= CROWD[one.family])) return "everybody";
  return own.length < networks.length || sizes.some((one) => one.size > 0n) ? "some" : "none";
}

/** Whether an address is one that the internet leads to; a name may be. */
export function isPublicAddress(address: string): boolean {
  return isIP(address) !== 0 && breadthOf([address]) !== "none";
}

/** Whether an address is in one of some networks. */
export function contains(networks: readonly string[], address: string): boolean {
  const [one] = ranges([address], isIP(address));
  return one !== undefined && ranges(networks, isIP(address)).some(([from, to]) => from <= one[0] && one[1] <= to);
}

/** What of some networks is in none of others, as a number of addresses. */
export function isWider(networks: readonly string[], than: readonly string[]): boolean {
  return [4, 6].some((family) => size(without(ranges(networks, family), ranges(than, family))) > 0n);
}

function publicPart(networks: readonly string[], family: number): Range[] {
  return without(ranges(networks, family), ranges(PRIVATE, family));
}

/** The networks of one family as ranges that do not touch, in order. */
function ranges(networks: readonly string[], family: number): Range[] {
  const all = networks
    .map((network) => network.split("/"))
    .filter(([address = ""]) => isIP(address) === family)
    .map(([address = "", length]): Range => {
      const bits = family === 4 ? 32 : 128;
      const fixed = length === undefined ? bits : Number(length);
      // A length that nobody can read may be any: it counts as the widest.
      const free = BigInt(Number.isInteger(fixed) && fixed >= 0 && fixed <= bits ? bits - fixed : bits);
      const first = (value(address) >> free) << free;
      return [first, first + (1n << free) - 1n];
    })
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return all.reduce<Range[]>((merged, [from, to]) => {
    const last = merged.at(-1);
    if (!last || from > last[1] + 1n) return [...merged, [from, to]];
    return [...merged.slice(0, -1), [last[0], to > last[1] ? to : last[1]]];
  }, []);
}

function without(from: readonly Range[], what: readonly Range[]): Range[] {
  return what.reduce<readonly Range[]>(
    (left, [first, last]) =>
      left.flatMap(([a, b]): Range[] => {
        if (b < first || a > last) return [[a, b]];
        return [...(a < first ? [[a, first - 1n] as const] : []), ...(b > last ? [[last + 1n, b] as const] : [])];
      }),
    from,
  ) as Range[];
}

function size(all: readonly Range[]): bigint {
  return all.reduce((sum, [from, to]) => sum + to - from + 1n, 0n);
}

function value(address: string): bigint {
  if (isIP(address) === 4) return address.split(".").reduce((sum, byte) => (sum << 8n) + BigInt(byte), 0n);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const low = value4(dotted?.[2]);
  const text = dotted ? `${dotted[1] ?? ""}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}` : address;
  const [head = "", tail] = text.split("::");
  const words = (part: string): string[] => part.split(":").filter((word) => word !== "");
  const [front, back] = [words(head), words(tail ?? "")];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - front.length - back.length }, () => "0");
  return [...front, ...zeros, ...back].reduce((sum, word) => (sum << 16n) + BigInt(`0x${word}`), 0n);
}

function value4(address: string | undefined): bigint {
  return address === undefined ? 0n : value(address);
}
