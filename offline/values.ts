import { decode, encode, ExtData, ExtensionCodec } from "@msgpack/msgpack";

/** A value that is known after an apply, as its own bytes, so that refinements survive. */
export class Unknown {
  public constructor(
    /** The extension type: 0, or 12 with refinements. */
    public readonly type: number,
    /** The payload of the extension. */
    public readonly data: Uint8Array,
  ) {}
}

/** A value about which nothing is known. */
export const UNKNOWN = new Unknown(0, new Uint8Array([0]));

/** A value of Terraform, in JavaScript's own types; a whole number may be a `bigint`. */
export type Value = null | string | number | bigint | boolean | Uint8Array | Unknown | readonly Value[] | ValueMap;

/** An object or a map. */
export interface ValueMap {
  readonly [key: string]: Value;
}

const codec = new ExtensionCodec();
for (const type of [0, 12]) {
  codec.register({
    type,
    encode: (value) => (value instanceof Unknown && value.type === type ? value.data : null),
    decode: (data) => new Unknown(type, Uint8Array.from(data)),
  });
}

/** Reads MessagePack as Terraform writes it (cty, `cty/msgpack`). */
export function decodeValue(bytes: Uint8Array): Value {
  const value = decode(bytes, { extensionCodec: codec, useBigInt64: true });
  if (value instanceof ExtData) throw new Error(`a value has the unknown extension ${value.type}`);
  return value as Value; // MessagePack has no other types
}

/** Writes MessagePack as Terraform reads it. */
export function encodeValue(value: Value): Uint8Array {
  return encode(value, { extensionCodec: codec, useBigInt64: true });
}

/** Whether a value is an object or a map. */
export function isMap(value: Value | undefined): value is ValueMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Uint8Array)
  );
}

/** Whether two values are the same, byte for byte. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  return canonical(a ?? null) === canonical(b ?? null);
}

/** A text that is equal for equal values, and for equal sets whatever their order. */
export function canonical(value: Value): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "bigint") return Number(inner);
    if (inner instanceof Unknown) return { unknown: inner.type };
    if (inner instanceof Uint8Array) return Buffer.from(inner).toString("base64");
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
