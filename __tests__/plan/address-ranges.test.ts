import fc from "fast-check";
import { breadthOf, contains, isPublicAddress, isWider, type Breadth } from "../../plan/address-ranges";

test.each<[Breadth, readonly string[]]>([
  ["none", []],
  ["none", ["192.168.1.0/24", "10.0.0.0/8", "fd00::/8", "fe80::/10", "::1", "100.64.0.0/10", "127.0.0.1"]],
  ["some", ["198.51.100.7"]],
  ["some", ["192.168.1.0/24", "198.51.100.0/24"]],
  ["some", ["198.51.0.0/17"]],
  ["some", ["2001:db8:1::/48"]],
  ["some", ["103.21.244.0/22", "104.16.0.0/13"]], // Cloudflare's, which are many
  ["everybody", ["198.51.0.0/16"]],
  ["everybody", ["198.51.0.0/17", "198.51.128.0/17"]],
  ["everybody", ["0.0.0.0/0"]],
  ["everybody", ["0.0.0.0/1", "128.0.0.0/1"]],
  ["everybody", ["8.0.0.0/7", "192.168.1.0/24"]],
  ["everybody", ["::/0"]],
  ["everybody", ["2000::/3"]],
  ["everybody", ["2001:db8::/32"]],
])("are %s of the internet: %j", (expected, networks) => {
  expect(breadthOf(networks)).toBe(expected);
});

test.each([
  ["192.168.1.11", false],
  ["10.8.0.1", false],
  ["203.0.113.10", true],
  ["2001:db8::1", true],
  ["fd00::1", false],
  ["home.example.org", false],
])("%s is public: %s", (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});

const v4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join("."));
const v6 = fc
  .array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
  .map((words) => words.map((word) => word.toString(16)).join(":"));
const network = fc.oneof(
  fc.tuple(v4, fc.nat(32)).map(([address, length]) => `${address}/${length}`),
  fc.tuple(v6, fc.nat(128)).map(([address, length]) => `${address}/${length}`),
);

test("networks are no wider than more of them, and an address in one is in all of them together", () => {
  fc.assert(
    fc.property(fc.array(network, { minLength: 1, maxLength: 5 }), fc.array(network), (some, more) => {
      const [first = ""] = some;
      expect(isWider(some, [...more, ...some])).toBe(false);
      expect(contains([...more, ...some], first.replace(/\/.*/, ""))).toBe(true);
      const order: Breadth[] = ["none", "some", "everybody"];
      expect(order.indexOf(breadthOf([...some, ...more]))).toBeGreaterThanOrEqual(order.indexOf(breadthOf(some)));
    }),
  );
});

test("halves are the whole", () => {
  fc.assert(
    fc.property(v4, fc.nat(31), (address, length) => {
      const step = 2 ** (31 - length);
      const bytes = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
      const begin = Math.floor(bytes / (step * 2)) * step * 2;
      const text = (value: number): string =>
        [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join(".");
      const halves = [`${text(begin)}/${length + 1}`, `${text(begin + step)}/${length + 1}`];

      expect(isWider([`${address}/${length}`], halves)).toBe(false);
      expect(isWider(halves, [`${address}/${length}`])).toBe(false);
      expect(isWider([`${address}/${length}`], halves.slice(1))).toBe(true);
    }),
  );
});
