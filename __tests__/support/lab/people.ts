import { createHmac } from "node:crypto";
import { parse } from "yaml";
import { Users } from "../../../services";
import type { Person } from "../../../plan/reach";
import { waitFor } from "../ports";
import type { RunningLab } from "./running-lab";

/** The password of everybody. */
export const PASSWORD = 'pass"word $x';

/** The secrets of second factors, in base 32, by user. */
export const SECOND_FACTORS: Readonly<Record<string, string>> = { admin: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" };

/** Who has an account in the labs of these tests. */
export const USERS = Users.file({
  admin: { displayName: "The admin", email: "admin@example.com", groups: ["admins", "family"] },
  anna: { displayName: "Anna", email: "anna@example.com", groups: ["family"] },
  ben: { displayName: "Ben", email: "ben@example.com" },
});

/** Somebody who asks. */
export interface Asker extends Person {
  /** How many factors they sign in with; 0 for who does not. */
  readonly factors: 0 | 1 | 2;
}

export const ANONYMOUS: Asker = { name: "anonymous", subjects: undefined, factors: 0 };
export const BEN: Asker = { name: "ben", subjects: new Set(["user:ben"]), factors: 1 };
export const ANNA: Asker = { name: "anna", subjects: new Set(["user:anna", "group:family"]), factors: 1 };
export const ADMIN: Asker = {
  name: "admin",
  subjects: new Set(["user:admin", "group:admins", "group:family"]),
  factors: 2,
};
export const ASKERS: readonly Asker[] = [ANONYMOUS, BEN, ANNA, ADMIN];

/** Signs somebody in at the portal of a zone, through the proxy, and returns the cookie; empty for who has none. */
export async function signIn(lab: RunningLab, zone: string, asker: Asker, address: string): Promise<string> {
  if (asker.factors === 0) return "";
  const name = `auth.${zone}`;
  const post = async (path: string, body: object, cookie: string): Promise<string> => {
    const answer = await lab.send("lan", {
      address,
      name,
      method: "POST",
      path,
      headers: ["Host", name, "Content-Type", "application/json", ...(cookie === "" ? [] : ["Cookie", cookie])],
      body: JSON.stringify(body),
    });
    const status = parse(answer.body)?.status;
    if (status !== "OK")
      throw new Error(`${asker.name} can't sign in at ${name}${path}: ${answer.status} ${answer.body}`);
    const [set = cookie] = [answer.headers["set-cookie"] ?? []].flat();
    return set.replace(/;.*/, "");
  };
  const first = await post("/api/firstfactor", { username: asker.name, password: PASSWORD, keepMeLoggedIn: false }, "");
  if (asker.factors === 1) return first;
  return post("/api/secondfactor/totp", { token: await code(SECOND_FACTORS[asker.name] ?? "", lab) }, first);
}

/** The half minutes whose codes were used, by the process of Authelia: it takes each once, and its neighbours' as well. */
const used = new WeakMap<RunningLab, Set<number>>();

/** RFC 6238. */
async function code(secret: string, lab: RunningLab): Promise<string> {
  const taken = used.get(lab) ?? new Set();
  used.set(lab, taken);
  const free = (): number | undefined => {
    const now = Math.floor(Date.now() / 30_000);
    return [now, now - 1, now + 1].find((step) => !taken.has(step));
  };
  await waitFor("a code is free", () => free() !== undefined, 40);
  const step = free() ?? 0;
  taken.add(step);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", base32(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  return String((digest.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

function base32(text: string): Buffer {
  const bits = Array.from(text, (char) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(char).toString(2).padStart(5, "0"),
  );
  return Buffer.from((bits.join("").match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}
