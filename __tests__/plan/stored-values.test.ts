import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Backup, Generations, HomelabService, Probe, SecretFile, Secrets, type Manifest } from "../../constructs";
import { readSopsText } from "../../deploy/sops-file";
import { valueFindings } from "../../plan/rules/values";
import { storedOf } from "../../plan/stored";
import { synthesizeLab } from "../support/synthesis";

const KEY = "webservices.app.key";
const STORE = "secrets/lab.sops.yaml";
const [ONE, OTHER] = ["0123456789abcdef", "fedcba9876543210"];

let project: string;
beforeEach(() => {
  project = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-stored-"));
  fs.mkdirSync(path.join(project, "secrets"));
});
afterEach(() => fs.rmSync(project, { recursive: true }));

function manifest(generation: number, fingerprint?: string): Manifest {
  return synthesizeLab(
    (lab) => {
      new HomelabService(lab.host("app-01"), "app", {
        image: "example/app:1",
        user: "1000:1000",
        health: Probe.none("test"),
        parts: { key: SecretFile.generated({ length: 40 }), none: Backup.none("test") },
        environment: ({ key }) => ({ KEY_FILE: key.path }),
      });
    },
    {
      secrets: Secrets.fromSops(STORE),
      generations: Generations.inMemory(
        { [KEY]: generation },
        fingerprint === undefined ? undefined : { [KEY]: fingerprint },
      ),
    },
  ).manifest;
}

/** A store as SOPS writes it, as far as everybody can read it. */
function store(lines: readonly string[], key = "ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]"): string {
  return `webservices:\n    app:\n        key: ${key}\n${lines.map((line) => `${line}\n`).join("")}sops:\n    version: 3.13.3\n`;
}

function messages(code: Manifest, text?: string): string[] {
  if (text !== undefined) fs.writeFileSync(path.join(project, STORE), text);
  const head = { stacks: [], dependencies: {}, manifest: code, stored: storedOf(project, code) };
  const lists = { services: [], resources: [], addresses: [], access: [], privileges: [], data: [], secrets: [] };
  const findings = valueFindings({ labs: { head }, planned: [], lists: { ...lists, abandonedStacks: [] }, only: [] });
  for (const { concern, severity } of findings) expect([concern, severity]).toEqual(["secrets", "danger"]);
  return findings.map(({ message }) => message);
}

const both = (generation: number, fingerprint: string): string[] => [
  "generations_unencrypted:",
  `    ${KEY}: ${generation}`,
  "fingerprints_unencrypted:",
  `    ${KEY}: "${fingerprint}"`,
];

test("a plan sees that the store has another value or generation than the code, without a key", () => {
  expect(messages(manifest(2, ONE), store(both(2, OTHER)))).toEqual([
    expect.stringMatching(
      /^secret "webservices\.app\.key" has another value of generation 2 in secrets\/lab\.sops\.yaml/,
    ),
  ]);
  expect(messages(manifest(2, ONE), store(both(1, ONE)))).toEqual([
    expect.stringContaining(`has generation 1 in ${STORE}, and 2 in the code`),
  ]);
  expect(messages(manifest(2, ONE), store([`generations_unencrypted:`, `    ${KEY}: 2`]))).toHaveLength(1);
});

test.each<[string, string | undefined, Manifest]>([
  ["both agree", store(both(2, ONE)), manifest(2, ONE)],
  ["the code is from before fingerprints", store(both(2, ONE)), manifest(2)],
  ["there is no store yet", undefined, manifest(2, ONE)],
  [
    "the store hides its generations",
    store(["generations_unencrypted: ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]"]),
    manifest(2),
  ],
])("a plan says nothing of values where %s", (_when, text, code) => {
  expect(messages(code, text)).toEqual([]);
});

test("what is in the clear is found by what SOPS writes, never by a beginning that somebody could choose", () => {
  const clear = (text: string): string[] => [...readSopsText(STORE, store([], text)).inTheClear.keys()];

  expect(clear("ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]")).toEqual([]);
  expect(clear('""')).toEqual([]);
  for (const text of ["ENC[nothing]", "12", "true", '"ENC[AES256_GCM,data:a,iv:b,tag:c,type:str] and more"'])
    expect(clear(text)).toHaveLength(1);
});

test("fails for a store that git or somebody broke, with the line and no word of it", () => {
  const broken = (text: string) => () => readSopsText(STORE, text);

  expect(broken(store(["<<<<<<< ours", "a: value", "=======", "a: other", ">>>>>>> theirs"]))).toThrow(
    /^secrets\/lab\.sops\.yaml, line 4, has a conflict of a merge, which can't be resolved line by line/,
  );
  expect(broken(`a: [my password\nb: c\n`)).toThrow(
    /^secrets\/lab\.sops\.yaml, line \d+, is not YAML \("[A-Z_]+"\): restore/,
  );
});

test("generations are written with fingerprints, and say which line is wrong", () => {
  const file = path.join(project, "homelab.secrets.json");
  const generations = Generations.fromFile(file);
  generations.set("b", 2, ONE);
  generations.set("a", 1);
  generations.save();

  const written = fs.readFileSync(file, "utf8");
  expect(JSON.parse(written)).toEqual({ version: 1, generations: { a: 1, b: 2 }, fingerprints: { b: ONE } });
  expect(Generations.fromFile(file).tryGetFingerprint("b")).toBe(ONE);
  Generations.fromFile(file).save();
  expect(fs.readFileSync(file, "utf8")).toBe(written);

  fs.writeFileSync(file, written.replace(ONE, "zero"));
  expect(() => Generations.fromFile(file)).toThrow('the fingerprint of "b" must be 16 hexadecimal digits, got "zero"');
  fs.writeFileSync(file, written.replace('    "a": 1', '<<<<<<< ours\n"a": 1\n=======\n"a": 2\n>>>>>>> theirs'));
  expect(() => Generations.fromFile(file)).toThrow(/homelab\.secrets\.json, line 4, has a conflict of a merge/);
});
