// Installs the packed library into an empty project and uses it there as its users do: by import, by require, from
// TypeScript, and with cdktf-cli.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const root = path.join(__dirname, "..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-package-"));
const environment = { ...process.env, CHECKPOINT_DISABLE: "1", CI: "" };
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

const LAB = `
const app = new App();
const lab = new Homelab(app, {
  hosts: [{ name: "box", lanAddress: "192.168.1.2", publicAddress: "203.0.113.2", ssh: { user: "deploy", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT" } }],
  zones: { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.direct() } },
});
whoami(lab.host("box"), { zone: lab.zone("example.com") });
app.synth();
`;
const NAMES = {
  cdktf: "App",
  "cdktf-homelab": "Ingress",
  "cdktf-homelab/stacks": "Homelab",
  "cdktf-homelab/services": "whoami",
};
const lines = (format) =>
  Object.entries(NAMES)
    .map(([from, name]) => format(name, from))
    .join("\n");

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
  ]);

  fs.writeFileSync(
    path.join(folder, "lab.cjs"),
    lines((name, from) => `const { ${name} } = require("${from}");`) + LAB,
  );
  run("node", ["lab.cjs"]);
  const written = fs.readFileSync(path.join(folder, "cdktf.out/stacks/box/cdk.tf.json"), "utf8");
  check("require synthesizes a lab", written.includes('"whoami"'));

  fs.writeFileSync(path.join(folder, "lab.mjs"), lines((name, from) => `import { ${name} } from "${from}";`) + LAB);
  fs.rmSync(path.join(folder, "cdktf.out"), { recursive: true });
  run("node", ["lab.mjs"]);
  check(
    "import synthesizes the same",
    fs.readFileSync(path.join(folder, "cdktf.out/stacks/box/cdk.tf.json"), "utf8") === written,
  );

  fs.writeFileSync(path.join(folder, "lab.ts"), lines((name, from) => `import { ${name} } from "${from}";`) + LAB);
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
