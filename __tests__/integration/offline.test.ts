import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { HomelabService, Probe, Route } from "../../constructs";
import { exampleLab } from "../../main";
import { config } from "../../homelab.config";
import { Generations, Ledger } from "../../constructs";
import { Homelab } from "../../stacks";
import { missing, suite, terraformEnvironment } from "../support/programs";
import { inventory } from "../support/synthesis";

const root = path.join(__dirname, "../..");
const COMMAND = ["--import", "tsx", path.join(root, "cli/homelab.ts")];

suite("the homelab command with Terraform", missing(["terraform"]), () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-offline-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const out = (): string => path.join(folder, "out");
  /** A temporary folder of its own, so that whatever is left in it was left by the command. */
  const temporary = (): string => {
    fs.mkdirSync(path.join(folder, "tmp"), { recursive: true });
    return path.join(folder, "tmp");
  };
  const homelab = (words: string[], variables: Record<string, string> = {}) =>
    spawnSync(process.execPath, [...COMMAND, "--out", out(), ...words], {
      cwd: root,
      env: terraformEnvironment({ TMPDIR: temporary(), NO_COLOR: "1", ...variables }),
      encoding: "utf8",
    });
  const left = (): string[] => fs.readdirSync(temporary()).filter((name) => name.startsWith("homelab-"));

  function synthesizeExample(): void {
    const app = new App({ outdir: out() });
    exampleLab(app, { ...config, ledger: Ledger.inMemory(), generations: Generations.inMemory() });
    app.synth();
  }

  test("validates and plans the example lab, and leaves nothing behind", () => {
    synthesizeExample();

    const validated = homelab(["validate"]);
    const planned = homelab(["plan", "--base", "none"]);

    expect([validated.status, validated.stdout]).toEqual([
      0,
      expect.stringContaining("7 stacks are valid: app-01, edge,"),
    ]);
    expect([planned.status, planned.stdout]).toEqual([0, expect.stringMatching(/paperless +app-01 +added +14/)]);
    expect(left()).toEqual([]);
  });

  test("tells what is wrong by service and construct, in Terraform's words", () => {
    const app = new App({ outdir: out() });
    const lab = new Homelab(app, inventory());
    const service = new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1",
      port: 80,
      health: Probe.none("test"),
      parts: { web: Route.in(lab.zone("example.com")) },
    });
    service.container.addOverride("restart", ["no"]);
    service.container.addOverride("nmae", "x");
    app.synth();

    const { status, stdout, stderr } = homelab(["validate"]);

    expect(status).toBe(1);
    expect(stdout).toContain(
      'service "app", app-01/Host/app/Resource, docker_container.app: Incorrect attribute value type: Inappropriate value for attribute "restart": string required',
    );
    expect(stdout).toContain('Extraneous JSON object property: No argument or block type is named "nmae"');
    expect(stderr).toContain("2 of the lab's resources are not what their providers take");
    expect(left()).toEqual([]);
  });

  test("runs any command attached, and lets none of them apply", () => {
    synthesizeExample();
    const stack = path.join(out(), "stacks/edge");
    const terraform = (...words: string[]) => homelab(["offline", "--", "terraform", `-chdir=${stack}`, ...words]);
    fs.writeFileSync(
      path.join(stack, "backend_override.tf.json"),
      JSON.stringify({ terraform: { backend: { local: { path: path.join(folder, "state") } } } }),
    );

    expect(terraform("init", "-input=false").status).toBe(0);
    const { resource } = JSON.parse(fs.readFileSync(path.join(stack, "cdk.tf.json"), "utf8"));
    const declared = Object.values<object>(resource).reduce((sum, named) => sum + Object.keys(named).length, 0);
    expect(terraform("plan", "-input=false", "-no-color").stdout).toContain(
      `Plan: ${declared} to add, 0 to change, 0 to destroy.`,
    );
    const applied = terraform("apply", "-auto-approve", "-input=false", "-no-color");
    expect([applied.status, applied.stdout + applied.stderr]).toEqual([
      1,
      expect.stringContaining("Nothing is applied offline"),
    ]);
    expect(left()).toEqual([]);
  });

  test("passes on the status of a command, and says which one can't be run", () => {
    synthesizeExample();

    expect(homelab(["offline", "--", "sh", "-c", "exit 7"]).status).toBe(7);
    expect(homelab(["offline", "--", "no-such-command"])).toMatchObject({
      status: 1,
      stderr: 'homelab: "no-such-command" can\'t be run: is it installed?\n',
    });
    expect(left()).toEqual([]);
  });

  test("leaves no process, socket or folder after an interruption", async () => {
    synthesizeExample();
    const child = spawn(process.execPath, [...COMMAND, "--out", out(), "offline", "--", "sleep", "61"], {
      cwd: root,
      env: terraformEnvironment({ TMPDIR: temporary() }),
      stdio: "ignore",
    });
    while (left().length < 2) await new Promise((resolve) => setTimeout(resolve, 50));

    child.kill("SIGINT");
    const status = await new Promise((resolve) => child.once("close", resolve));

    expect(status).toBe(130);
    expect(left()).toEqual([]);
    expect(spawnSync("pgrep", ["-f", "^sleep 61$"], { encoding: "utf8" }).stdout).toBe("");
  });

  test.each<[string, (stack: any) => void, Record<string, string>, string]>([
    [
      "a version that is not recorded",
      (stack) => (stack.terraform.required_providers.cloudflare.version = "5.99.0"),
      {},
      "provider cloudflare/cloudflare 5.99.0 has no recording in",
    ],
    [
      "a range of versions",
      (stack) => (stack.terraform.required_providers.cloudflare.version = "~> 5.0"),
      {},
      `stack "edge" requires cloudflare "~> 5.0": an exact version is needed`,
    ],
    [
      "a missing Terraform",
      () => undefined,
      { TERRAFORM_BINARY_NAME: "no-such-terraform" },
      "no-such-terraform can't be run: install Terraform 1.11 or newer",
    ],
    [
      "a path of sockets that is too long",
      () => undefined,
      { TMPDIR: "LONG" },
      "the path of a socket would be too long",
    ],
  ])("fails for %s in one sentence", (_what, change, variables, message) => {
    synthesizeExample();
    const file = path.join(out(), "stacks/edge/cdk.tf.json");
    const stack = JSON.parse(fs.readFileSync(file, "utf8"));
    change(stack);
    fs.writeFileSync(file, JSON.stringify(stack));
    if (variables.TMPDIR) {
      variables = { TMPDIR: path.join(temporary(), "x".repeat(90)) };
      fs.mkdirSync(variables.TMPDIR ?? "");
    }

    const { status, stderr } = homelab(["validate"], variables);

    expect(status).toBe(1);
    expect(stderr).toContain(`homelab: ${message}`.replace("homelab: ", ""));
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(left()).toEqual([]);
  });

  test("fails for a Terraform that is too old", () => {
    synthesizeExample();
    const old = path.join(folder, "terraform-old");
    fs.writeFileSync(old, `#!/bin/sh\necho '{"terraform_version": "1.9.8"}'\n`, { mode: 0o755 });

    expect(homelab(["validate"], { TERRAFORM_BINARY_NAME: old }).stderr).toContain(
      "is 1.9.8, and 1.11 or newer is needed",
    );
  });

  test("serves what is recorded before there is a stack", () => {
    const { status, stdout } = homelab(["offline", "--", "sh", "-c", "echo $TF_REATTACH_PROVIDERS"]);

    expect([status, Object.keys(JSON.parse(stdout)).sort()]).toEqual([
      0,
      expect.arrayContaining(
        ["registry.opentofu.org", "registry.terraform.io"].flatMap((registry) => [
          `${registry}/breml/uptimekuma`,
          `${registry}/kreuzwerker/docker`,
        ]),
      ),
    ]);
  });

  test("fails for a stack that isn't there", () => {
    synthesizeExample();

    expect(homelab(["validate", "ghost"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there is no stack "ghost", there are app-01, edge'),
    });
    expect(homelab(["plan", "--base", "none", "ghost"]).stderr).toContain(
      'there is no stack "ghost", there are app-01',
    );
  });
});
