import { createHash } from "node:crypto";
import type { Value } from "./values";

/** What every made-up text begins with, so that it can be told from a real one. */
export const MADE_UP_PREFIX = "offline-";

/** A value in place of one that only an apply would know: the same at each run, for the same place. */
export function madeUp(type: unknown, place: string): Value {
  const digest = createHash("sha256").update(place).digest("hex");
  if (type === "string" || type === "dynamic" || type === undefined) return `${MADE_UP_PREFIX}${digest.slice(0, 24)}`;
  if (type === "number") return parseInt(digest.slice(0, 6), 16);
  if (type === "bool") return false;
  if (!Array.isArray(type)) return null;
  const [kind, inner] = type as [string, unknown];
  if (kind === "list" || kind === "set" || kind === "tuple") return [];
  if (kind !== "object") return {};
  return Object.fromEntries(
    Object.entries(inner as Record<string, unknown>).map(([name, of]) => [name, madeUp(of, `${place}.${name}`)]),
  );
}
