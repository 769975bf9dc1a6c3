import { createPrivateKey, createPublicKey } from "node:crypto";
import { autheliaDigest, makeSecret, publicHalf } from "../../deploy/make-secret";

const EXPECTED_DIGEST =
  "$pbkdf2-sha512$310000$AAECAwQFBgcICQoLDA0ODw$aGqzyiDaNgm5s16U831eOWj1XudpQiCH2seVp0PZAQBoOlAAlGW2cpWtuhDMzipYFFEQS.IC.ZD5oIO8.sRfHA";

const nothing = (): string => "";

test("a value has the length and the characters of its shape, and is another one each time", () => {
  expect(makeSecret({ length: 40 }, nothing)).toMatch(/^[A-Za-z0-9]{40}$/);
  expect(makeSecret({ length: 500, alphabet: "0123456789" }, nothing)).toMatch(/^[0-9]{500}$/);
  const many = Array.from({ length: 100 }, () => makeSecret({ length: 16 }, nothing));
  expect(new Set(many).size).toBe(100);
});

test("every character of an alphabet is as likely, also one that is named twice", () => {
  const counts = new Map<string, number>();
  for (const character of makeSecret({ length: 100_000, alphabet: "aaaaaaaaab0123456789" }, nothing))
    counts.set(character, (counts.get(character) ?? 0) + 1);

  expect(counts.size).toBe(12);
  for (const count of counts.values()) expect(Math.abs(count - 100_000 / 12)).toBeLessThan(700); // 8 sigma
});

test("a digest is what Authelia reads: checked against one that its documentation's parameters make", () => {
  // python3: hashlib.pbkdf2_hmac("sha512", b"authelia", bytes(range(16)), 310000)
  expect(autheliaDigest("authelia", Buffer.from([...Array(16).keys()]))).toBe(EXPECTED_DIGEST);
  expect(makeSecret({ digestOf: "a.b" }, (name) => `value of ${name}`)).toMatch(
    /^\$pbkdf2-sha512\$310000\$[A-Za-z0-9./]{22}\$[A-Za-z0-9./]{86}$/,
  );
});

test.each([
  ["ed25519", "ed25519"],
  ["rsa-2048", "rsa"],
] as const)("a key pair of kind %s is a private key and its public half", (keyPair, type) => {
  const value = makeSecret({ keyPair }, nothing);

  expect(createPrivateKey(value).asymmetricKeyType).toBe(type);
  expect(createPublicKey(publicHalf(value)).asymmetricKeyType).toBe(type);
});
