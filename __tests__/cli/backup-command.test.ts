import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { homelab } from "../../cli/homelab";
import { pick } from "../../cli/restore";
import { Backup, HomelabService, PostgresDatabase, Probe, Volume } from "../../constructs";
import type { BackupAgentFacts, BackupRecord, BackupSnapshot, DrillRecord } from "../../contract/backups";
import type { Manifest } from "../../contract/manifest";
import { Homelab } from "../../stacks";
import { host, inventory } from "../support/synthesis";

let folder: string;
let printed: string[];
let said: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-backup-"));
  [printed, said] = [[], ""];
  fs.mkdirSync(path.join(folder, "bin"));
  jest.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  jest.spyOn(process.stderr, "write").mockImplementation((text) => ((said += String(text)), true));
  const programs = `${path.join(folder, "bin")}:${process.env.PATH ?? ""}`;
  jest.replaceProperty(process, "env", { ...process.env, CI: "", PATH: programs });
  answer({});
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

/** Every host is one whose agent answers so, by its verb, and which notes what it was asked. */
function answer(answers: Readonly<Record<string, readonly [text: string, status: number]>>): void {
  const cases = Object.entries(answers).map(([verb, [text, status]]) => {
    fs.writeFileSync(path.join(folder, `${verb}.json`), text);
    return `*"agent '${verb}'"*|*"agent ${verb}"*) cat ${folder}/${verb}.json; echo "on its way" >&2; exit ${status} ;;`;
  });
  const script = `#!/bin/sh\nscript=$(cat)\nprintf '%s\\n' "$script" | grep '^exec' >> ${folder}/asked\ncase "$script" in\n${cases.join("\n")}\n*) exit 69 ;;\nesac\n`;
  fs.writeFileSync(path.join(folder, "bin/ssh"), script, { mode: 0o755 });
}

const asked = (): string => fs.readFileSync(path.join(folder, "asked"), "utf8");

const agents: readonly BackupAgentFacts[] = [
  {
    host: "app-01",
    engine: "borgmatic",
    image: "example/borgmatic:1",
    repositories: [
      { name: "disk", kind: "local", location: "/srv/backup", offsite: false },
      { name: "away", kind: "ssh", location: "ssh://u@store.example.org/./copies", offsite: true },
    ],
    services: ["wiki"],
  },
];

/** A lab whose host has services with data, one with a database. */
function synthesize(backupAgents = agents): void {
  const app = new App({ outdir: path.join(folder, "out") });
  const box = host("app-01", 11);
  const main = { on: box, image: "docker.io/library/postgres:17.2" };
  const lab = new Homelab(app, inventory({ hosts: [box], postgres: { main } }));
  const common = { image: "docker.io/example/wiki:1.0", port: 80, health: Probe.none("a test") };
  new HomelabService(lab.host("app-01"), "wiki", {
    ...common,
    parts: {
      data: Volume.at("/data"),
      cache: Volume.at("/cache"),
      db: PostgresDatabase.on(lab.postgres("main")),
      nightly: Backup.nightly({ at: "03:10", exclude: { cache: "made again" } }),
    },
  });
  new HomelabService(lab.host("app-01"), "shop", {
    ...common,
    parts: { data: Volume.at("/data"), never: Backup.none("a toy") },
  });
  app.synth();
  const file = path.join(folder, "out/homelab.json");
  const manifest = JSON.parse(fs.readFileSync(file, "utf8")) as Manifest;
  const hosts = manifest.hosts.map(({ backedUpBy: _, ...one }) => one);
  fs.writeFileSync(file, JSON.stringify({ ...manifest, hosts, backupAgents }));
}

const command = (...words: string[]): Promise<unknown> =>
  homelab().parseAsync(["--out", path.join(folder, "out"), ...words], { from: "user" });
const text = (): string => printed.join("\n");

const record = (more: Partial<BackupRecord> = {}): BackupRecord => ({
  ...{
    kind: "backup",
    service: "wiki",
    host: "app-01",
    started: "2026-11-25T02:10:00Z",
    ended: "2026-11-25T02:10:12Z",
  },
  ...{ seconds: 12, result: "ok", message: "2 copies", lastSuccess: new Date().toISOString() },
  repositories: [
    { name: "disk", result: "ok", message: "", snapshot: "abc123", files: 12, bytes: 3 * 1024 ** 3, added: 1024 },
  ],
  ...{ dumps: [], checked: { repository: null, data: null } },
  ...more,
});

const snapshot = (id: string, time: string, repository = "disk"): BackupSnapshot => ({
  ...{ kind: "snapshot", service: "wiki", host: "app-01", repository, id, time, files: 12, bytes: 4096 },
});

describe("homelab backup coverage", () => {
  test("tells of each thing that is kept where it goes, or why not", async () => {
    synthesize();

    await command("backup", "coverage");

    const lines = text()
      .split("\n")
      .map((line) => line.replace(/ {2,}/g, " | "));
    expect(lines).toEqual(
      expect.arrayContaining([
        "wiki | data | volume wiki_data | app-01 | daily 03:10 | 7 daily, 4 weekly, 6 monthly | disk, away",
        "wiki | cache | volume wiki_cache | app-01 | - | - | not backed up: made again",
        "shop | data | volume shop_data | app-01 | - | - | not backed up: a toy",
        "2 covered, 3 left out for a reason, 0 not covered. What is covered loses 24 hours at most while its runs go well; --ask tells whether they did.",
      ]),
    );
  });

  test("fails with --check where a host has no agent, and where a copy stays on its host it says so", async () => {
    synthesize([]);
    await expect(command("backup", "coverage", "--check")).rejects.toThrow(
      "2 of 5 are not backed up as declared: wiki/data, wiki/db",
    );
    expect(text()).toContain("NOT BACKED UP: host app-01 has no backup agent for it");

    synthesize(agents.map((one) => ({ ...one, repositories: one.repositories.slice(0, 1) })));
    await command("backup", "coverage", "wiki", "--check");
    expect(text()).toContain("disk (this host only)");
  });

  test("asks the hosts, and fails with --check when the last good copy is too old, or never was", async () => {
    synthesize();
    const drill: DrillRecord = {
      ...{ kind: "drill", service: "wiki", host: "app-01", started: "2026-11-01T04:00:00Z", seconds: 60, result: "ok" },
      ...{ ended: new Date(Date.now() - 3 * 86_400_000).toISOString(), message: "equal", repository: "disk" },
      ...{ snapshot: "abc123", snapshotTime: "2026-11-01T02:00:00Z", files: 12, bytes: 4096, databases: [] },
    };
    answer({ status: [JSON.stringify([record(), drill]), 0] });
    await command("backup", "coverage", "wiki", "--ask", "--check");
    expect(text()).toMatch(/disk, away +\d s ago +3\.0 GiB {2}3 days ago/);

    const old = new Date(Date.now() - 37 * 3_600_000).toISOString();
    for (const records of [
      [record({ lastSuccess: old })],
      [record({ lastSuccess: null, message: "dump failed" })],
      [],
    ]) {
      answer({ status: [JSON.stringify(records), 0] });
      await expect(command("backup", "coverage", "wiki", "--ask", "--check")).rejects.toThrow(
        "2 of 3 are not backed up",
      );
    }
    expect(text()).toContain("dump failed");
    expect(text()).toContain("no run yet");
  });

  test("refuses a service that there is not", async () => {
    synthesize();
    await expect(command("backup", "coverage", "wikki")).rejects.toThrow('the lab has no service "wikki"');
  });
});

describe("homelab backup run", () => {
  test("does what the schedule does, and says what came of it", async () => {
    synthesize();
    answer({ run: [JSON.stringify(record()), 0] });

    await command("backup", "run");

    expect(asked()).toBe("exec /etc/homelab/backup/agent run wiki </dev/null\n");
    expect(printed).toEqual(["ok  wiki on app-01 in 12 s: 2 copies", "    disk: 12 files, 3.0 GiB, 1.0 KiB new"]);
    expect(said).toContain("on its way");
  });

  test.each([
    ["a failed one", [JSON.stringify(record({ result: "failed", message: "the dump of db failed" })), 1]],
    ["one that says nothing", ["", 1]],
    ["one that says what is no record", ["segmentation fault", 0]],
    ["one that is killed", ["", 137]],
  ] as const)("ends with 1 for %s", async (_, reply) => {
    synthesize();
    answer({ run: reply });

    await expect(command("backup", "run", "wiki")).rejects.toThrow("not backed up: wiki on app-01");
  });

  test("refuses a service that nobody backs up, and says where there is no agent yet", async () => {
    synthesize();
    await expect(command("backup", "run", "shop")).rejects.toThrow('nothing of "shop" is backed up');
    await expect(command("backup", "list", "wiki")).rejects.toThrow(
      'host "app-01" has no backup agent yet: deploy stack app-01',
    );
  });
});

test("homelab backup list has the newest copy first", async () => {
  synthesize();
  const all = [snapshot("aaa", "2026-11-23T02:10:00Z"), snapshot("bbb", "2026-11-24T02:10:00Z")];
  answer({ list: [all.map((one) => JSON.stringify(one)).join("\n"), 0] });

  await command("backup", "list", "wiki");

  expect(text()).toMatch(/bbb +2026-11-24[^]*aaa +2026-11-23/);
});

describe("homelab restore", () => {
  const all = [
    snapshot("aaa1", "2026-11-23T02:10:00Z"),
    snapshot("bbb2", "2026-11-24T02:10:00Z"),
    snapshot("aaa3", "2026-11-24T02:11:00Z", "away"),
  ];

  test.each([
    [{}, "aaa3"],
    [{ repository: "disk" }, "bbb2"],
    [{ at: "2026-11-24T00:00:00Z" }, "aaa1"],
    [{ snapshot: "bbb" }, "bbb2"],
  ])("with %j takes %s", (options, id) => {
    expect(pick(all, "wiki", "app-01", options).id).toBe(id);
  });

  test.each([
    [{ snapshot: "aaa" }, '"aaa" begins the names of several copies'],
    [
      { snapshot: "ccc" },
      "no such copy of wiki on app-01: it has 3, from 2026-11-23T02:10:00Z to 2026-11-24T02:11:00Z",
    ],
    [{ at: "2026-11-01" }, "no such copy of wiki on app-01"],
    [{ at: "yesterday" }, '--at must be a time, for example "2026-11-20 03:00", got "yesterday"'],
    [{ repository: "tape" }, "no such copy of wiki on app-01"],
  ])("with %j says: %s", (options, message) => {
    expect(() => pick(all, "wiki", "app-01", options)).toThrow(message);
  });

  test("shows what it would do, and touches nothing where nobody can type the service's name", async () => {
    synthesize();
    answer({ list: [all.map((one) => JSON.stringify(one)).join("\n"), 0], status: ["[]", 0] });

    await expect(command("restore", "wiki", "--part", "data")).rejects.toThrow("run it on a terminal");

    expect(text()).toMatch(/app-01 +data +volume wiki_data +2026-11-24T02:11:00Z/);
    expect(asked()).not.toContain("agent restore");
  });

  test.each([
    [["--part", "cache"], 'wiki has no part "cache" that is backed up: "data", "db"'],
    [["--snapshot", "a", "--at", "2026-11-20"], "--snapshot and --at both say which copy"],
    [["--undo", "a", "--discard", "a"], "--undo puts back what --discard removes"],
    [["--path", "x"], "--path goes with --into"],
    [["--into", "/srv/x"], "--into takes one part"],
    [["--into", "x", "--part", "data"], "--into must be an absolute path"],
    [["--undo", "../x"], "--undo takes what the restore printed"],
  ])("refuses %j: %s", async (words, message) => {
    synthesize();
    answer({ list: ["", 0] });
    await expect(command("restore", "wiki", ...words)).rejects.toThrow(message);
  });

  test("writes one part beside the service", async () => {
    synthesize();
    answer({ list: [all.map((one) => JSON.stringify(one)).join("\n"), 0], extract: ["", 0] });

    await command("restore", "wiki", "--part", "data", "--path", "a b/$(c)", "--into", "/srv/found");

    expect(asked()).toContain(
      "agent extract wiki --repository away --snapshot aaa3 --part data --path 'a b/$(c)' --into /srv/found </dev/null",
    );
  });
});

test("homelab backup drills names also what was never rehearsed", async () => {
  synthesize(agents.map((agent) => ({ ...agent, services: ["shop", "wiki"] })));
  const drill: DrillRecord = {
    ...{ kind: "drill", service: "wiki", host: "app-01", started: "2026-11-01T04:00:00Z", seconds: 60 },
    ...{ result: "failed", ended: new Date(Date.now() - 3 * 86_400_000).toISOString(), message: "table a differs" },
    ...{ repository: "disk", snapshot: "abc123", snapshotTime: "2026-11-01T02:00:00Z", files: 12, bytes: 4096 },
    databases: [],
  };
  answer({ status: [JSON.stringify([record(), drill]), 0] });

  await command("backup", "drills");

  expect(text()).toMatch(/shop +app-01 +never\n/);
  expect(text()).toMatch(/wiki +app-01 +3 days ago +60 s +2026-11-01T02:00:00Z in disk +table a differs/);
});

test("homelab secrets rotate leaves the key of a repository as it is, and nothing else", async () => {
  synthesize();
  const file = path.join(folder, "out/homelab.json");
  const manifest = JSON.parse(fs.readFileSync(file, "utf8")) as Manifest;
  const secrets = ["key", "ssh_key"].map((word) => ({
    ...{ name: `homelab.backup.disk.${word}`, generation: 1, stacks: ["app-01"], persisted: {} },
    shape: { length: 64 },
  }));
  const generationsFile = path.join(folder, "generations.json");
  fs.writeFileSync(file, JSON.stringify({ ...manifest, generationsFile, secrets }));

  await expect(command("secrets", "rotate", "homelab.backup.disk.key")).rejects.toThrow(
    "homelab.backup.disk.key opens the copies that are there, and another key would open none",
  );
  await expect(command("secrets", "rotate", "homelab.backup.disk.ssh_key")).rejects.toThrow(
    "the lab takes its secrets from the environment",
  );
});
