import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Generations, Ledger, type LedgerEntry } from "../../constructs";
import { saveChanges } from "../../contract/save-changes";

const contract = path.join(__dirname, "../../contract");
let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-save-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});
jest.setTimeout(60_000); // processes are started
const inFolder = (name: string): string => path.join(folder, name);

/** A process that has read the file, and writes what it has to add when it is told to. */
class Writer {
  public readonly ready: Promise<void>;
  public readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private said = "";

  public constructor(program: string, ...words: string[]) {
    fs.writeFileSync(inFolder("writer.ts"), program);
    this.child = spawn(process.execPath, ["--import", "tsx", inFolder("writer.ts"), ...words], {
      cwd: path.join(__dirname, "../.."),
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
    this.ready = new Promise((resolve) => {
      this.child.stdout?.on("data", (text: Buffer) => {
        this.said += text.toString();
        if (this.said.includes("read")) resolve();
      });
    });
  }

  public go(): void {
    this.child.stdin?.end("go");
  }

  public async kill(): Promise<void> {
    await this.ready;
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

const ADDING = `
import { Generations } from ${JSON.stringify(path.join(contract, "generations"))};
import { Ledger } from ${JSON.stringify(path.join(contract, "ledger"))};
const [folder = "", name = ""] = process.argv.slice(2);
const ledger = Ledger.fromFile(folder + "/ledger.json");
const generations = Generations.fromFile(folder + "/generations.json");
process.stdout.write("read");
process.stdin.once("data", () => {
  ledger.set(name + "/data", { kind: "volume", host: "a", address: "docker_volume." + name + "_data", name });
  ledger.save();
  generations.set(name, 1);
  generations.save();
  process.exit();
});`;

test.each([2, 6])("%d processes that read the same file lose nothing of each other", async (count) => {
  const names = Array.from({ length: count }, (_, index) => `service-${index}`);
  const writers = names.map((name) => new Writer(ADDING, folder, name));

  await Promise.all(writers.map(({ ready }) => ready));
  for (const writer of writers) writer.go();

  expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual(names.map(() => 0));
  expect([...Ledger.fromFile(inFolder("ledger.json")).entries.keys()]).toEqual(names.map((name) => `${name}/data`));
  expect([...Generations.fromFile(inFolder("generations.json")).entries.keys()]).toEqual(names);
  expect(fs.readdirSync(inFolder(".homelab"))).toEqual([".gitignore"]);
});

const HALF = `
import * as fs from "node:fs";
import { withFileLockSync } from ${JSON.stringify(path.join(contract, "file-lock"))};
import { temporaryFor } from ${JSON.stringify(path.join(contract, "work-folder"))};
const [file = ""] = process.argv.slice(2);
withFileLockSync(file, () => {
  fs.writeFileSync(temporaryFor(file), '{"half":');
  process.stdout.write("read");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600000);
});`;

test("what was killed while it wrote changes nothing, is seen by no git, and the next run removes it", async () => {
  const file = inFolder("ledger.json");
  const killed = new Writer(HALF, file);
  await killed.kill();
  fs.rmSync(inFolder("writer.ts"));
  spawnSync("git", ["init", "--quiet"], { cwd: folder });

  expect(fs.readdirSync(inFolder(".homelab"))).toHaveLength(3);
  expect(spawnSync("git", ["status", "--porcelain"], { cwd: folder, encoding: "utf8" }).stdout).toBe("");

  const ledger = Ledger.fromFile(file);
  ledger.set("a/data", volume("a_data"));
  ledger.save();

  expect([...Ledger.fromFile(file).entries.keys()]).toEqual(["a/data"]);
  expect(fs.readdirSync(inFolder(".homelab"))).toEqual([".gitignore"]);
});

const volume = (name: string): LedgerEntry => ({ kind: "volume", host: "a", address: `docker_volume.${name}`, name });

test("fails where two gave one name to two holders, and writes nothing", () => {
  const [one, other] = [Ledger.fromFile(inFolder("ledger.json")), Ledger.fromFile(inFolder("ledger.json"))];
  one.set("a/data", volume("data"));
  other.set("b/data", volume("data"));
  one.save();

  expect(() => other.save()).toThrow(/ledger\.json, line 3: "b\/data" has the volume "data" on host "a"/);
  expect([...Ledger.fromFile(inFolder("ledger.json")).entries.keys()]).toEqual(["a/data"]);
});

describe("what two did to one entry", () => {
  const format = {
    read: (text: string) => new Map(Object.entries(JSON.parse(text) as Record<string, number>)),
    write: (entries: ReadonlyMap<string, number>) => JSON.stringify(Object.fromEntries(entries)),
    entry: (_key: string, value: number) => String(value),
  };
  const saved = (before: Record<string, number>, now: Record<string, number>, theirs: Record<string, number>) => {
    const file = inFolder("entries.json");
    fs.writeFileSync(file, JSON.stringify(theirs));
    saveChanges(file, new Map(Object.entries(before)), new Map(Object.entries(now)), format);
    return JSON.parse(fs.readFileSync(file, "utf8")) as unknown;
  };

  test("is one change when it is the same, and each one's own beside it", () => {
    expect(saved({ a: 1, b: 1, c: 1 }, { a: 2, b: 1, d: 1 }, { a: 2, b: 3, c: 1, e: 1 })).toEqual({
      ...{ a: 2, b: 3 },
      ...{ e: 1, d: 1 },
    });
  });

  test.each<[string, Record<string, number>, Record<string, number>, string]>([
    ["changed to two things", { a: 2 }, { a: 3 }, "to 3, and here to 2"],
    ["removed here and changed there", {}, { a: 3 }, "to 3, and here to nothing"],
    ["changed here and removed there", { a: 2 }, {}, "to nothing, and here to 2"],
  ])("fails where it was %s, and writes nothing", (_what, now, theirs, said) => {
    expect(() => saved({ a: 1 }, now, theirs)).toThrow(`"a" was changed while this ran, ${said}: nothing was written`);
    expect(JSON.parse(fs.readFileSync(inFolder("entries.json"), "utf8"))).toEqual(theirs);
  });
});
