import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import fc from "fast-check";
import { calendarOfCron } from "../../constructs/values/calendar";
import { Content, HomelabService, Job, Probe, Secret } from "../../constructs";
import { base64Expression } from "../../constructs/host/secret-pieces";
import { literal } from "../../contract/text";
import { flawOf } from "../../constructs/values/text-limits";
import { missing, suite, terraformEnvironment } from "../support/programs";
import { synthesizeLab } from "../support/synthesis";

let folder: string;
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-terraform-"))));
afterEach(() => fs.rmSync(folder, { recursive: true }));

function terraform(document: object, ...words: string[]): string {
  fs.writeFileSync(path.join(folder, "main.tf.json"), JSON.stringify(document));
  const run = (args: string[]): string =>
    execFileSync("terraform", args, { cwd: folder, env: terraformEnvironment(), encoding: "utf8" });
  run(["init", "-input=false", "-no-color"]);
  return run([...words, "-no-color"]);
}

const nasty = [
  "${a}",
  "$${b}",
  "$$${c}",
  "%{ if d }",
  "%%{e}",
  "\\",
  '"',
  "\n",
  "\r",
  "\r\n",
  "`id`",
  "1e5",
  "日本語 🦆",
  "{{x}}",
  "'",
  "$",
];

/** What Terraform changes. */
const changed = [
  "e\u0301",
  "\u1112\u1161\u11ab",
  "\u212b",
  "\ud83e",
  "\udd86",
  `a${"\u0317".repeat(31)}`,
  "\0\u0345\u0301",
];

suite("Terraform", missing(["terraform"]), () => {
  /** What Terraform makes of expressions. */
  function evaluated(values: readonly string[], variables: object = {}): string[] {
    const output = Object.fromEntries(values.map((value, index) => [`t${index}`, { value }]));
    const variable = Object.keys(variables).length > 0 ? { variable: variables } : {};
    terraform({ ...variable, output }, "apply", "-auto-approve", "-input=false");
    const read = JSON.parse(
      execFileSync("terraform", ["output", "-json"], {
        cwd: folder,
        env: terraformEnvironment(),
        encoding: "utf8",
        maxBuffer: 1e8,
      }),
    );
    return values.map((_, index) => read[`t${index}`].value);
  }

  const anything = fc.oneof(
    fc.array(fc.constantFrom(...nasty, ...changed), { minLength: 1, maxLength: 6 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary", maxLength: 50 }),
    fc.string({ unit: "grapheme", maxLength: 50 }).map((text) => `\ufeff${text}`),
  );

  test("reads all text as it was written that is not refused, and changes what is", () => {
    const texts = fc.sample(anything, 500);
    const carried = texts.filter((text) => flawOf(text) === undefined);
    expect(carried.length).toBeGreaterThan(100);

    expect(evaluated(carried.map(literal))).toEqual(carried);

    const refused = changed.filter((text) => !text.includes("\0"));
    expect(refused.map((text) => flawOf(text) === undefined)).toEqual(refused.map(() => false));
    expect(evaluated(refused.map(literal)).filter((text, index) => text === refused[index])).toEqual([]);
  });

  test("reads text around a value that is known later as it was written", () => {
    const pairs = fc
      .sample(fc.tuple(anything, anything), 200)
      .filter((pair) => pair.every((text) => flawOf(text) === undefined) && flawOf(pair.join("x")) === undefined);
    const { stacks } = synthesizeLab((lab) => {
      new HomelabService(lab.host("app-01"), "app", {
        image: "example/app:1",
        health: Probe.none("test"),
        parts: { token: Secret.asEnvironment({ reason: "test" }) },
        environment: ({ token }) =>
          Object.fromEntries(pairs.map(([before, after], index) => [`T${index}`, before + token.value + after])),
      });
    });
    const lines: string[] = stacks["app-01"]?.resource.docker_container?.app.env;
    const env = pairs.map((_, index) => lines.find((line) => line.startsWith(`T${index}=`)) ?? "");

    const read = evaluated(env, { webservices_app_token_persisted: { default: "x" } });

    expect(read).toEqual(pairs.map((pair, index) => `T${index}=${pair.join("x")}`));
  });

  test("joins text and secrets in a file's content", () => {
    const text = nasty.join(" ");
    const content = base64Expression([
      text,
      { expression: "var.secret", encode: "url" },
      '"',
      { expression: "var.secret" },
    ]);

    terraform(
      { variable: { secret: { default: "p@ss/w${x".replace("${", "$${") } }, output: { content: { value: content } } },
      "apply",
      "-auto-approve",
      "-input=false",
    );

    const encoded = execFileSync("terraform", ["output", "-raw", "content"], {
      cwd: folder,
      env: terraformEnvironment(),
      encoding: "utf8",
    });
    expect(Buffer.from(encoded, "base64").toString()).toBe(`${text}${encodeURIComponent("p@ss/w${x")}"p@ss/w\${x`);
  });

  test("takes the blocks that move, release and adopt", () => {
    const address = "terraform_data.app_db";
    const plan = terraform(
      {
        variable: { homelab_adopt: { type: "set(string)", default: [] } },
        import: [
          {
            for_each: `\${contains(var.homelab_adopt, "${address}") ? toset(["app"]) : toset([])}`,
            to: address,
            id: "${each.value}",
          },
        ],
        removed: [{ from: "terraform_data.gone", lifecycle: { destroy: false } }],
        moved: [{ from: "terraform_data.before", to: address }],
        resource: { terraform_data: { app_db: {} } },
      },
      "plan",
      "-input=false",
      `-var=homelab_adopt=["${address}"]`,
    );

    expect(plan).toContain("1 to import, 0 to add, 0 to change, 0 to destroy");
  });
});

suite("systemd", missing(["systemd-analyze"]), () => {
  test.each(["30 2 * * *", "*/15 * * * *", "0 3 * * 1-5", "0 3 * * 0", "5 4 1,15 * *", "0 0 1 1-6/2 *", "0 3 * * sun"])(
    "reads %s",
    (line) => {
      const calendar = `${calendarOfCron(line, "test")} Europe/Berlin`;

      expect(execFileSync("systemd-analyze", ["calendar", calendar], { encoding: "utf8" })).toContain("Next elapse");
    },
  );

  test("reads the units of a job, and its words as they were written", () => {
    const words = ["/bin/echo", ...nasty.filter((word) => word !== "\\"), "a b", "%n", "$HOME"];
    const { stacks } = synthesizeLab((lab) => {
      new HomelabService(lab.host("app-01"), "app", {
        image: "example/app:1",
        health: Probe.none("test"),
        parts: { job: Job.cron("0 3 * * *", { command: words as [string, ...string[]] }) },
      });
    });
    const { service, timer } = stacks["app-01"]?.resource.null_resource?.app_job.triggers ?? {};
    const unescaped = (text: string): string => text.replace(/([$%])\1\{/g, "$1{");
    fs.writeFileSync(
      path.join(folder, "job.service"),
      unescaped(service).replace("/usr/bin/docker", "/bin/true").replaceAll("docker.service", "basic.target"),
    );
    fs.writeFileSync(path.join(folder, "job.timer"), unescaped(timer));

    const said = execFileSync("/bin/sh", ["-c", "systemd-analyze verify ./job.service ./job.timer 2>&1 || true"], {
      cwd: folder,
      encoding: "utf8",
    });

    expect(said.split("\n").filter((line) => line.includes(folder) || line.startsWith("job."))).toEqual([]);
  });
});

suite("YAML of a program that reads version 1.1", missing(["python3"]) ?? pythonYaml(), () => {
  test("arrives as it was declared", () => {
    const value = {
      list: ["no", "on", "1e3", "0x1f", "1:30", "~", "", "- a", "a: b", ...nasty],
      on: { off: true, n: 1 },
    };
    const file = path.join(folder, "file.yml");
    fs.writeFileSync(file, Content.yaml(value).text);

    const read = execFileSync(
      "python3",
      ["-c", "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))", file],
      { encoding: "utf8" },
    );

    expect(JSON.parse(read)).toEqual(value);
  });
});

function pythonYaml(): string | undefined {
  try {
    execFileSync("python3", ["-c", "import yaml"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "PyYAML not installed";
  }
}
