import { isMap, Unknown, type Value, type ValueMap } from "../../../offline/values";

/** A text, or undefined where nothing is known. */
export function text(value: Value | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A number, whatever it travelled as. */
export function number(value: Value | undefined): number | undefined {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string" && value !== "") return Number(value);
  return typeof value === "number" ? value : undefined;
}

/** The texts of a list or set. */
export function texts(value: Value | undefined): string[] {
  return Array.isArray(value) ? (value as readonly Value[]).flatMap((one) => text(one) ?? []) : [];
}

/** The objects of a list or set. */
export function objects(value: Value | undefined): ValueMap[] {
  return Array.isArray(value) ? (value as readonly Value[]).filter((one): one is ValueMap => isMap(one)) : [];
}

/** The texts of a map. */
export function textMap(value: Value | undefined): Record<string, string> | undefined {
  if (value === undefined || !isMap(value) || value instanceof Unknown) return undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (typeof one === "string" ? [[key, one]] : [])),
  );
}

/** A duration as Go prints it, `1m30s`, in nanoseconds. */
export function nanoseconds(value: Value | undefined): number {
  const units: Readonly<Record<string, number>> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6 };
  const found = [...(text(value) ?? "").matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  return found.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
}
