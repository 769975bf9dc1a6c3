import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { complaint, homelab } from "../../cli/homelab";
import { Generations, Ledger, type Manifest } from "../../constructs";
import { config } from "../../homelab.config";
import { exampleLab } from "../../main";
import { synthesize } from "../support/synthesis";

/** Commands of a terminal, what turns text around or ends a line of it, half a character. */
const HOSTILE =
  "\u001b]0;owned\u0007\u001b[2J\u009b31m\r\nNothing changes.\u202e\u2066\u2028\u2029\u200b\u{e0041}\ud800";
/** What no line of a terminal may have. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const { manifest, stacks } = synthesize((app) =>
  exampleLab(app, { ...config, ledger: Ledger.inMemory(), generations: Generations.inMemory() }),
);
const [service] = manifest.services.filter(({ companions }) => companions.length > 0);
const [host] = manifest.hosts;
const [directory] = manifest.directories;

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-printed-"));
  fs.writeFileSync(path.join(folder, "manifest.json"), JSON.stringify({ stacks }));
  for (const [name, stack] of Object.entries(stacks)) {
    fs.mkdirSync(path.join(folder, "stacks", name), { recursive: true });
    fs.writeFileSync(path.join(folder, "stacks", name, "cdk.tf.json"), JSON.stringify(stack));
  }
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

/** What a command prints of a manifest, what it is refused with included. */
async function printed(lab: unknown, words: readonly string[]): Promise<string> {
  const said: string[] = [];
  jest.spyOn(console, "log").mockImplementation((line: string) => void said.push(`${line}\n`));
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, "write").mockImplementation((text) => (said.push(String(text)), true));
  fs.writeFileSync(path.join(folder, "homelab.json"), JSON.stringify(lab));
  const isTerminal = process.stdout.isTTY;
  process.stdout.isTTY = true;
  try {
    await homelab().parseAsync(["--out", folder, ...words], { from: "user" });
  } catch (error) {
    said.push(complaint(error));
  } finally {
    process.stdout.isTTY = isTerminal;
    jest.restoreAllMocks();
  }
  return said.join("");
}

type Path = readonly (string | number)[];

/** The places of all texts of a manifest; of a list, and of a map, those of a few of its members. */
function places(data: unknown, prefix: Path = []): Path[] {
  if (typeof data === "string") return [prefix];
  if (typeof data !== "object" || data === null) return [];
  const inside: [string | number, unknown][] = Array.isArray(data) ? [...data.entries()] : Object.entries(data);
  return inside.flatMap(([key, value]) => places(value, [...prefix, key]));
}

/** A manifest with a hostile end of the text in one place. */
function hostileAt(at: Path): Manifest {
  const copy = structuredClone(manifest) as any;
  const parent = at.slice(0, -1).reduce((value, key) => value[key], copy);
  parent[at.at(-1) ?? ""] = `${parent[at.at(-1) ?? ""]}${HOSTILE}`;
  return copy;
}

/** One place of each kind: members of lists and of maps are as each other. */
const kinds = [
  ...new Map(
    places(manifest)
      .reverse()
      .map((at) => [at.map((key) => (typeof key === "number" || /[^A-Za-z]/.test(key) ? "*" : key)).join("."), at]),
  ).values(),
];
const inside = (key: "services" | "hosts" | "directories", one: unknown): Path[] =>
  places(one, [key, (manifest[key] as readonly unknown[]).indexOf(one)]);

test.each<[string, readonly string[], readonly Path[]]>([
  ["show", ["show"], kinds],
  ["show of a service", ["show", service?.name ?? ""], inside("services", service)],
  ["show --json", ["show", service?.name ?? "", "--json"], inside("services", service)],
  ["ledger", ["ledger"], kinds],
  ["exposure", ["exposure"], kinds],
  ["exposure in Markdown", ["exposure", "--format", "markdown"], kinds],
  ["access", ["access"], kinds.filter(([key]) => key === "accessControl")],
  ["files", ["files", directory?.host ?? ""], inside("directories", directory)],
  ["bootstrap --print", ["bootstrap", host?.name ?? "", "--print"], inside("hosts", host)],
  ["secrets list", ["secrets", "list"], kinds.filter(([key]) => key === "secrets")],
])("%s prints each text of a manifest without what a terminal obeys", async (_name, words, all) => {
  const withoutStore = ({ secretsFile: _file, ...rest }: Manifest): unknown => rest;
  const usual = await printed(withoutStore(manifest), words);
  let changed = 0;

  for (const at of all) {
    const told = await printed(withoutStore(hostileAt(at)), words);

    expect([at, UNSEEN.exec(told.replaceAll("\n", ""))?.[0]]).toEqual([at, undefined]);
    // A script is code: a text of several lines is a word of several lines in it.
    if (words[0] !== "bootstrap") expect([at, /^Nothing changes/m.test(told)]).toEqual([at, false]);
    changed += Number(told !== usual);
  }

  expect(changed).toBeGreaterThan(2);
});
