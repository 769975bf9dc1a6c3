import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { stringify } from "yaml";
import { Generations, Ledger } from "../constructs";
import { config } from "../homelab.config";
import { exampleLab } from "../main";
import { requiredProviders } from "../offline/providers";
import { OfflineTerraform } from "../offline/terraform";
import { validateStack } from "../offline/validate";
import { missing, suite } from "./support/programs";
import { secretsInState, violations } from "./support/provider-schema";
import { addresses, placedFiles, synthesize, type Synthesis } from "./support/synthesis";

const root = path.join(__dirname, "..");

/** The example lab with its committed ledger and generations, neither of them written. */
function synthesized(): Synthesis {
  const committed = (name: string): any => JSON.parse(fs.readFileSync(path.join(root, name), "utf8"));
  return synthesize((app) =>
    exampleLab(app, {
      ...config,
      ledger: Ledger.fromFile(path.join(root, "homelab.ledger.json")).copy(),
      generations: Generations.inMemory(committed("homelab.secrets.json").generations),
    }),
  );
}

const lab = synthesized();

test("has the addresses that states know; a line that changes brings its moved block", () => {
  const golden = path.join(__dirname, "golden/addresses.txt");
  const lines = Object.entries(lab.stacks)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, stack]) => addresses(stack).map((address) => `${name} ${address}`));
  if (process.env.UPDATE_GOLDEN) fs.writeFileSync(golden, `${lines.join("\n")}\n`);

  expect(lines).toEqual(fs.readFileSync(golden, "utf8").trim().split("\n"));
});

test("renders one container as it is reviewed", () => {
  const golden = path.join(__dirname, "golden/paperless.json");
  const container = `${JSON.stringify(lab.stacks["app-01"]?.resource.docker_container?.paperless, null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN) fs.writeFileSync(golden, container);

  expect(container).toBe(fs.readFileSync(golden, "utf8"));
});

test("renders its access rules as Authelia reads them", () => {
  const golden = path.join(__dirname, "golden/access-control.json");
  const document = `${JSON.stringify(lab.manifest.accessControl, null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN) fs.writeFileSync(golden, document);

  expect(document).toBe(fs.readFileSync(golden, "utf8"));
});

test("renders the files of its platform and the tunnel's ingress as they are reviewed", () => {
  const golden = path.join(__dirname, "golden/platform.yaml");
  const files = Object.entries(lab.stacks).flatMap(([stack, document]) =>
    Object.entries(placedFiles(document))
      .filter(([file]) => !file.startsWith("/etc/homelab/"))
      .map(([file, content]) => [`${stack} ${file}`, content]),
  );
  const tunnel = lab.stacks.edge?.resource.cloudflare_zero_trust_tunnel_cloudflared_config;
  const document = stringify({ files: Object.fromEntries(files), tunnel }, { lineWidth: 0 });
  if (process.env.UPDATE_GOLDEN) fs.writeFileSync(golden, document);

  expect(document).toBe(fs.readFileSync(golden, "utf8"));
});

test("renders what its backup agents read, and when they run, as it is reviewed", () => {
  const golden = path.join(__dirname, "golden/backup.yaml");
  const files = Object.entries(lab.stacks).flatMap(([stack, document]) =>
    Object.entries(placedFiles(document))
      .filter(([file]) => /^\/etc\/homelab\/backup.*(\.conf|\/paperless.*|known_hosts)$/.test(file))
      .map(([file, content]) => [`${stack} ${file}`, content]),
  );
  const { triggers } = lab.stacks["app-01"]?.resource.null_resource?.backup_agent_units;
  const units = Object.entries(triggers).filter(([name]) => /^homelab-(backup|drill)-/.test(name));
  const document = stringify(
    { files: Object.fromEntries(files), units: Object.fromEntries(units) },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
  if (process.env.UPDATE_GOLDEN) fs.writeFileSync(golden, document);

  expect(document).toBe(fs.readFileSync(golden, "utf8"));
});

describe("its firewalls", () => {
  const rules = Object.entries(lab.stacks).flatMap(([name, stack]) => {
    const found = placedFiles(stack)["/etc/homelab/firewall/rules.nft"];
    return found === undefined ? [] : [[name, found] as const];
  });

  test.each(rules)("are as they are reviewed on %s", (name, text) => {
    const golden = path.join(__dirname, `golden/${name}.nft`);
    if (process.env.UPDATE_GOLDEN) fs.writeFileSync(golden, text);

    expect(text).toBe(fs.readFileSync(golden, "utf8"));
  });

  suite("nft", missing(["nft", "unshare"], { root: true }), () => {
    test.each(rules)("takes the rules of %s", (_name, text) => {
      const check = spawnSync("unshare", ["--net", "nft", "-c", "-f", "-"], { input: text, encoding: "utf8" });

      expect(check).toMatchObject({ status: 0, stderr: "" });
    });
  });
});

test.each(Object.keys(lab.stacks))("stack %s is what the recorded schemas of its providers allow", (name) => {
  const stack = lab.stacks[name];

  expect(stack && violations(stack)).toEqual([]);
});

suite("Terraform", missing(["terraform"]), () => {
  test("takes every stack", async () => {
    const stacks = Object.entries(lab.stacks).map(([name, document]) => ({ name, folder: "", document }));
    const terraform = await OfflineTerraform.start(requiredProviders(stacks));
    try {
      const findings = await Promise.all(stacks.map((stack) => validateStack(terraform, stack)));
      expect(findings.flat()).toEqual([]);
    } finally {
      await terraform.close();
    }
  }, 60_000);
});

test("rests no secret in a state", () => {
  expect(Object.values(lab.stacks).flatMap(secretsInState)).toEqual([]);
  for (const stack of Object.values(lab.stacks)) {
    for (const variable of Object.values<any>(stack.variable ?? {})) {
      if (variable.sensitive) expect(variable.ephemeral).toBe(true);
    }
  }
});

test("has a manifest of the documented shape", () => {
  const schema = JSON.parse(fs.readFileSync(path.join(root, "schemas/homelab.schema.json"), "utf8"));
  const validate = new Ajv2020({ allErrors: true }).compile(schema);

  validate(lab.manifest);

  expect(validate.errors ?? []).toEqual([]);
});

test("is the same at each synthesis", () => {
  expect(synthesized()).toEqual(lab);
});

test("has one stack for each host, each database server, the edge and the monitoring", () => {
  expect(Object.keys(lab.stacks).sort()).toEqual([
    "app-01",
    "edge",
    "edge-01",
    "media-01",
    "monitoring",
    "postgres-main",
    "postgres-rented",
  ]);
});

describe("the check against the schemas", () => {
  const container = { name: "a", image: "b" };
  const check = (body: object): string[] =>
    violations({ resource: { docker_container: { a: { ...container, ...body } } } });

  test.each<[string, object, string]>([
    ["an unknown attribute", { nmae: "x" }, "docker_container.a.nmae: no such attribute"],
    ["a wrong type", { restart: ["no"] }, 'docker_container.a.restart: ["no"] is no "string"'],
    ["a missing argument", { image: undefined }, "docker_container.a.image: missing"],
    ["what only the provider sets", { exit_code: 1 }, "docker_container.a.exit_code: can't be set"],
    [
      "an unknown argument of a block",
      { mounts: [{ target: "/a", type: "bind", from: "/b" }] },
      "docker_container.a.mounts[0].from: no such attribute",
    ],
    [
      "two attributes that exclude each other",
      { gpus: "all", device_requests: [{}] },
      "docker_container.a.device_requests: conflicts with gpus",
    ],
  ])("finds %s", (_what, body, message) => {
    expect(check(body)).toContain(message);
  });

  test("finds nothing wrong with what is right", () => {
    expect(check({})).toEqual([]);
  });
});
