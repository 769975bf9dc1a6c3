import { DefaultTokenResolver, StringConcat, Token, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";
import { flawOf, isOrdinary } from "../constructs/values/text-limits";

const RESOLVER = new DefaultTokenResolver(new StringConcat());

/** A number that stands for a value known later is a double with this exponent. */
const NUMBER_TOKEN = /e\+2[0-9]{2}/;

/** Names of attributes that were looked at: each comes once for every resource. */
const ordinaryKeys = new Set<string>();

/**
 * What cdktf's own resolution yields, for less: cdktf looks for tokens in every value, three times over. Here only
 * what can hold one is handed to it; all else is copied. It also leaves text alone that cdktf takes for a number
 * token, for example `1e5`.
 */
export function resolve(scope: IConstruct, value: unknown, preparing = false): unknown {
  switch (typeof value) {
    case "string":
      if (isOrdinary(value)) return isPlaceholder(value) ? resolveTokens(scope, value, preparing) : value;
      refuseText(value);
      return mayHoldToken(value) ? resolveTokens(scope, value, preparing) : value;
    case "number":
      return Math.abs(value) > 1e200 || value === Token.NUMBER_MAP_TOKEN_VALUE
        ? resolveTokens(scope, value, preparing)
        : value;
    case "object":
      break;
    default:
      return typeof value === "function" ? resolveTokens(scope, value, preparing) : value;
  }
  if (value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return resolveList(scope, value, preparing);
  return isPlain(value) ? resolveMap(scope, value, preparing) : resolveTokens(scope, value, preparing);
}

function resolveList(scope: IConstruct, list: readonly unknown[], preparing: boolean): unknown {
  // A list that stands for one known later has a single marked element.
  if (list.length === 1 && (typeof list[0] === "string" || typeof list[0] === "number") && Token.isUnresolved(list)) {
    return resolveTokens(scope, list, preparing);
  }
  const result: unknown[] = [];
  for (const element of list) {
    const resolved = resolve(scope, element, preparing);
    if (resolved !== undefined) result.push(resolved);
  }
  return result;
}

function resolveMap(scope: IConstruct, map: Readonly<Record<string, unknown>>, preparing: boolean): unknown {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(map)) {
    if (!ordinaryKeys.has(key)) {
      refuseText(key);
      if (key.includes("TfToken[")) return resolveTokens(scope, map, preparing);
      ordinaryKeys.add(key);
    }
    const value = resolve(scope, map[key], preparing);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

/** The last to look at text, whatever it came by: who names the part has looked before. */
function refuseText(text: string): void {
  const flaw = flawOf(text);
  if (flaw !== undefined) throw new Error(`a value ${flaw}`);
}

function mayHoldToken(text: string): boolean {
  return text.includes("TfToken[") || isPlaceholder(text) || NUMBER_TOKEN.test(text);
}

/** Whether text stands for the values of a map that is known later. */
function isPlaceholder(text: string): boolean {
  return text === Token.STRING_MAP_TOKEN_VALUE || text === Token.ANY_MAP_TOKEN_VALUE;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function resolveTokens(scope: IConstruct, value: unknown, preparing: boolean): unknown {
  return Tokenization.resolve(value, { scope, preparing, resolver: RESOLVER });
}
