import { DefaultTokenResolver, StringConcat, Token, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";
import { flawOf } from "../constructs/text-limits";

const RESOLVER = new DefaultTokenResolver(new StringConcat());

/** A number that stands for a value known later is a double with this exponent. */
const NUMBER_TOKEN = /e\+2[0-9]{2}/;

/**
 * What cdktf's own resolution yields, for less: cdktf looks for tokens in every value, three times over. Here only
 * what can hold one is handed to it; all else is copied. It also leaves text alone that cdktf takes for a number
 * token, for example `1e5`.
 */
export function resolve(scope: IConstruct, value: unknown, preparing = false): unknown {
  switch (typeof value) {
    case "string":
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
  return list.map((element) => resolve(scope, element, preparing)).filter((element) => element !== undefined);
}

function resolveMap(scope: IConstruct, map: Readonly<Record<string, unknown>>, preparing: boolean): unknown {
  const keys = Object.keys(map);
  keys.forEach(refuseText);
  if (keys.some((key) => key.includes("TfToken["))) return resolveTokens(scope, map, preparing);
  const result: Record<string, unknown> = {};
  for (const key of keys) {
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
  return (
    text.includes("TfToken[") ||
    text === Token.STRING_MAP_TOKEN_VALUE ||
    text === Token.ANY_MAP_TOKEN_VALUE ||
    NUMBER_TOKEN.test(text)
  );
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function resolveTokens(scope: IConstruct, value: unknown, preparing: boolean): unknown {
  return Tokenization.resolve(value, { scope, preparing, resolver: RESOLVER });
}
