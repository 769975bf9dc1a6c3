// Installs the packed library into an empty project and uses it there as its users do: by import, by require, from
// TypeScript, and with cdktf-cli.
const { execFileSync, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { smallestLab } = require("./smallest-lab");

const root = path.join(__dirname, "..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-package-"));
const environment = { ...process.env, CHECKPOINT_DISABLE: "1", CI: "" };
delete environment.TF_CLI_CONFIG_FILE; // as in the integration tests: nothing is asked of a registry
let passed = 0;

function run(command, args, options = {}) {
  return execFileSync(command, args, {
    cwd: folder,
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
}

function check(what, holds) {
  if (!holds) throw new Error(`${what}: failed`);
  passed += 1;
  console.log(`ok ${what}`);
}

/** A lab of one's own, and what may happen to it. */
const MATCHED = `
jest.setTimeout(60_000);
const lab = (label: string) => (app: App): void => {
  const home = new Homelab(app, {
    hosts: [{ name: "box", lanAddress: "192.168.1.2", publicAddress: "203.0.113.2", ssh: { user: "deploy", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT" } }],
    zones: { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.direct() } },
    ledger: Ledger.fromFile("never.ledger.json"),
  });
  whoami(home.host("box"), { zone: home.zone(label) });
};
test("the lab is as it was", async () => {
  const plan: PlanReport = await offlinePlan(lab("example.com"), { base: lab("example.com") });
  expect(plan).toChangeNothing();
  expect(plan).toRestartOnly();
});
test("the lab begins", async () => {
  const plan = await offlinePlan(lab("example.com"), { base: "none" });
  expect(plan).toDestroyNothing();
  expect(plan).toKeepData();
  expect(plan).toExpose("whoami.example.com");
  expect(plan).not.toExpose("example.com");
  expect(() => expect(plan).toRestartOnly("whoami")).toThrow("to restart whoami and nothing else");
});
`;
/** A lab with a part of one's own, which holds data. */
const WITH_OWN_PART = `
const { App } = require("cdktf");
const { Backup, HomelabService, Ledger, Probe } = require("cdktf-homelab");
const { Homelab } = require("cdktf-homelab/stacks");
const { measured, Metrics } = require("../metrics.js");
const app = new App();
const ssh = { user: "deploy", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT" };
const home = new Homelab(app, { hosts: [{ name: "box", lanAddress: "192.168.1.2", ssh }], ledger: Ledger.inMemory() });
measured(home.host("box"));
new HomelabService(home.host("box"), "collector", {
  image: "docker.io/example/collector:1.0.0",
  user: "1000:1000",
  health: Probe.none("a test"),
  parts: { series: Metrics.collect(), none: Backup.none("a test") },
});
app.synth();
`;
const hasTerraform = spawnSync("terraform", ["version"], { stdio: "ignore", env: environment }).status === 0;

try {
  const packed = run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], {
    cwd: root,
  }).trim();
  const { version } = require(path.join(root, "package.json"));
  const peers = require(path.join(root, "package.json")).devDependencies;
  fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "lab", private: true }));
  run("npm", [
    "install",
    "--silent",
    "--no-audit",
    "--no-fund",
    path.join(folder, packed),
    `cdktf@${peers.cdktf}`,
    `constructs@${peers.constructs}`,
    `typescript@${peers.typescript}`,
    `jest@${peers.jest}`,
    `@types/jest@${peers["@types/jest"]}`,
  ]);

  fs.writeFileSync(
    path.join(folder, "lab.cjs"),
    smallestLab((name, from) => `const { ${name} } = require("${from}");`),
  );
  run("node", ["lab.cjs"]);
  const written = fs.readFileSync(path.join(folder, "cdktf.out/stacks/box/cdk.tf.json"), "utf8");
  check("require synthesizes a lab", written.includes('"whoami"'));

  fs.writeFileSync(
    path.join(folder, "lab.mjs"),
    smallestLab((name, from) => `import { ${name} } from "${from}";`),
  );
  fs.rmSync(path.join(folder, "cdktf.out"), { recursive: true });
  run("node", ["lab.mjs"]);
  check(
    "import synthesizes the same",
    fs.readFileSync(path.join(folder, "cdktf.out/stacks/box/cdk.tf.json"), "utf8") === written,
  );

  fs.writeFileSync(
    path.join(folder, "lab.ts"),
    smallestLab((name, from) => `import { ${name} } from "${from}";`),
  );
  const compiler = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2022",
    "--module",
    "node16",
    "--moduleResolution",
    "node16",
  ];
  run(path.join(folder, "node_modules/.bin/tsc"), [...compiler, "lab.ts"]);
  check("the declarations compile", true);

  // A part of one's own, by the package's entries alone.
  const example = fs.readFileSync(path.join(root, "docs/examples/metrics.ts"), "utf8");
  fs.writeFileSync(path.join(folder, "metrics.ts"), example.replaceAll('"../../constructs', '"cdktf-homelab'));
  run(path.join(folder, "node_modules/.bin/tsc"), [...compiler.filter((word) => word !== "--noEmit"), "metrics.ts"]);
  const own = path.join(folder, "own");
  fs.mkdirSync(own);
  fs.writeFileSync(path.join(own, "lab.cjs"), WITH_OWN_PART);
  run(process.execPath, ["lab.cjs"], { cwd: own });
  const shown = run(path.join(folder, "node_modules/.bin/homelab"), ["show", "wiki", "--no-synth"], { cwd: own });
  check("a part of one's own has facts, data and a file", /metrics +numbers: target wiki:9100/.test(shown));

  check(
    "the homelab command runs",
    run(path.join(folder, "node_modules/.bin/homelab"), ["show"]).includes("https://whoami.example.com"),
  );

  const validated = run(path.join(folder, "node_modules/.bin/homelab"), ["validate", "--where-possible"]);
  check(
    "homelab validate holds the stacks against the packed recordings",
    /stacks are valid|no Terraform here/.test(validated),
  );

  fs.writeFileSync(
    path.join(folder, "lab.test.ts"),
    `import { App } from "cdktf";
import { Ingress, Ledger } from "cdktf-homelab";
import { Homelab } from "cdktf-homelab/stacks";
import { whoami } from "cdktf-homelab/services";
import { offlinePlan, type PlanReport } from "cdktf-homelab/testing";
import "cdktf-homelab/testing/jest";
${MATCHED}`,
  );
  run(path.join(folder, "node_modules/.bin/tsc"), [
    ...compiler.filter((word) => word !== "--noEmit"),
    "--types",
    "jest",
    "lab.test.ts",
  ]);
  check("a test with the matchers compiles", true);
  if (hasTerraform) {
    const { status, stderr } = spawnSync(path.join(folder, "node_modules/.bin/jest"), ["lab.test.js"], {
      cwd: folder,
      env: { ...environment, CI: "true" },
      encoding: "utf8",
    });
    if (status !== 0) console.error(stderr);
    check("jest runs it in the empty project", status === 0 && /2 passed/.test(stderr));
    check("and nothing of the project was written", !fs.existsSync(path.join(folder, "never.ledger.json")));
  } else console.log("not run: a jest test with the matchers (terraform not installed)");

  fs.writeFileSync(
    path.join(folder, "cdktf.json"),
    JSON.stringify({ language: "typescript", app: "node lab.cjs", projectId: "test", sendCrashReports: "false" }),
  );
  const cdktf = path.join(root, "node_modules/.bin/cdktf");
  check("cdktf synth writes the stacks", run(cdktf, ["synth"]).includes("box"));
  check("cdktf list names them", /edge/.test(run(cdktf, ["list"])));
  console.log(`cdktf-homelab ${version}\n${passed} passed, 0 failed`);
} catch (error) {
  console.error(error.stdout ?? "", error.stderr ?? "", error.message);
  console.log(`${passed} passed, 1 failed`);
  process.exitCode = 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
