import { execFile, execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { readFixtures } from "../../offline/fixtures";
import { requiredProviders, type StackDocument } from "../../offline/providers";
import { readRecording } from "../../offline/recording";
import { startServer } from "../../offline/server";
import { StateStore } from "../../offline/state-store";
import { OfflineTerraform } from "../../offline/terraform";
import { PROVIDER_PINS } from "../../stacks";
import { missing, suite, terraformEnvironment } from "../support/programs";

const root = path.join(__dirname, "../..");
const run = promisify(execFile);

let folder: string;
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-terraform-"))));
afterEach(() => fs.rmSync(folder, { recursive: true }));

function stack(document: object): StackDocument {
  return { name: "test", folder, document };
}

const docker = {
  terraform: { required_providers: { docker: { source: "kreuzwerker/docker", version: "4.5.0" } } },
  provider: { docker: [{}] },
};

async function attached<T>(
  document: object,
  apply: boolean,
  work: (terraform: OfflineTerraform, cwd: string) => Promise<T>,
): Promise<T> {
  const states = apply ? await StateStore.start() : undefined;
  try {
    const terraform = await OfflineTerraform.start(requiredProviders([stack(document)]), { states });
    try {
      return await work(terraform, await terraform.prepare(stack(document)));
    } finally {
      await terraform.close();
    }
  } finally {
    await states?.close();
  }
}

suite("an offline apply", missing(["terraform"]), () => {
  const document = {
    ...docker,
    resource: {
      docker_image: { app: { name: "example/app:1" } },
      docker_volume: { data: { name: "data" } },
      docker_container: {
        app: {
          name: "app",
          image: "${docker_image.app.image_id}",
          command: ["serve"],
          mounts: [{ type: "volume", target: "/data", source: "${docker_volume.data.name}" }],
          ports: [{ internal: 80 }],
          healthcheck: { test: ["CMD", "true"] },
          provisioner: [{ "local-exec": { command: "touch ran" } }],
        },
      },
    },
    output: { id: { value: "${docker_container.app.id}" } },
  };

  test("ends with nothing to do, with values that are told from real ones, and runs no provisioner", async () => {
    await attached(document, true, async (terraform, cwd) => {
      const applied = await terraform.run(cwd, ["apply", "-auto-approve", "-input=false", "-no-color"]);
      const again = await terraform.run(cwd, ["plan", "-detailed-exitcode", "-input=false", "-no-color"]);

      expect([applied.status, applied.stderr]).toEqual([0, ""]);
      expect(applied.stdout).toMatch(/id = "offline-[0-9a-f]{24}"/);
      expect([again.status, again.stdout]).toEqual([0, expect.stringContaining("No changes.")]);
      expect(fs.existsSync(path.join(cwd, "ran"))).toBe(false);
      expect(fs.existsSync(path.join(cwd, "terraform.tfstate"))).toBe(false);
    });
  });

  test("makes up the same values each time", async () => {
    const ids = [];
    for (let round = 0; round < 2; round += 1) {
      ids.push(
        await attached(document, true, async (terraform, cwd) => {
          await terraform.run(cwd, ["apply", "-auto-approve", "-input=false"]);
          return (await terraform.run(cwd, ["output", "-raw", "id"])).stdout;
        }),
      );
    }

    expect(ids[0]).toBe(ids[1]);
  });

  test("refuses attributes that exclude or need each other", async () => {
    const wrong = {
      ...docker,
      terraform: {
        required_providers: {
          ...docker.terraform.required_providers,
          postgresql: { source: "cyrilgdn/postgresql", version: "1.26.0" },
        },
      },
      resource: {
        docker_container: { a: { name: "a", image: "b", gpus: "all", device_requests: [{ driver: "cdi" }] } },
        postgresql_role: { r: { name: "r", password_wo: "x" } },
      },
    };

    const { stdout } = await attached(wrong, false, (terraform, cwd) => terraform.run(cwd, ["validate", "-json"]));

    const details = JSON.parse(stdout).diagnostics.map(({ detail }: any) => detail);
    expect(details).toEqual(
      expect.arrayContaining([
        '"device_requests": conflicts with gpus',
        '"password_wo": also needs password_wo_version',
      ]),
    );
  });

  test("imports what is configured, without a change", async () => {
    const importing = {
      ...docker,
      import: [{ to: "docker_volume.data", id: "data" }],
      resource: { docker_volume: { data: { name: "data" } } },
    };

    const { stdout } = await attached(importing, false, (terraform, cwd) =>
      terraform.run(cwd, ["plan", "-input=false", "-no-color"]),
    );

    expect(stdout).toContain("1 to import, 0 to add, 0 to change, 0 to destroy");
  });

  test("says that there is nothing to import", async () => {
    const importing = {
      ...docker,
      import: [{ to: "docker_volume.data", id: "other" }],
      resource: { docker_volume: { data: { name: "data" } } },
    };

    const { stderr } = await attached(importing, false, (terraform, cwd) =>
      terraform.run(cwd, ["plan", "-input=false", "-no-color"]),
    );

    expect(stderr).toContain('No configured docker_volume has a value "other".');
  });
});

suite("fixtures", missing(["terraform"]), () => {
  test("are what a data source answers", async () => {
    const server = await startServer({
      recordings: path.join(root, "schemas"),
      providers: { "kreuzwerker/docker": "4.5.0" },
      fixtures: [{ type: "docker_network", where: { name: "known" }, result: { driver: "macvlan" } }],
    });
    try {
      const data = { docker_network: { known: { name: "known" }, other: { name: "other" } } };
      fs.writeFileSync(
        path.join(folder, "main.tf.json"),
        JSON.stringify({
          ...docker,
          data,
          output: {
            drivers: { value: ["${data.docker_network.known.driver}", "${data.docker_network.other.driver}"] },
          },
        }),
      );
      const env = terraformEnvironment({ TF_REATTACH_PROVIDERS: server.reattach });
      await run("terraform", ["init", "-input=false"], { cwd: folder, env });
      await run("terraform", ["apply", "-auto-approve", "-input=false"], { cwd: folder, env });
      const { stdout } = await run("terraform", ["output", "-json", "drivers"], { cwd: folder, env });

      expect(JSON.parse(stdout)).toEqual(["macvlan", expect.stringMatching(/^offline-/)]);
    } finally {
      await server.close();
    }
  });

  test.each([
    ["{", "is not JSON"],
    ["{}", 'must be a list of {"type", "where", "result"}'],
    ['[{"type": "x"}]', 'entry 0 must have a "type" and a "result", got {"type":"x"}'],
  ])("fail for %s", (text, message) => {
    const file = path.join(folder, "fixtures.json");
    fs.writeFileSync(file, text);

    expect(() => readFixtures(file)).toThrow(message);
  });
});

describe("a recording", () => {
  test.each(Object.entries(PROVIDER_PINS))("of %s %s is there, the version that is pinned", (name, version) => {
    expect(
      fs.readdirSync(path.join(root, "schemas")).filter((file) => file.endsWith(`-${name}-${version}.schema.json`)),
    ).toHaveLength(1);
  });

  test("fails when it is damaged", () => {
    fs.writeFileSync(path.join(folder, "a-b-1.0.0.schema.json"), "{");

    expect(() => readRecording(folder, "a/b", "1.0.0")).toThrow("can't be read, restore it from version control");
  });
});

suite("what is recorded again", missing(["terraform"]), () => {
  test.each([
    ["hashicorp/null", "3.2.4"],
    ["cloudflare/cloudflare", "5.14.0"],
    ["breml/uptimekuma", "0.4.0"],
    ["carlpett/sops", "1.4.1"],
  ])("of %s %s is the recording that is served", async (source, version) => {
    const copy = path.join(folder, "copy");
    const sources = ["provider-source", "terraform-program"].map((name) => `offline/${name}.ts`);
    for (const name of ["scripts/record-schemas.ts", "package.json", ...sources]) {
      fs.mkdirSync(path.dirname(path.join(copy, name)), { recursive: true });
      fs.copyFileSync(path.join(root, name), path.join(copy, name));
    }
    fs.mkdirSync(path.join(copy, "schemas"));
    fs.symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
    const server = await startServer({ recordings: path.join(root, "schemas"), providers: { [source]: version } });
    try {
      await run(process.execPath, ["--import", "tsx", "scripts/record-schemas.ts", source, version], {
        cwd: copy,
        env: terraformEnvironment({ TF_REATTACH_PROVIDERS: server.reattach }),
      });
    } finally {
      await server.close();
    }

    const file = `${source.replace("/", "-")}-${version}.schema.json`;
    expect(JSON.parse(fs.readFileSync(path.join(copy, "schemas", file), "utf8"))).toEqual(
      JSON.parse(fs.readFileSync(path.join(root, "schemas", file), "utf8")),
    );
  });

  test("fails for what is no provider", () => {
    const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "scripts/record-schemas.ts", "docker"], {
      cwd: root,
      encoding: "utf8",
    });

    expect([status, stderr.trim()]).toEqual([
      1,
      'usage: npm run schemas -- NAMESPACE/NAME VERSION [TYPE…], got ["docker",""]',
    ]);
  });
});

suite("the homelab command", missing(["terraform"]), () => {
  test("plans a stack through the providers, two at once", async () => {
    execFileSync(process.execPath, ["--import", "tsx", "main.ts"], {
      cwd: root,
      env: terraformEnvironment({ CDKTF_OUTDIR: path.join(folder, "out"), CI: "true" }),
    });
    const diff = (name: string) =>
      run(
        process.execPath,
        [
          "--import",
          "tsx",
          "cli/homelab.ts",
          "--out",
          path.join(folder, "out"),
          "offline",
          "--",
          "sh",
          "-c",
          `cd ${path.join(folder, "out/stacks", name)} && terraform init -input=false >/dev/null && terraform plan -input=false -no-color`,
        ],
        { cwd: root, env: terraformEnvironment() },
      );

    const [one, two] = await Promise.all([diff("media-01"), diff("monitoring")]);

    expect(one.stdout).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
    expect(two.stdout).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
  });
});
