import * as fs from "node:fs";
import * as path from "node:path";
import { isScalar, LineCounter, parseDocument, visit } from "yaml";
import { quote } from "../contract/text";
import { GENERATIONS, type SopsText } from "./sops-file";

/** What has SOPS leave something in the clear: https://getsops.io/docs/#encrypting-only-parts-of-a-file */
const RULES = [
  "encrypted_regex",
  "unencrypted_regex",
  "encrypted_suffix",
  "unencrypted_suffix",
  "encrypted_comment_regex",
  "unencrypted_comment_regex",
] as const;

const USUAL_SUFFIX = GENERATIONS.slice(GENERATIONS.lastIndexOf("_"));

/** Why values of a store are in the clear, and the way out, as the end of a sentence. */
export function whyInTheClear(file: string, { sops }: SopsText): string {
  const rule = RULES.find((name) => sops[name] !== undefined && sops[name] !== USUAL_SUFFIX);
  if (rule === undefined) {
    return sops.unencrypted_suffix === undefined
      ? `which was never encrypted by SOPS: encrypt the file with "sops encrypt --in-place ${file}"`
      : `since SOPS leaves what ends in ${quote(USUAL_SUFFIX)} as it is: give it another name, or encrypt what somebody wrote into the file by hand`;
  }
  const said = `${rule}: ${String(sops[rule])}`;
  const line = lineOf(rule, sops[rule]);
  const anew = `sops decrypt ${file} | sops encrypt --filename-override ${file} --input-type yaml --output-type yaml > ${file}.new && mv ${file}.new ${file}`;
  const remove =
    line === undefined
      ? "no rule of .sops.yaml says so any more"
      : `remove that line, without which SOPS encrypts every value`;
  const where = line === undefined ? file : `${line.file}, line ${line.line}`;
  const again = fs.existsSync(file) ? `, and encrypt the file anew with "${anew}"` : "";
  return `by ${quote(said)} in ${where}: ${remove}${again}`;
}

/** Where a rule stands in the configuration that SOPS goes by: the nearest one upwards from where the command runs. */
function lineOf(rule: string, value: unknown): { readonly file: string; readonly line: number } | undefined {
  const found = process.env.SOPS_CONFIG ?? upwards(process.cwd(), ".sops.yaml");
  if (found === undefined || !fs.existsSync(found)) return undefined;
  const lines = new LineCounter();
  const document = parseDocument(fs.readFileSync(found, "utf8"), { lineCounter: lines, logLevel: "silent" });
  let line: number | undefined;
  visit(document, {
    Map: (_key, map) => {
      const pair = map.items.find(({ key }) => isScalar(key) && key.value === rule);
      if (pair && isScalar(pair.key) && isScalar(pair.value) && pair.value.value === value)
        line ??= lines.linePos(pair.key.range?.[0] ?? 0).line;
    },
  });
  return line === undefined ? undefined : { file: path.relative(process.cwd(), found), line };
}

function upwards(folder: string, name: string): string | undefined {
  const file = path.join(folder, name);
  if (fs.existsSync(file)) return file;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : upwards(parent, name);
}
