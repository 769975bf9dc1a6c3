import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { homelab } from "../../cli/homelab";
import { Backup, HomelabService, Ledger, PostgresDatabase, Probe, Route, Volume } from "../../constructs";
import { Homelab } from "../../stacks";
import { inventory } from "../support/synthesis";

let folder: string;
let printed: string[];

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-cli-"));
  printed = [];
  jest.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  jest.spyOn(process.stdout, "write").mockImplementation((text) => (printed.push(String(text)), true));
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const ledgerFile = (): string => path.join(folder, "ledger.json");

function synthesizeHere(declared: boolean): void {
  const before = process.env.CI;
  delete process.env.CI;
  const app = new App({ outdir: path.join(folder, "out") });
  const lab = new Homelab(app, inventory({ ledger: Ledger.fromFile(ledgerFile()) }));
  if (declared) {
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1.0.0",
      port: 80,
      health: Probe.none("test"),
      parts: {
        web: Route.in(lab.zone("example.com")),
        data: Volume.at("/data"),
        db: PostgresDatabase.on(lab.postgres("main")),
        nightly: Backup.nightly(),
      },
    });
  }
  app.synth();
  if (before !== undefined) process.env.CI = before;
}

async function run(...words: string[]): Promise<string> {
  printed = [];
  await homelab().parseAsync(["--out", path.join(folder, "out"), ...words], { from: "user" });
  return printed.join("\n");
}

test("show prints the lab as tables", async () => {
  synthesizeHere(true);

  const text = await run("show");

  expect(text).toMatch(/app-01 +app-01 +192\.168\.1\.11/);
  expect(text).toMatch(/app +app-01 +https:\/\/app\.example\.com +two factor +main\/app +1 volume +02:30/);
});

test("show prints one service, or JSON", async () => {
  synthesizeHere(true);

  expect(await run("show", "app")).toContain("app/data: volume app_data");
  expect(JSON.parse(await run("show", "app", "--json"))).toMatchObject({ name: "app", host: "app-01" });
  expect(JSON.parse(await run("show", "--json")).version).toBe(2);
});

test("access prints a file for Authelia", async () => {
  synthesizeHere(true);

  expect(await run("access")).toBe(
    "access_control:\n  default_policy: deny\n  rules:\n    - domain:\n        - app.example.com\n      policy: two_factor\n",
  );
});

test("ledger lists the secrets that keep a name of before", async () => {
  const ledger = Ledger.fromFile(ledgerFile());
  const names = { db_pass: "webservices.old.db_pass", key: "webservices.old.key", token: "webservices.old.token" };
  for (const [word, name] of Object.entries(names))
    ledger.set(`app/secret:${word}`, {
      ...{ kind: "secret", name, formerKeys: [`old/secret:${word}`] },
      ...(word === "token" && { retired: true }),
    });
  ledger.save();
  synthesizeHere(true);

  const [text, json] = [await run("ledger"), await run("ledger", "--json")];

  expect(text).toMatch(/app\/secret:db_pass +secret +webservices\.old\.db_pass +in use/);
  expect(text).toMatch(/app\/secret:key +secret +webservices\.old\.key +released/);
  expect(text).toMatch(/app\/secret:token +secret +webservices\.old\.token +retired/);
  expect(JSON.parse(json)).toMatchObject({ "app/secret:key": { kind: "secret", name: names.key, released: true } });
});

test("ledger lists what holds data, and checks the file", async () => {
  synthesizeHere(true);

  expect(await run("ledger", "--check", "--base", "none")).toMatch(/app\/data +volume +app-01 +app_data +in use/);

  fs.writeFileSync(ledgerFile(), fs.readFileSync(ledgerFile(), "utf8").replace("app_data", "other"));
  await expect(run("ledger", "--check", "--base", "none")).rejects.toThrow(
    "differs from the synthesized lab in app/data",
  );
});

test.each<[string[], string]>([
  [["show", "ghost"], 'the lab has no service "ghost", it has app'],
  [["retire", "ghost"], 'has no "ghost", it has app/data, app/db, app/db.owner'],
])("fails for %j", async (words, message) => {
  synthesizeHere(true);

  await expect(run(...words)).rejects.toThrow(message);
});

test("bootstrap prints a script that a shell takes, with what the inventory says of the host", async () => {
  synthesizeHere(true);

  const script = await run("bootstrap", "app-01", "--print");

  expect(spawnSync("sh", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  expect(script).toMatch(/^#!\/bin\/sh\n# Makes a Debian machine the host app-01 of the lab/);
  expect(script).toContain("usermod --append --groups docker deploy");
  expect(script).toContain("for folder in /var/lib/homelab; do");
  expect(script).toContain(`'"live-restore"' 'true' '"log-driver"' '"local"'`);
  expect(script).toContain("useradd --system --uid 870 --create-home");
});

test("files lists what is placed on a host", async () => {
  synthesizeHere(true);

  await homelab().parseAsync(["--out", path.join(folder, "out"), "files", "app-01"], { from: "user" });

  expect(printed.join("\n")).toContain("FILE");
  await expect(
    homelab().parseAsync(["--out", path.join(folder, "out"), "files", "ghost"], { from: "user" }),
  ).rejects.toThrow('the lab has no host "ghost", it has app-01, app-02');
});

test("fails before the first synthesis, and for a manifest of another version", async () => {
  await expect(run("show")).rejects.toThrow("homelab.json does not exist: synthesize the lab first");

  fs.mkdirSync(path.join(folder, "out"));
  fs.writeFileSync(path.join(folder, "out/homelab.json"), '{"version": 99}');
  await expect(run("show")).rejects.toThrow("has version 99 and this command reads 2");

  fs.writeFileSync(path.join(folder, "out/homelab.json"), "{");
  await expect(run("show")).rejects.toThrow("is not JSON, synthesize the lab again");
});

test("exposure tells who reaches what, as text, Markdown and JSON", async () => {
  synthesizeHere(true);

  expect(await run("exposure")).toMatch(
    /^Open to everybody on the internet, without signing in: app-01, whatever else it runs, app-01:22\/tcp, [\s\S]*app +web +route +app\.example\.com +internet +everybody with an account with two factors +sign-on/,
  );
  expect(await run("exposure", "--format", "markdown")).toContain(
    "| app | web | route | app.example.com | internet | everybody with an account with two factors | sign-on |",
  );
  expect(JSON.parse(await run("exposure", "--format", "json")).entries).toHaveLength(6);
});
