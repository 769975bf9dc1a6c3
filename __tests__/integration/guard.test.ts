import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { App } from "cdktf";
import { Backup, Generations, HomelabService, Ledger, PostgresDatabase, Probe, Volume } from "../../constructs";
import { readState } from "../../deploy/stack-state";
import { recordedProviders, recordingsFolder } from "../../offline/providers";
import { startServer, type OfflineServer } from "../../offline/server";
import { StateStore } from "../../offline/state-store";
import { Children } from "../../process/children";
import { Homelab } from "../../stacks";
import { Deployment } from "../support/deployment";
import { missing, suite, terraformEnvironment } from "../support/programs";
import { host, inventory } from "../support/synthesis";

suite("a deployment by homelab run", missing(["terraform"]), () => {
  jest.setTimeout(120_000);
  let folder: string;
  let server: OfflineServer;
  let deployment: Deployment;
  const inFolder = (name: string): string => path.join(folder, name);
  const ledger = (branch: string): Ledger => Ledger.fromFile(inFolder(`${branch}.json`));

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-guard-"));
    server = await startServer({ recordings: recordingsFolder(), providers: recordedProviders(), apply: true });
    deployment = new Deployment(inFolder("deployment"), environment(), withoutScripts);
    jest.spyOn(process.stderr, "write").mockReturnValue(true); // news of syntheses
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await server.close();
    fs.rmSync(folder, { recursive: true });
  });

  const environment = (): Record<string, string> => ({
    TF_REATTACH_PROVIDERS: server.reattach,
    TF_VAR_homelab_postgres_main_admin_pass: "x",
    TF_VAR_webservices_app_db_pass: "x",
    TF_VAR_webservices_wiki_db_pass: "x",
  });

  /** The lab of a branch, with a ledger of its own. */
  const lab =
    (branch: string, ...services: string[]) =>
    (app: App): void => {
      // No sshd answers there, and it says so at once.
      const nobody = { ...host("app-01", 11), lanAddress: "127.0.0.1" };
      const hosts = [{ ...nobody, ssh: { ...nobody.ssh, port: 1 } }];
      const generations = Generations.inMemory();
      const home = new Homelab(app, inventory({ hosts, ledger: ledger(branch), generations }));
      for (const name of services) {
        new HomelabService(home.host("app-01"), name, {
          ...{ image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") },
          parts: {
            data: Volume.at("/data"),
            db: PostgresDatabase.on(home.postgres("main")),
            none: Backup.none("test"),
          },
        });
      }
    };

  /** What `homelab run` says, and how it ends, with Terraform on a stack. */
  function run(stack: string, ...words: string[]): Promise<{ status: number | null; said: string }> {
    const terraform = ["terraform", `-chdir=${inFolder(`deployment/out/stacks/${stack}`)}`, ...words];
    return homelab("run", "--watch", "0", "--", ...terraform);
  }

  function homelab(...words: string[]): Promise<{ status: number | null; said: string }> {
    const command = ["--import", "tsx", path.join(__dirname, "../../cli/homelab.ts")];
    const child = spawn(process.execPath, [...command, "--out", inFolder("deployment/out"), ...words], {
      cwd: path.join(__dirname, "../.."),
      env: terraformEnvironment(environment()),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
    return new Promise((resolve) => child.on("close", (status) => resolve({ status, said })));
  }

  const apply = ["apply", "-auto-approve", "-input=false", "-no-color"] as const;

  test("begins with nothing in the way", async () => {
    deployment.synthesize(lab("feature", "app", "wiki"));
    for (const stack of ["app-01", "postgres-main"]) {
      await deployment.plan(stack); // which initializes it
      expect(await run(stack, ...apply)).toMatchObject({ status: 0, said: expect.stringContaining("Apply complete!") });
    }
  });

  test("does not destroy what another branch has deployed, which Terraform alone would", async () => {
    deployment.synthesize(lab("main", "app"));
    const before = deployment.state("app-01");
    const alone = await deployment.plan("app-01");
    const { status, said } = await run("app-01", ...apply);

    expect(alone.said).toContain("# docker_volume.wiki_data will be destroyed");
    expect(status).toBe(1);
    expect(said).toContain(
      'homelab: stack "app-01" has volume "wiki_data" (docker_volume.wiki_data), of which this code knows nothing',
    );
    expect((await run("postgres-main", ...apply)).said).toContain(
      'stack "postgres-main" has database "wiki" (postgresql_database.wiki_db), role "wiki" (postgresql_role.wiki_db_owner), of which',
    );
    expect(deployment.state("app-01")).toBe(before);
  });

  test("finds a ledger that was lost again in the states, also what the code does not declare", async () => {
    const lost = inFolder("main.json");
    fs.rmSync(lost);

    const { status, said } = await homelab("ledger", "--recover");

    expect(status).toBe(0);
    expect(said).toMatch(/app\/data +volume +app-01 +app_data +in use +the state of app-01/);
    expect(said).toMatch(/wiki\/data +volume +app-01 +wiki_data +released +the state of app-01/);
    expect(said).toContain("Nothing was written; --write adds them without a question.");
    // No host and no server answers here.
    expect(said).toMatch(/not looked at: .*app-01/);
    expect(said).toMatch(/not looked at: .*database server "main"/);
    expect(fs.existsSync(lost)).toBe(false);

    expect((await homelab("ledger", "--recover", "--write")).status).toBe(0);
    expect(fs.readFileSync(lost, "utf8")).toBe(fs.readFileSync(inFolder("feature.json"), "utf8"));
    expect((await homelab("ledger", "--recover", "--write")).said).toContain("lacks nothing of what was found");
  });

  test("lets go of it when both branches are merged and one removes it", async () => {
    fs.copyFileSync(inFolder("feature.json"), inFolder("main.json"));
    deployment.synthesize(lab("main", "app"));
    await deployment.plan("app-01");

    const { status, said } = await run("app-01", ...apply);

    expect(said).toMatch(
      /docker_volume\.wiki_data will (no longer be managed by Terraform|be removed from the OpenTofu)/,
    );
    expect(status).toBe(0);
    expect(deployment.state("app-01")).not.toContain("wiki_data");
  });

  test("destroys nothing but what was retired", async () => {
    const kept = ledger("main");
    for (const [key, entry] of kept.entries) if (key.startsWith("wiki/db")) kept.set(key, { ...entry, retired: true });
    kept.save();
    deployment.synthesize(lab("main", "app"));
    await deployment.plan("postgres-main");

    const { status, said } = await run("postgres-main", ...apply);

    expect(said).toMatch(/\b4 destroyed/);
    expect(status).toBe(0);
    expect(deployment.state("postgres-main")).not.toContain("wiki");
    expect(deployment.state("postgres-main")).toContain('"app"');
  });

  test("destroys no stack that has data", async () => {
    const { status, said } = await run("app-01", "destroy", "-auto-approve");

    expect(said).toContain(
      'stack "app-01" has volume "app_data" (docker_volume.app_data), which "destroy" would destroy',
    );
    expect(status).toBe(1);
  });

  test("says of a state that can't be read that nobody looked, and leaves the rest to the command", async () => {
    const file = inFolder("deployment/out/stacks/app-01/cdk.tf.json");
    const document = JSON.parse(fs.readFileSync(file, "utf8"));
    document.terraform.backend = { http: { address: "http://127.0.0.1:1/state", retry_max: 0 } };
    fs.writeFileSync(file, JSON.stringify(document));

    const { said } = await run("app-01", ...apply);

    expect(said).toMatch(/homelab: the state of stack "app-01" can't be read: .*127\.0\.0\.1:1/);
    expect(said).toContain("whether it has data of which this code knows nothing is not known");
  });
});

suite("a state that is kept elsewhere", missing(["terraform"]), () => {
  test("is read from its backend, without a provider, and the stack's folder stays as it is", async () => {
    const store = await StateStore.start();
    const server = await startServer({ recordings: recordingsFolder(), providers: recordedProviders(), apply: true });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-state-"));
    try {
      const document = {
        terraform: {
          required_providers: { docker: { source: "kreuzwerker/docker", version: "4.5.0" } },
          backend: store.backend("app-01"),
        },
      };
      const resource = { docker_volume: { wiki_data: { name: "wiki" } } };
      const stack = { name: "app-01", folder, document };
      const children = new Children();

      expect((await readState(stack, children)) ?? []).toEqual([]);
      fs.writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify({ ...document, resource }));
      const env = terraformEnvironment({ TF_REATTACH_PROVIDERS: server.reattach });
      for (const words of [["init"], ["apply", "-auto-approve"]])
        await children.run(["terraform", ...words], { cwd: folder, env });
      fs.rmSync(path.join(folder, ".terraform"), { recursive: true });

      expect(await readState(stack, children)).toEqual([
        {
          address: "docker_volume.wiki_data",
          type: "docker_volume",
          instances: [expect.objectContaining({ name: "wiki" })],
        },
      ]);
      expect(fs.readdirSync(folder)).toEqual(["cdk.tf.json"]);
    } finally {
      await server.close();
      await store.close();
      fs.rmSync(folder, { recursive: true });
    }
  }, 60_000);
});

/** Hosts are not reached: what runs there is left out. */
function withoutScripts(document: any): any {
  for (const resources of Object.values<any>(document.resource ?? {}))
    for (const body of Object.values<any>(resources)) delete body.provisioner;
  return document;
}
