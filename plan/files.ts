import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";

/**
 * What commands read beside what a lab's program writes: `cdktf.json`, which says what that program is, and the store of
 * secrets with the rules for it. Of an encrypted file it is who can open it, never what is in it.
 */
export function readFiles(project: string, secretsFile: string | undefined): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const cdktf = textOf(path.join(project, "cdktf.json"));
  if (cdktf !== undefined) found["cdktf.json"] = JSON.parse(cdktf) as unknown;
  if (secretsFile === undefined) return found;
  const store = textOf(path.resolve(project, secretsFile));
  if (store !== undefined) found[secretsFile] = openedBy(store);
  const rules = rulesFor(path.resolve(project, secretsFile));
  if (rules !== undefined) found[".sops.yaml"] = { rules: createHash("sha256").update(rules).digest("hex") };
  return found;
}

/** Who opens a file of SOPS: every key that it was encrypted for, by the kind of key. */
function openedBy(text: string): { readonly encrypted: boolean; readonly recipients: Record<string, true> } {
  const document: unknown = parse(text);
  const sops = isRecord(document) ? document.sops : undefined;
  if (!isRecord(sops)) return { encrypted: false, recipients: {} };
  const groups = Array.isArray(sops.key_groups) ? (sops.key_groups as unknown[]) : [];
  const recipients = [sops, ...groups].flatMap((group) =>
    KINDS.flatMap(([kind, id]) => {
      const keys: unknown = isRecord(group) ? group[kind] : undefined;
      return (Array.isArray(keys) ? (keys as unknown[]) : []).flatMap((key) =>
        isRecord(key) && typeof key[id] === "string" ? [[`${kind} ${key[id]}`, true] as const] : [],
      );
    }),
  );
  return { encrypted: true, recipients: Object.fromEntries(recipients) };
}

/** Where SOPS keeps the keys of each kind, and what names one (`stores/stores.go` of 3.11). */
const KINDS = [
  ["age", "recipient"],
  ["pgp", "fp"],
  ["kms", "arn"],
  ["gcp_kms", "resource_id"],
  ["azure_kv", "name"],
  ["hc_vault", "key_name"],
] as const;

/** The rules that SOPS finds for a file: the nearest upwards, up to the repository's top. */
function rulesFor(file: string): string | undefined {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const found = textOf(path.join(folder, ".sops.yaml"));
    if (found !== undefined) return found;
    if (folder === path.dirname(folder) || fs.existsSync(path.join(folder, ".git"))) return undefined;
  }
}

function textOf(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
