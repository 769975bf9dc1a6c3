import { LineCounter, parseDocument } from "yaml";
import { quote } from "../contract/text";

/** Maps of the store's own. SOPS leaves in the clear what ends so (`unencrypted_suffix`): what a pull request shows. */
export const GENERATIONS = "generations_unencrypted";
export const FINGERPRINTS = "fingerprints_unencrypted";
/** The keys of the fingerprints, which are as secret as the values. */
export const FINGERPRINT_KEYS = "fingerprint_keys";

/** What a reader without a key sees of a store. */
export interface SopsText {
  /** What is not encrypted and should be, by full name; empty values, which SOPS leaves as they are, hide nothing. */
  readonly inTheClear: ReadonlyMap<string, string>;
  /** The generations, as far as they are in the clear. */
  readonly generations: Readonly<Record<string, unknown>>;
  /** The fingerprints, likewise. */
  readonly fingerprints: Readonly<Record<string, unknown>>;
  /** What SOPS wrote about itself. */
  readonly sops: Readonly<Record<string, unknown>>;
}

const ENCRYPTED = /^ENC\[[A-Z0-9_]+,data:[^,]*,iv:[^,]*,tag:[^,]*,type:[a-z]+\]$/;

/** Reads a store as everybody can. An error has no word of the text, in which a value may be. */
export function readSopsText(file: string, text: string): SopsText {
  const marker = text.split("\n").findIndex((line) => /^(<{7}|={7}|>{7})/.test(line));
  if (marker >= 0) {
    throw new Error(
      `${file}, line ${marker + 1}, has a conflict of a merge, which can't be resolved line by line: take the whole file of one side (git checkout --ours or --theirs ${file}), and give the secrets that the other side changed new values with "homelab secrets rotate"`,
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "silent" });
  const [error] = document.errors;
  if (error)
    throw new Error(
      `${file}, line ${lines.linePos(error.pos[0]).line}, is not YAML (${quote(error.code)}): restore the file from version control`,
    );
  const { sops, [GENERATIONS]: generations, [FINGERPRINTS]: fingerprints, ...rest } = asMap(document.toJS());
  const clear = leaves(rest).filter(([, value]) => value !== "" && !ENCRYPTED.test(value));
  return {
    inTheClear: new Map(clear),
    generations: asMap(generations),
    fingerprints: asMap(fingerprints),
    sops: asMap(sops),
  };
}

/** The values of nested maps by their names with dots. */
export function leaves(tree: object, prefix = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (typeof value === "object" && value !== null) return leaves(value, name);
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? [[name, String(value)]]
      : [];
  });
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
