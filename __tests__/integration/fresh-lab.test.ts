import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { missing, suite } from "../support/programs";

const root = path.join(__dirname, "../..");
const loader = path.join(root, "node_modules/tsx/dist/loader.mjs");

let folder: string;
/** One letter for each synthesis, outside the lab's repository. */
let syntheses: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "cdktf-homelab-fresh-"));
  syntheses = `${folder}.count`;
  fs.writeFileSync(syntheses, "");
  execFileSync("git", ["init", "--quiet", folder]);
  write("cdktf.json", JSON.stringify({ language: "typescript", app: `node --import ${loader} main.ts` }));
  write("images.json", JSON.stringify({ app: "example/app:1" }));
  declare('service("app");');
});
afterEach(() => {
  for (const file of [folder, syntheses]) fs.rmSync(file, { recursive: true });
});

const inFolder = (name: string): string => path.join(folder, name);
const read = (name: string): string => fs.readFileSync(inFolder(name), "utf8");

function write(name: string, text: string): void {
  fs.writeFileSync(inFolder(name), text);
}

/** The lab's program, which counts its runs. */
function declare(declared: string): void {
  write(
    "main.ts",
    `require("node:fs").appendFileSync(${JSON.stringify(syntheses)}, "x");
     const { App } = require("${root}/node_modules/cdktf");
     const { Homelab } = require("${root}/stacks");
     const { Backup, HomelabService, Probe, Secret, SecretFile, Secrets, Volume } = require("${root}/constructs");
     const images = JSON.parse(require("node:fs").readFileSync("images.json", "utf8"));
     const app = new App();
     const lab = new Homelab(app, {
       hosts: [{ name: "app-01", lanAddress: "192.168.1.11",
         ssh: { user: "deploy", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT" } }],
       secrets: Secrets.fromSops("secrets/lab.sops.yaml"),
     }, { environment: process.env.HOMELAB_ENVIRONMENT });
     const service = (name, parts = {}) => new HomelabService(lab.host("app-01"), name,
       { image: images.app, user: "1000:1000", health: Probe.none("a test"), parts });
     ${declared}
     app.synth();`,
  );
}

function homelab(words: readonly string[], env: NodeJS.ProcessEnv = {}, input = "") {
  const { CI: _ci, ...own } = process.env;
  const count = fs.readFileSync(syntheses, "utf8").length;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", loader, path.join(root, "cli/homelab.ts"), ...words],
    { cwd: folder, encoding: "utf8", input, env: { ...own, ...env } },
  );
  return { status, stdout, stderr, syntheses: fs.readFileSync(syntheses, "utf8").length - count };
}

test("a command synthesizes what changed since, says so in one line, and else reads what is there", () => {
  const first = homelab(["show"]);
  expect(first).toMatchObject({ status: 0, syntheses: 1 });
  expect(first.stderr).toBe("homelab: nothing is synthesized yet: synthesizing the lab\n");
  expect(homelab(["show"])).toMatchObject({ status: 0, stderr: "", syntheses: 0 });

  declare('service("app"); service("other");');
  const changed = homelab(["show"]);
  expect(changed.stderr).toBe("homelab: main.ts changed since the last synthesis: synthesizing the lab\n");
  expect(changed.stdout).toMatch(/^other /m);
  expect(homelab(["exposure"])).toMatchObject({ status: 0, stderr: "", syntheses: 0 });
});

test.each<[string, () => void, string]>([
  [
    "a file that was put back with its old time",
    () => {
      write("images.json", JSON.stringify({ app: "example/app:2" }));
      fs.utimesSync(inFolder("images.json"), new Date(0), new Date(0));
    },
    "images.json changed since the last synthesis",
  ],
  ["a file that is gone", () => fs.rmSync(inFolder("notes.txt")), ". changed since the last synthesis"],
  [
    "dependencies that were installed",
    () => {
      fs.mkdirSync(inFolder("node_modules"), { recursive: true });
      write("node_modules/.package-lock.json", "{}");
    },
    "changed since the last synthesis",
  ],
])("%s is seen", (_what, change, told) => {
  write("notes.txt", "");
  homelab(["show"]);

  change();

  const { stderr, syntheses } = homelab(["show"]);
  expect(stderr).toContain(told);
  expect(syntheses).toBe(1);
});

test("another environment is another lab", () => {
  homelab(["show"]);

  const staging = homelab(["show", "--json"], { HOMELAB_ENVIRONMENT: "staging" });

  expect(staging.stderr).toContain("homelab: the last synthesis had another HOMELAB_ENVIRONMENT: synthesizing the lab");
  expect(JSON.parse(staging.stdout).environment).toBe("staging");
});

test("nothing is synthesized with --no-synth, which says what it may miss, nor for a folder that is named", () => {
  homelab(["show"]);
  declare('service("app"); service("other");');

  const old = homelab(["show", "--no-synth"]);
  expect(old).toMatchObject({ status: 0, syntheses: 0 });
  expect(old.stderr).toBe(
    "homelab: main.ts changed since the last synthesis, and with --no-synth cdktf.out may be of another lab\n",
  );
  expect(old.stdout).not.toMatch(/^other /m);
  expect(homelab(["--out", "cdktf.out", "show"])).toMatchObject({ status: 0, stderr: "", syntheses: 0 });
});

test("a lab that does not synthesize is told in one sentence", () => {
  declare('service("app", { data: Volume.at("/data") });');

  const { status, stdout, stderr } = homelab(["show"]);

  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(
    /^homelab: nothing is synthesized yet: synthesizing the lab\nhomelab: the lab does not synthesize: service "app"[^\n]*\n$/,
  );
});

test("looking leaves the ledger alone; a deployment writes it, and is not synthesized twice", () => {
  declare('service("app", { data: Volume.at("/data"), none: Backup.none("a test") });');
  fs.mkdirSync(inFolder("bin"));
  fs.writeFileSync(inFolder("bin/cdktf"), '#!/bin/sh\necho "skip=$CDKTF_SKIP_SYNTH"\n', { mode: 0o755 });

  homelab(["show"]);
  expect(fs.existsSync(inFolder("homelab.ledger.json"))).toBe(false);
  const checked = homelab(["ledger", "--check"]);
  expect(checked.stderr).toContain("homelab.ledger.json differs from the synthesized lab in app/data");

  const path = { PATH: `${inFolder("bin")}:${process.env.PATH ?? ""}` };
  const run = homelab(["run", "--", "cdktf", "deploy", "app-01"], path);
  expect(run).toMatchObject({ status: 0, stdout: "skip=true\n", syntheses: 1 });
  expect(run.stderr).toContain("homelab.ledger.json changed, commit it: added app/data");
  expect(read("homelab.ledger.json")).toContain("app/data");

  expect(homelab(["--no-synth", "run", "--", "cdktf", "deploy"], path)).toMatchObject({ stdout: "skip=\n" });
});

suite("a lab with secrets", missing(["sops", "age-keygen"]), () => {
  test("a secret that was just declared is made, and a deployment after a rotation goes on", () => {
    execFileSync("age-keygen", ["-o", inFolder("key")], { stdio: "ignore" });
    const recipient = execFileSync("age-keygen", ["-y", inFolder("key")], { encoding: "utf8" }).trim();
    write(".sops.yaml", `creation_rules:\n  - path_regex: secrets/.*\n    age: ${recipient}\n`);
    const env = { SOPS_AGE_KEY_FILE: inFolder("key") };
    homelab(["show"]);
    declare('service("app", { key: SecretFile.generated({ length: 32 }) });');

    expect(homelab(["secrets", "generate"], env).stdout).toContain("webservices.app.key: made");
    const variable = "TF_VAR_webservices_app_key";
    const print = ["run", "--", "/bin/sh", "-c", `printf %s "$${variable}"`];
    const first = homelab(print, env).stdout;
    expect(first).toHaveLength(32);

    expect(homelab(["secrets", "rotate", "app.key"], env).stdout).toContain("generation 2");
    execFileSync("git", ["-C", folder, "add", "--all"]);
    const second = homelab(print, env);
    expect(second).toMatchObject({ status: 0 });
    expect(second.stdout).toHaveLength(32);
    expect(second.stdout).not.toBe(first);
  });
});
