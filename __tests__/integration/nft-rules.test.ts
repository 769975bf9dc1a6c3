import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import fc from "fast-check";
import { isNetwork } from "../../contract/networks";
import { nftRules, type NftRulesInput } from "../../constructs/host/nft-rules";
import { missing, suite } from "../support/programs";

/** Addresses and networks as people write them, some of them wrong in one place. */
const network = fc
  .tuple(
    fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("::", "0.0.0.0", "fe80::1", "::ffff:1.2.3.4", "64:ff9b::1.2.3.4")),
    fc.constantFrom("", "", "", "%eth0", "%0", "x", " ", ".1", "; accept", "-1.2.3.9"),
    fc.oneof(
      fc.constant(""),
      fc.integer({ min: 0, max: 140 }).map((length) => `/${length}`),
      fc.constantFrom("/", "/032", "/08", "/1e1", "/+8", "/24/8", "/255.255.255.0", " / 24"),
    ),
  )
  .map((parts) => parts.join(""));

const networks = fc.array(network, { maxLength: 4 }).map((all) => all.filter(isNetwork));
const port = fc.integer({ min: 1, max: 65535 });
const protocol = fc.constantFrom("tcp" as const, "udp" as const);

const input: fc.Arbitrary<NftRulesInput> = fc.record({
  host: fc.constant("app-01"),
  sshPort: port,
  ssh: networks,
  lan: networks,
  ports: fc.array(
    fc.record({
      port,
      protocol,
      address: fc.option(
        network.filter((text) => isNetwork(text) && !text.includes("/")),
        { nil: undefined },
      ),
      from: fc.oneof(fc.constantFrom("everywhere" as const, "lan" as const), networks),
      onHost: fc.boolean(),
      by: fc.string({ unit: fc.constantFrom("a", "b", "-", "_", ".", " ", "0"), maxLength: 120 }),
    }),
    { maxLength: 4 },
  ),
  egress: fc.array(
    fc.record({
      service: fc.constantFrom("app", "two-words"),
      bridge: fc.constant("hl-app"),
      toLan: fc.boolean(),
      resolvesNames: fc.boolean(),
      targets: networks.map((all) => all.map((one, index) => ({ network: one, port: index === 0 ? 443 : undefined }))),
    }),
    { maxLength: 1 },
  ),
});

suite("the rules of a firewall", missing(["nft", "unshare"], { root: true }), () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-nft-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** What nft says of files, one after the other, each in a table of its own namespace; nothing where it loads them. */
  function complaints(files: readonly string[], after = ":"): string[] {
    for (const [index, text] of files.entries()) fs.writeFileSync(path.join(folder, `${index}.nft`), text);
    const script = `for file in $(seq 0 ${files.length - 1}); do nft -f "$1/$file.nft" > "$1/$file.said" 2>&1 && { ${after}; } >> "$1/$file.said" 2>&1; done`;
    const { status, stderr } = spawnSync("unshare", ["--net", "bash", "-c", script, "-", folder], { encoding: "utf8" });
    if (status === null) throw new Error(stderr);
    return files.map((_text, index) => fs.readFileSync(path.join(folder, `${index}.said`), "utf8"));
  }

  test("are loaded by nft, whatever networks and ports they are made from", () => {
    const inputs = fc.sample(input, 300);

    const said = complaints(inputs.map(nftRules));

    expect(said.flatMap((one, index) => (one === "" ? [] : [{ said: one, input: inputs[index] }])).slice(0, 3)).toEqual(
      [],
    );
  });

  test("take a network only as nft reads it, and refuse each that nft refuses", () => {
    const all = [...new Set(fc.sample(network, 600))];
    const one = (text: string): string => {
      const [family, type] = text.includes(":") ? ["ip6", "ipv6_addr"] : ["ip", "ipv4_addr"];
      return `flush ruleset\ntable inet t {\n  set s { type ${type}; flags interval; elements = { ${text} } }\n  chain c { ${family} saddr @s accept; }\n}\n`;
    };

    const said = complaints(all.map(one), 'nft list set inet t s | sed -n "s/.*elements = { \\(.*\\) }.*/\\1/p"');

    const wrong = all.filter((text, index) => isNetwork(text) && !isSame(text, (said[index] ?? "").trim()));
    expect(wrong.map((text) => [text, said[all.indexOf(text)]])).toEqual([]);
    expect(all.filter(isNetwork).length).toBeGreaterThan(30);
    const refused = all.filter((_text, index) => /Error/.test(said[index] ?? ""));
    expect(refused.length).toBeGreaterThan(30);
    expect(refused.filter(isNetwork)).toEqual([]);
  });
});

/** Whether nft lists a network of the same length that holds the same address. */
function isSame(text: string, listed: string): boolean {
  const [address = "", length] = text.split("/");
  const bits = address.includes(":") ? 128 : 32;
  const [base = "", listedLength = String(bits)] = listed.split("/");
  return (
    (length ?? String(bits)) === listedLength &&
    binary(address, Number(listedLength)) === binary(base, Number(listedLength))
  );
}

/** The leading bits of an address. */
function binary(address: string, length: number): string {
  const bytes = address.includes(":") ? hextets(address) : address.split(".").map(Number);
  const width = address.includes(":") ? 16 : 8;
  return bytes
    .map((one) => one.toString(2).padStart(width, "0"))
    .join("")
    .slice(0, length);
}

function hextets(address: string): number[] {
  const [before = "", after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const words = (text: string): number[] => (text === "" ? [] : text.split(":").map((word) => parseInt(word, 16)));
  const [head, tail] = [words(before), words(after ?? "")];
  return after === undefined ? head : [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
