import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import Ajv from "ajv";
import { createColors } from "picocolors";
import { table } from "../../cli/table";
import { thisProcess } from "../../contract/living";
import { planAsMarkdown } from "../../plan/markdown";
import { parse } from "yaml";
import { planAsText } from "../../plan/text";
import type { PlanReport } from "../../testing";
import { missing, suite, terraformEnvironment } from "../support/programs";

const root = path.join(__dirname, "../..");
const loader = path.join(root, "node_modules/tsx/dist/loader.mjs");

/** A lab in a repository of its own, whose program takes the library from here. */
class Repository {
  public readonly folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "cdktf-homelab-repository-"));
  public readonly temporary = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "cdktf-homelab-tmp-"));

  public constructor(copyOf?: Repository) {
    if (copyOf) {
      fs.cpSync(copyOf.folder, this.folder, { recursive: true });
      return;
    }
    this.git("init", "--quiet", "--initial-branch=main");
    this.write(
      "cdktf.json",
      JSON.stringify({
        language: "typescript",
        app: `node --import ${path.join(root, "node_modules/tsx/dist/loader.mjs")} main.ts`,
      }),
    );
    this.write(".gitignore", "node_modules\n.gen\n");
  }

  public clone(): Repository {
    return new Repository(this);
  }

  public git(...words: string[]): string {
    return execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...words], {
      cwd: this.folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  public write(file: string, text: string): void {
    fs.writeFileSync(path.join(this.folder, file), text);
  }

  public commit(message: string): void {
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message", message);
  }

  /** The lab's program: `declared` sees `lab`, `on` and `service`. */
  public declare(declared: string): void {
    this.write(
      "main.ts",
      `const { App } = require("${root}/node_modules/cdktf");
       const { Homelab } = require("${root}/stacks");
       const { Access, Backup, Companion, HomelabService, HostPath, Ingress, Port, PostgresDatabase, Probe, Route, Secret, Volume } = require("${root}/constructs");
       const app = new App();
       const host = (name, number) => ({ name, lanAddress: "192.168.1." + number, publicAddress: "203.0.113." + number, backedUpBy: "the tests",
         ssh: { user: "deploy", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT" } });
       const lab = new Homelab(app, {
         hosts: [host("app-01", 11), host("app-02", 12)],
         zones: { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.direct() } },
         postgres: { main: { host: "db.example.org", backedUpBy: "the tests" } },
       });
       const service = (name, { on = "app-01", image = "example/app:1", access = Access.twoFactor(), ...props } = {}) =>
         new HomelabService(lab.host(on), name, { image, port: 80, user: "1000:1000", health: Probe.none("a test"), ...props,
           parts: { web: Route.in(lab.zone("example.com"), { label: props.label ?? name, access }), db: PostgresDatabase.on(lab.postgres("main")),
             data: Volume.at("/data"), nightly: Backup.nightly(), ...props.parts },
           environment: ({ db }) => ({ PASSWORD_FILE: db.passwordFile() }) });
       const companion = (parts) => Companion.container({ image: "example/queue:1", port: 81, health: Probe.none("a test"), parts });
       ${declared}
       app.synth();`,
    );
  }

  public plan(...words: string[]): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, this.words(...words), {
      cwd: this.folder,
      encoding: "utf8",
      env: this.environment(),
    });
    return { status, stdout, stderr };
  }

  public start(...words: string[]): ChildProcess {
    return spawn(process.execPath, this.words(...words), { cwd: this.folder, env: this.environment(), stdio: "pipe" });
  }

  public report(...words: string[]): PlanReport {
    const { status, stdout, stderr } = this.plan("--format", "json", ...words);
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  /** What a run left behind: worktrees, branches, folders. */
  public leftovers(): string[] {
    const worktrees = this.git("worktree", "list", "--porcelain").match(/^worktree .*$/gm) ?? [];
    const metadata = path.join(this.folder, ".git/worktrees");
    return [
      ...worktrees.filter((line) => line !== `worktree ${this.folder}`),
      ...this.git("branch", "--format=%(refname:short)")
        .trim()
        .split("\n")
        .filter((name) => name !== "main"),
      ...(fs.existsSync(metadata) ? fs.readdirSync(metadata) : []),
      ...fs.readdirSync(this.temporary).filter((name) => name.startsWith("homelab-")),
      ...fs.readdirSync(this.folder).filter((name) => name === "cdktf.out"),
    ];
  }

  public remove(): void {
    for (const folder of [this.folder, this.temporary]) fs.rmSync(folder, { recursive: true, force: true });
  }

  /** Synthesizes, and runs a command that reads what was synthesized. */
  public synthesizeAnd(command: string, ...words: string[]): { status: number | null; stdout: string } {
    const options = { cwd: this.folder, encoding: "utf8", env: this.environment() } as const;
    const synthesis = spawnSync(process.execPath, ["--import", loader, "main.ts"], options);
    if (synthesis.status !== 0) throw new Error(synthesis.stderr);
    const { status, stdout } = spawnSync(process.execPath, this.words(...words).with(3, command), options);
    fs.rmSync(path.join(this.folder, "cdktf.out"), { recursive: true });
    return { status, stdout };
  }

  private words(...words: string[]): string[] {
    return ["--import", loader, path.join(root, "cli/homelab.ts"), "plan", ...words];
  }

  public environment(): NodeJS.ProcessEnv {
    // A real value, so that it can be looked for.
    return {
      ...terraformEnvironment({ TMPDIR: this.temporary, CI: "", TF_VAR_webservices_app_db_pass: "hunter2-hunter2" }),
    };
  }
}

suite("homelab plan over commits", missing(["terraform", "git"]), () => {
  let first: Repository;
  let lab: Repository;
  beforeAll(() => {
    first = new Repository();
    first.declare(`service("app");`);
    execFileSync(process.execPath, ["--import", path.join(root, "node_modules/tsx/dist/loader.mjs"), "main.ts"], {
      cwd: first.folder,
      env: { ...process.env, CI: "" },
      stdio: "ignore",
    });
    fs.rmSync(path.join(first.folder, "cdktf.out"), { recursive: true });
    first.commit("first");
  });
  beforeEach(() => (lab = first.clone()));
  afterAll(() => first.remove());
  afterEach(() => {
    expect(lab.leftovers()).toEqual([]);
    lab.remove();
  });

  const validate = new Ajv().compile(JSON.parse(fs.readFileSync(path.join(root, "schemas/plan.schema.json"), "utf8")));

  test.each<[string, string, string]>([
    ["an edit", `service("app", { image: "example/app:1.1" });`, "No data is lost; app restarts."],
    ["a rename", `service("library", { formerly: "app", label: "app" });`, "No data is lost; app becomes library."],
    [
      "a move",
      `service("app", { on: "app-02", acknowledge: { "relocation:data": "by tar" } });`,
      "DATA MUST BE COPIED: app/data; app moves from app-01 to app-02; 2 resources of no single service.",
    ],
    ["a removal", ``, "No data is lost; app is removed; app.example.com vanishes; 2 resources of no single service."],
    [
      "another address",
      `service("app", { label: "docs" });`,
      "No data is lost; app.example.com vanishes; app restarts.",
    ],
    [
      "an exposure",
      `service("app", { access: Access.public({ reason: "everybody may" }) });`,
      "No data is lost; app.example.com becomes PUBLIC; app restarts.",
    ],
    ["a new service", `service("app"); service("more");`, "No data is lost; more is new."],
  ])(
    "tells %s in text, Markdown and JSON",
    (_what, declared, headline) => {
      lab.declare(declared);
      lab.commit("second");

      const report = lab.report("--base", "HEAD~1");
      const text = planAsText(report, createColors(false), table);
      const markdown = planAsMarkdown(report);

      expect(report.headline).toBe(headline);
      expect([validate(report), validate.errors]).toEqual([true, null]);
      expect(text).toContain(`\n\n${headline}\n\n`);
      expect(text).toMatch(/^Against HEAD~1, [0-9a-f]{9}, "first", applied offline\. .* not what is deployed/);
      expect(markdown).toMatch(/^<!-- homelab plan -->\n\n\*\*/);
      expect(markdown).toContain("<details><summary>Steps of the deployment</summary>");
      for (const told of [text, markdown, JSON.stringify(report)]) expect(told).not.toContain("hunter2");
    },
    60_000,
  );

  test("prints what it tells in the format that was asked for", async () => {
    lab.declare(`service("app", { image: "example/app:1.1" });`);
    const formats = ["text", "markdown", "json"].map((format) => lab.start("--base", "HEAD", "--format", format));

    const [text, markdown, json] = (await Promise.all(formats.map(finished))).map(({ stdout }) => stdout);

    const report = JSON.parse(json ?? "");
    expect(text).toBe(`${planAsText(report, createColors(false), table)}\n`);
    expect(markdown).toBe(`${planAsMarkdown(report)}\n`);
  });

  test.each(["github", "forgejo"])(
    "is what the workflow of %s runs, whose comment tells also that it failed",
    (forge) => {
      const { jobs } = parse(fs.readFileSync(path.join(root, `docs/workflows/${forge}/homelab-plan.yml`), "utf8"));
      const { run } = jobs.plan.steps.find(({ name }: { name?: string }) => name === "Plan");
      const programs = path.join(lab.temporary, "bin");
      fs.mkdirSync(programs);
      fs.writeFileSync(
        path.join(programs, "npx"),
        `#!/bin/sh\nshift\nexec ${process.execPath} --import ${loader} ${path.join(root, "cli/homelab.ts")} "$@"\n`,
        { mode: 0o755 },
      );
      lab.git("update-ref", "refs/remotes/origin/main", "HEAD");
      const step = (declared: string): { status: number | null; comment: string; number: string } => {
        lab.declare(declared);
        const { status } = spawnSync("bash", ["-e", "-o", "pipefail", "-c", run], {
          cwd: lab.folder,
          env: { ...lab.environment(), PATH: `${programs}:${process.env.PATH ?? ""}`, BASE: "main", NUMBER: "7" },
        });
        const read = (name: string): string => fs.readFileSync(path.join(lab.folder, "plan", name), "utf8");
        return { status, comment: read("comment.md"), number: read("number") };
      };

      const planned = step(`service("app", { image: "example/app:1.1" });`);
      const broken = step(`throw new Error("closed");`);
      const risky = step(`service("library", { label: "app" });`);

      expect(planned).toMatchObject({ status: 0, number: "7\n" });
      expect(planned.comment).toMatch(/^<!-- homelab plan -->\n\n\*\*No data is lost; app restarts\.\*\*/);
      expect(broken.status).toBe(1);
      expect(broken.comment).toMatch(/^\*\*The plan failed\.\*\*[\s\S]*the working tree does not synthesize: closed/);
      expect(risky.status).toBe(1);
      expect(risky.comment).toContain("DATA IS LEFT BEHIND");
      fs.rmSync(path.join(lab.folder, "plan"), { recursive: true });
    },
    60_000,
  );

  test("tells a service that comes back, and that its database is adopted", () => {
    lab.declare("");
    lab.commit("removed");
    lab.declare(`service("app");`);
    lab.commit("back");

    const report = lab.report("--base", "HEAD~1");

    expect(report.headline).toBe("No data is lost; app returns; 2 resources of no single service.");
    expect(report.data.map(({ risk, kind }) => `${kind} ${risk}`)).toEqual(["volume returns", "database returns"]);
    expect(report.steps[0]?.command).toContain("TF_VAR_homelab_adopt=");
  });

  test("takes the merge base with the default branch where no base is named", () => {
    lab.git("switch", "--quiet", "--create", "change");
    lab.declare(`service("app", { image: "example/app:1.1" });`);
    lab.commit("second");
    lab.git("switch", "--quiet", "main");
    lab.declare(`service("app"); service("more");`);
    lab.commit("meanwhile");
    lab.git("switch", "--quiet", "change");

    const report = lab.report();

    expect(report.base).toMatchObject({ ref: "the merge base with main", subject: "first" });
    expect(report.headline).toBe("No data is lost; app restarts.");
    lab.git("switch", "--quiet", "main");
    lab.git("branch", "--quiet", "-D", "change");
  });

  test("takes the commit before on the default branch itself, and the last one while it is edited", () => {
    lab.declare(`service("app"); service("more");`);
    lab.commit("second");

    expect(lab.report()).toMatchObject({
      base: { ref: "the commit before this one, which is on main", subject: "first" },
      headline: expect.stringContaining("more is new"),
    });

    lab.declare(`service("app");`);
    expect(lab.report()).toMatchObject({
      base: { ref: "the merge base with main", subject: "second" },
      headline: expect.stringContaining("more is removed"),
    });
  });

  test("has the submodules of the base, or says which is missing", () => {
    const shared = new Repository();
    shared.write("image.js", `module.exports = "example/app:1";`);
    shared.commit("first");
    const url = ["-c", "protocol.file.allow=always"];
    lab.git(...url, "submodule", "--quiet", "add", shared.folder, "shared");
    lab.declare(`service("app", { image: require("./shared/image.js") });`);
    lab.commit("second");

    expect(lab.report("--base", "HEAD").headline).toBe("Nothing changes.");

    lab.git("submodule", "--quiet", "deinit", "--force", "shared");
    lab.declare(`service("app");`);
    const { status, stderr } = lab.plan("--base", "HEAD");
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^homelab: the base HEAD has the submodule "shared" at [0-9a-f]{9}, which is not here: run /,
    );
    shared.remove();
  });

  test("leaves the user's files alone, and says when the worktree is dirty", () => {
    lab.declare(`service("app"); service("more");`);
    const before = lab.git("status", "--porcelain");

    const report = lab.report("--base", "HEAD");

    expect(lab.git("status", "--porcelain")).toBe(before);
    expect(report.notes).toContain("the working tree has changes that are in no commit: it was planned as it is");
    expect(report.headline).toBe("No data is lost; more is new.");
  });

  test("ends with what a script wants to know", () => {
    const status = (declared: string, ...words: string[]): number | null => {
      lab.declare(declared);
      return lab.plan("--base", "HEAD", ...words).status;
    };

    expect(status(`service("app");`, "--exit-code")).toBe(0);
    expect(status(`service("app", { image: "example/app:1.1" });`, "--exit-code")).toBe(2);
    const renamed = `service("library", { label: "app" });`;
    expect(status(renamed, "--exit-code")).toBe(3);
    expect(status(renamed)).toBe(0);
    expect(status(renamed, "--fail-on", "data-loss,public-exposure")).toBe(1);
    expect(status(renamed, "--fail-on", "public-exposure")).toBe(0);
    const open = `service("app", { access: Access.public({ reason: "everybody may" }) });`;
    expect(status(open, "--fail-on", "public-exposure")).toBe(1);
    expect(status(open, "--fail-on", "data-loss")).toBe(0);
  }, 60_000);

  test("sees what a companion opens", () => {
    const access = `access: Access.public({ reason: "everybody may" })`;
    lab.declare(`service("app", { parts: { queue: companion({
      web: Route.in(lab.zone("example.com"), { label: "queue", ${access} }), raw: Port.publish(9000, { on: "everywhere" }) }) } });`);

    const exposure = lab.synthesizeAnd("exposure");
    const plan = lab.synthesizeAnd("plan", "--base", "none", "--fail-on", "public-exposure");

    expect(exposure.stdout).toMatch(
      /^Open to everybody on the internet, without signing in: app-01:9000\/tcp, queue\.example\.com, app-01,/,
    );
    expect(plan.status).toBe(1);
    expect(plan.stdout).toMatch(/^app-01:9000\/tcp, queue\.example\.com, .* become PUBLIC; app is new/m);
  }, 60_000);

  test("sees a companion's route become public", () => {
    const declared = (access: string) =>
      `service("app", { parts: { queue: companion({ web: Route.in(lab.zone("example.com"), { label: "queue", access: ${access} }) }) } });`;
    lab.declare(declared("Access.twoFactor()"));
    lab.commit("guarded");
    lab.declare(declared(`Access.public({ reason: "everybody may" })`));

    const { status } = lab.plan("--base", "HEAD", "--fail-on", "public-exposure");
    const report = lab.report("--base", "HEAD");

    expect(status).toBe(1);
    expect(report.access).toMatchObject([
      { address: "queue.example.com", service: "app", part: "queue.web", container: "app-queue", becomesPublic: true },
    ]);
    expect(report.headline).toBe("No data is lost; queue.example.com becomes PUBLIC; app restarts.");
  }, 60_000);

  test("sees a container that becomes root on its host, and stops when it was asked to", () => {
    lab.declare(
      `service("app", { parts: { socket: HostPath.at("/socket", { from: "/run/docker.sock", reason: "it lists containers" }) } });`,
    );

    const { status, stdout } = lab.plan("--base", "HEAD", "--fail-on", "host-privilege");

    expect(status).toBe(1);
    expect(stdout).toContain("\n\nNo data is lost; app on app-01 gets ROOT ON ITS HOST; app restarts.\n\n");
    expect(stdout).toContain("app gets root on host app-01, by mount /run/docker.sock (it lists containers)");
    expect(lab.plan("--base", "HEAD", "--fail-on", "public-exposure,data-loss").status).toBe(0);
  }, 60_000);

  test("tells by service what the version before this one wrote, and what that did not tell", () => {
    const declared = (image: string) =>
      `service("app", { image: "${image}", parts: { queue: companion({ web: Route.in(lab.zone("example.com"), { label: "queue" }) }) } });`;
    lab.declare(`${declared("example/app:1")}
      process.on("exit", () => {
        const fs = require("node:fs"), file = app.outdir + "/homelab.json", { services, ...rest } = JSON.parse(fs.readFileSync(file));
        const former = services.map((one) => ({ ...one, routes: one.routes.filter(({ part }) => !part.includes(".")) }));
        const text = JSON.stringify(former, (key, value) => (key === "container" && value === "app" ? undefined : value));
        fs.writeFileSync(file, JSON.stringify({ ...rest, version: 1, services: JSON.parse(text).map((one) => ({ ...one, container: one.name })) }));
      });`);
    lab.commit("of version 1");
    lab.declare(declared("example/app:1.1"));
    lab.commit("second");

    const report = lab.report("--base", "HEAD~1");

    expect(report.headline).toBe("No data is lost; app restarts.");
    // The stacks of the base tell of its routers what its manifest did not.
    expect(report.access).toEqual([]);
    expect(report.notes).toEqual([expect.stringMatching(/does not tell what companions open/)]);
  }, 60_000);

  test("tells by resource what another version of the library wrote", () => {
    lab.declare(`service("app", { image: "example/app:1.1" });
      const write = process.on("exit", () => {
        const fs = require("node:fs"), file = app.outdir + "/homelab.json";
        fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file)), version: 0 }));
      });`);
    lab.commit("of another version");
    lab.declare(`service("app", { image: "example/app:1.2" });`);
    lab.commit("second");

    const report = lab.report("--base", "HEAD~1");
    const { stdout } = lab.plan("--base", "HEAD~1");

    expect(report.services).toEqual([]);
    expect(report.notes).toEqual([expect.stringMatching(/^the plan is told by resource, since/)]);
    expect(report.headline).toMatch(/^CAN'T BE COMPARED: the two manifests; /);
    expect(report.headline).not.toContain("No data is lost");
    expect(lab.plan("--base", "HEAD~1", "--fail-on", "public-exposure").status).toBe(1);
    expect(lab.plan("--base", "HEAD~1", "--exit-code").status).toBe(3);
    expect(stdout).toContain("restarted docker_container.app (app-01): image example/app:1.1 → example/app:1.2");
  });

  test("installs the base's own dependencies where they differ, or takes the head's on request", () => {
    const depend = (version: string): void => {
      fs.mkdirSync(path.join(lab.folder, "greeting"), { recursive: true });
      lab.write("greeting/package.json", JSON.stringify({ name: "greeting", version }));
      lab.write("greeting/index.js", `module.exports = "example/app:${version}";`);
      lab.write(
        "package.json",
        JSON.stringify({ name: "lab", private: true, dependencies: { greeting: "file:greeting" } }),
      );
      execFileSync("npm", ["install", "--silent", "--install-links", "--no-audit", "--no-fund"], { cwd: lab.folder });
      lab.write(".npmrc", "install-links=true\n");
    };
    const declared = `service("app", { image: require("greeting") });`;
    lab.declare(declared);
    depend("1.0.0");
    lab.commit("one");
    fs.rmSync(path.join(lab.folder, "package-lock.json"));
    fs.rmSync(path.join(lab.folder, "node_modules"), { recursive: true });
    depend("2.0.0");
    lab.commit("two");

    const own = lab.report("--base", "HEAD~1");
    const heads = lab.report("--base", "HEAD~1", "--head-dependencies");

    expect(own.services[0]?.images).toEqual([{ before: "example/app:1.0.0", after: "example/app:2.0.0" }]);
    expect(heads.services).toEqual([]);
    expect(heads.notes).toEqual(["the base was synthesized with the head's dependencies, as asked"]);

    lab.git("checkout", "--quiet", "HEAD~1");
    fs.rmSync(path.join(lab.folder, "greeting"), { recursive: true });
    lab.commit("the base can't be installed");
    const broken = lab.git("rev-parse", "HEAD").trim();
    lab.git("checkout", "--quiet", "main");
    expect(lab.plan("--base", broken)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^homelab: the base's own dependencies \(package-lock.json\) can't be installed, and --head-dependencies would/,
      ),
    });
  }, 60_000);

  test.each<[string, () => string[], RegExp]>([
    [
      "a base that does not exist",
      () => ["--base", "no-such-branch"],
      /^homelab: the base "no-such-branch" is no commit of this repository: fetch it/,
    ],
    [
      "a base that looks like an option",
      () => ["--base=--help"],
      /^homelab: '--base' must be a branch, a tag or a commit/,
    ],
    [
      "a base that does not synthesize",
      () => {
        lab.declare(`throw new Error("the lab is closed");`);
        lab.commit("broken");
        lab.declare(`service("app");`);
        return ["--base", "HEAD"];
      },
      /^homelab: the base HEAD does not synthesize: the lab is closed\n$/,
    ],
    [
      "a head that does not synthesize",
      () => {
        lab.declare(`service("App");`);
        return ["--base", "HEAD"];
      },
      /^homelab: the working tree does not synthesize: service "App": 'name' must be/,
    ],
    [
      "a stack that does not exist",
      () => ["--base", "HEAD", "app-03"],
      /^homelab: there is no stack "app-03", there are app-01, app-02, edge, postgres-main/,
    ],
    [
      "a format that does not exist",
      () => ["--format", "html"],
      /argument 'html' is invalid. Allowed choices are text, markdown, json/,
    ],
    [
      "a reason to fail that does not exist",
      () => ["--fail-on", "rain"],
      /^homelab: '--fail-on' takes "any", "backup-loss", "data-loss", "host-privilege", "public-exposure", "trust", got "rain"/,
    ],
  ])("refuses %s in one sentence", (_what, words, expected) => {
    const { status, stdout, stderr } = lab.plan(...words());

    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(expected);
  });

  test("fails outside of a repository, and names what works there", () => {
    fs.renameSync(path.join(lab.folder, ".git"), path.join(lab.temporary, "git"));
    const { status, stderr } = lab.plan("--base", "main");
    fs.renameSync(path.join(lab.temporary, "git"), path.join(lab.folder, ".git"));

    expect(status).toBe(1);
    expect(stderr).toMatch(/is in no git repository, so that there is no base to hold it against: "--base none"/);
  });

  test("runs twice at once", async () => {
    lab.declare(`service("app", { image: "example/app:1.1" });`);
    const ended = await Promise.all([lab.start("--base", "HEAD"), lab.start("--base", "HEAD")].map(finished));

    for (const { status, stdout } of ended) {
      expect(status).toBe(0);
      expect(stdout).toContain("No data is lost; app restarts.");
    }
  });

  test.each([200, 700, 1500])("leaves nothing when it is interrupted after %d ms", async (delay) => {
    lab.declare(`service("app", { image: "example/app:1.1" });`);
    const child = lab.start("--base", "HEAD");
    const ended = finished(child);
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill("SIGINT");

    const { status, signal } = await ended;
    expect([130, 0, null]).toContain(status);
    expect(["SIGINT", null]).toContain(signal);
  });

  test("takes away what a run left that was killed", async () => {
    lab.declare(`require("node:child_process").execSync("sleep 2"); service("app");`);
    lab.commit("slow");
    const child = lab.start("--base", "HEAD");
    await waitFor(() => lab.leftovers().some((name) => name.startsWith("worktree ")));
    const ended = finished(child);
    child.kill("SIGKILL");
    await ended;
    expect(lab.leftovers()).not.toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 6000)); // what it started ends by itself, on a busy machine too

    // Of two processes with one number, the name of a folder tells the dead from the living.
    const { machine, pid, started } = thisProcess();
    const folderOf = (start: string): string => `homelab-synth-${machine}-${pid.toString(36)}-${start}-abcdef`;
    for (const start of [started, "0"]) fs.mkdirSync(path.join(lab.temporary, folderOf(start)));

    lab.declare(`service("app");`);
    expect(lab.plan("--base", "HEAD~1").status).toBe(0);

    expect(lab.leftovers()).toEqual([folderOf(started)]);
    fs.rmdirSync(path.join(lab.temporary, folderOf(started)));
  });

  test("takes away a worktree that was being made when its run was killed", () => {
    const worktree = path.join(lab.temporary, `homelab-base-${thisProcess().machine}-1-0-abcdef`);
    lab.git("worktree", "add", "--quiet", "--detach", worktree);
    lab.git("worktree", "lock", "--reason", "initializing", worktree);
    fs.rmSync(worktree, { recursive: true });
    expect(lab.leftovers()).not.toEqual([]);

    expect(lab.plan("--base", "HEAD").status).toBe(0);
  });
});

async function waitFor(holds: () => boolean): Promise<void> {
  for (const started = Date.now(); !holds();) {
    if (Date.now() - started > 20_000) throw new Error("waited for 20 s in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function finished(child: ChildProcess): Promise<{ status: number | null; signal: string | null; stdout: string }> {
  let stdout = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  return new Promise((resolve) => child.on("close", (status, signal) => resolve({ status, signal, stdout })));
}
