import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { Ledger, type LedgerEntry, type LedgerSecret } from "../../constructs";

let folder: string;
let file: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-ledger-file-"));
  file = path.join(folder, "homelab.ledger.json");
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const volume = (name: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  kind: "volume",
  host: "app-01",
  address: `docker_volume.${name}`,
  name,
  ...more,
});
const line = (key: string, entry: unknown): string => `,${JSON.stringify(key)}:${JSON.stringify(entry)}`;
const text = (...lines: readonly string[]): string => ['{"version":2', ...lines, "}", ""].join("\n");

test("a ledger is written as one line for each entry, sorted, with all that it ever was", () => {
  const ledger = Ledger.fromFile(file);
  const secret: LedgerSecret = { kind: "secret", name: "webservices.git.key", formerKeys: ["git/secret:key"] };
  const left = volume("git_data", { host: "app-02" });
  ledger.set("wiki/media", volume("wiki_media"));
  ledger.set("forge/secret:key", secret);
  ledger.set("forge/data", {
    name: "git_data",
    address: "docker_volume.git_data",
    kind: "volume",
    host: "app-01",
    formerKeys: ["git/data"],
    formerAddresses: ["docker_volume.git_old"],
    previous: [{ name: left.name, address: left.address, host: "app-02" }],
  });

  expect(ledger.save()).toBe(true);

  expect(fs.readFileSync(file, "utf8")).toBe(
    text(
      ',"forge/data":{"kind":"volume","host":"app-01","address":"docker_volume.git_data","formerAddresses":["docker_volume.git_old"],"name":"git_data","formerKeys":["git/data"],"previous":[{"host":"app-02","address":"docker_volume.git_data","name":"git_data"}]}',
      ',"forge/secret:key":{"kind":"secret","name":"webservices.git.key","formerKeys":["git/secret:key"]}',
      ',"wiki/media":{"kind":"volume","host":"app-01","address":"docker_volume.wiki_media","name":"wiki_media"}',
    ),
  );
  const read = Ledger.fromFile(file);
  expect(read.entries).toEqual(ledger.entries);
  expect(read.secrets).toEqual(ledger.secrets);
  expect(read.save()).toBe(false);
});

test("a ledger of version 1 is read, and written as version 2 by the next synthesis", () => {
  const holders = { "app/data": volume("app_data", { previous: [volume("app_data", { host: "app-02" })] }) };
  const { kind: _kind, ...left } = holders["app/data"].previous?.[0] as LedgerEntry;
  const first = { "app/data": volume("app_data", { previous: [left] }) };
  fs.writeFileSync(file, JSON.stringify({ version: 1, holders: first }, null, 2));

  const ledger = Ledger.fromFile(file);

  expect(Object.fromEntries(ledger.entries)).toEqual(first);
  expect(ledger.save()).toBe(true);
  expect(fs.readFileSync(file, "utf8")).toBe(text(line("app/data", first["app/data"])));
});

test("what is written is read as it was, whatever the keys and names are", () => {
  const word = fc.string({ unit: "binary", minLength: 1 });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(word, word), { selector: ([key]) => key }), (pairs) => {
      const entries = pairs.map(([key, name], index) => [
        `x${key}`,
        volume(`v${index}`, { name: `${index} ${name}`, formerKeys: [name] }),
      ]);
      const ledger = Ledger.inMemory(Object.fromEntries(entries));
      fs.writeFileSync(file, ledger.toString());

      expect(Ledger.fromFile(file).entries).toEqual(ledger.entries);
      expect(ledger.toString().trimEnd().split("\n")).toHaveLength(pairs.length + 2);
    }),
    { numRuns: 50 },
  );
});

test("two branches that add entries are merged by git, without a conflict", () => {
  const git = (...words: readonly string[]): void => {
    const { status, stderr, stdout } = spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...words], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    });
    if (status !== 0) throw new Error(stdout + stderr);
  };
  const commit = (...keys: readonly string[]): void => {
    const entries = keys.map((key) => [key, volume(key.replace("/", "_"))]);
    fs.writeFileSync(file, Ledger.inMemory(Object.fromEntries(entries)).toString());
    git("add", "--all");
    git("commit", "--quiet", "--message", keys.join(" "));
  };
  git("init", "--quiet", "--initial-branch", "main");
  fs.copyFileSync(path.join(__dirname, "../../.gitattributes"), path.join(folder, ".gitattributes"));
  commit("app/data");
  git("checkout", "--quiet", "-b", "other");
  commit("app/data", "both/data", "wiki/data", "zoo/data");
  git("checkout", "--quiet", "main");
  commit("app/data", "both/data", "mail/data");

  git("merge", "--quiet", "other");

  expect([...Ledger.fromFile(file).entries.keys()]).toEqual([
    "app/data",
    "both/data",
    "mail/data",
    "wiki/data",
    "zoo/data",
  ]);
});

test("a line that a merge kept beside that of its rename is dropped, and what differs is not", () => {
  const renamed = volume("git_data", { formerKeys: ["old/data", "git/data"] });
  const kept = volume("git_data", { formerKeys: ["old/data"] });
  fs.writeFileSync(file, text(line("git/data", kept), line("forge/data", renamed), line("git/more", volume("more"))));

  const ledger = Ledger.fromFile(file);

  expect([...ledger.entries.keys()]).toEqual(["forge/data", "git/more"]);
  expect(ledger.save()).toBe(true);
  expect(fs.readFileSync(file, "utf8")).toBe(text(line("forge/data", renamed), line("git/more", volume("more"))));
  fs.writeFileSync(file, text(line("git/data", { ...kept, host: "app-02" }), line("forge/data", renamed)));
  expect([...Ledger.fromFile(file).entries.keys()]).toEqual(["forge/data", "git/data"]);
});

const app = volume("app_data");
const { address: _address, ...unaddressed } = app;
const { host: _host, ...homeless } = app;

test.each<[string, string, string]>([
  ["what ends early", '{"version":2\n', "line 2: the ledger is not JSON, restore it from version control"],
  ["a comma too many", text(line("a/b", app), ","), "line 4: the ledger is not JSON"],
  ["nothing", "", "line 1: the ledger is not JSON"],
  ["null", "null", 'line 1: the ledger must have "version": 2, or 1 and "holders", got null: use the library'],
  ["a version to come", '{"version":3}', "got version 3: use the library that wrote it, or restore it from version"],
  ["version 1 without holders", '{"version":1}', 'must have "version": 2, or 1 and "holders", got version 1'],
  [
    "a merge's markers",
    text(line("a/b", app), "<<<<<<< HEAD", line("a/c", app), "=======", ">>>>>>> other"),
    'line 3: "<<<<<<< HEAD" was left by a merge: keep the lines of both sides and remove the markers',
  ],
  [
    "a key that is there twice",
    text(line("a/b", app), line("a/c", volume("c")), line("a/b", app)),
    'line 4: "a/b" is in line 2 as well: keep the line that is right and remove the other one',
  ],
  [
    "a key that is there twice in version 1",
    `{"version": 1,\n"holders": {\n"a/b": ${JSON.stringify(app)},\n"a/b": ${JSON.stringify(app)}}}`,
    'line 4: "a/b" is in line 3 as well',
  ],
  ["an entry that is null", text(line("a/b", null)), 'line 2: "a/b" must be an object, got null: restore it from'],
  [
    "a kind that nobody knows",
    text(line("a/b", { ...app, kind: "disk" })),
    'line 2: "a/b" must have a kind, one of "database", "extension", "folder", "role", "volume", got {"kind":"disk"',
  ],
  ["another kind's address", text(line("a/b", { ...app, kind: "folder" })), "must have addresses of a folder"],
  [
    "no address",
    text(line("a/b", unaddressed)),
    '"a/b" must have addresses of a volume, like "docker_volume.app_data"',
  ],
  ["no name", text(line("a/b", { ...app, name: "" })), '"a/b" must have a name'],
  ["no place", text(line("a/b", homeless)), '"a/b" must have a host and nothing else to be on'],
  ["two places", text(line("a/b", { ...app, server: "main" })), '"a/b" must have a host and nothing else to be on'],
  ["a volume on a server", text(line("a/b", { ...homeless, server: "main" })), '"a/b" must have a host'],
  ["former keys that are none", text(line("a/b", { ...app, formerKeys: [1] })), "must have a list of keys"],
  ["a previous place that is none", text(line("a/b", { ...app, previous: [null] })), "must have a list of places"],
  [
    "a field of a later version",
    text(line("a/b", { ...app, owner: 1 })),
    '"a/b" has "owner", which this version of the library does not know',
  ],
  ["a secret of another kind", text(line("a/secret:b", app)), '"a/secret:b" must have the kind "secret"'],
  [
    "two entries with one address",
    text(line("a/b", app), line("a/c", { ...app, name: "other" })),
    'line 3: "a/c" has the address docker_volume.app_data on host "app-01", and so has "a/b" in line 2: keep the line whose key the code declares and remove the other one',
  ],
  [
    "an address that another one had before",
    text(line("a/b", app), line("a/c", volume("c", { formerAddresses: [app.address] }))),
    'line 3: "a/c" has the address docker_volume.app_data on host "app-01", and so has "a/b" in line 2',
  ],
  [
    "two entries with one name",
    text(line("a/b", app), line("a/c", { ...app, address: "docker_volume.c" })),
    'line 3: "a/c" has the volume "app_data" on host "app-01", and so has "a/b" in line 2',
  ],
  [
    "two secrets with one name",
    text(line("a/secret:b", { kind: "secret", name: "s" }), line("a/secret:c", { kind: "secret", name: "s" })),
    'line 3: "a/secret:c" has the secret "s", and so has "a/secret:b" in line 2',
  ],
])("fails for %s, names the line, and writes nothing", (_what, written, message) => {
  fs.writeFileSync(file, written);

  expect(() => Ledger.fromFile(file)).toThrow(`${file}, `);
  expect(() => Ledger.fromFile(file)).toThrow(message);
  expect(fs.readFileSync(file, "utf8")).toBe(written);
});

test.each(["app-02", "app-03"])("one name in two places is no twin: %s", (host) => {
  fs.writeFileSync(file, text(line("a/b", app), line("a/c", { ...app, host })));

  expect(Ledger.fromFile(file).entries.size).toBe(2);
});
