import { execFileSync, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  Backup,
  ConfigFile,
  Content,
  Generations,
  HomelabService,
  PostgresDatabase,
  Probe,
  Reload,
  StorageLayout,
  Volume,
  type HostProps,
} from "../../constructs";
import { missing, suite, terraformEnvironment } from "../support/programs";
import { hostScripts, TerraformFolder } from "../support/host-scripts";
import { freePort } from "../support/ports";
import { Sshd, type KeyType } from "../support/sshd";
import { host, synthesizeLab } from "../support/synthesis";

const PASSWORD = "correct horse / battery";

suite("a host over SSH", missing(["terraform"]) ?? Sshd.missing(), () => {
  let folder: string;
  let sshd: Sshd;
  const inFolder = (name: string): string => path.join(folder, name);

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-ssh-"));
    sshd = await Sshd.start(inFolder("sshd"));
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", inFolder("other")]);
  });

  afterAll(() => {
    sshd.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const agent = (): NodeJS.ProcessEnv =>
    terraformEnvironment({ ...sshd.environment, TF_VAR_webservices_app_db_pass: PASSWORD });
  const publicKey = (name: string): string =>
    name === "other"
      ? fs.readFileSync(inFolder("other.pub"), "utf8").trim()
      : sshd.hostKeyOf(name === "host" ? "ed25519" : (name as KeyType));
  const machine = (key = "host", port = sshd.port): HostProps =>
    host("app-01", 1, {
      lanAddress: "127.0.0.1",
      ssh: { user: "root", port, hostKey: publicKey(key) },
      storage: StorageLayout.serviceFolders(inFolder("services"), { linkFrom: inFolder("srv") }),
    });

  function configuration(generation: number, text: string, key = "host", port = sshd.port): any {
    const { stacks } = synthesizeLab(
      (lab) => {
        new HomelabService(lab.host("app-01"), "app", {
          image: "example/app:1",
          user: "1234:1235",
          health: Probe.none("test"),
          parts: {
            data: Volume.at("/data"),
            db: PostgresDatabase.on(lab.postgres("main")),
            config: ConfigFile.at("/etc/app/app.conf", Content.text(text), { onChange: Reload.signal("HUP") }),
            none: Backup.none("test"),
          },
          environment: ({ db }) => ({ PASSWORD_FILE: db.passwordFile(), URL_FILE: db.urlFile() }),
        });
      },
      { hosts: [machine(key, port)], generations: Generations.inMemory({ "webservices.app.db_pass": generation }) },
    );
    return hostScripts(stacks["app-01"] ?? { resource: {} });
  }

  const terraform = (...words: string[]) => folderOf().run(...words);
  const apply = (document: object) => folderOf().apply(document);
  const folderOf = (): TerraformFolder =>
    new TerraformFolder(inFolder("stack"), () => ({ ...sshd.environment, TF_VAR_webservices_app_db_pass: PASSWORD }));

  const placed = (name: string): string => path.join(inFolder("services/app/.homelab"), name);

  test("gets its folders, files and secrets, which are in no state and no output", () => {
    const { status, said } = apply(configuration(1, "a: ${b}\n"));

    expect([status, status === 0 ? "" : said]).toEqual([0, ""]);
    expect(fs.readFileSync(placed("run-secrets/db_pass"), "utf8")).toBe(PASSWORD);
    expect(fs.readFileSync(placed("run-secrets/db_url"), "utf8")).toBe(
      `postgres://app:${encodeURIComponent(PASSWORD)}@db.example.org:5432/app`,
    );
    expect(fs.readFileSync(placed("etc-app/app.conf"), "utf8")).toBe("a: ${b}\n");
    const { mode, uid, gid } = fs.statSync(placed("run-secrets/db_pass"));
    expect([mode & 0o777, uid, gid]).toEqual([0o400, 1234, 1235]);
    expect(fs.realpathSync(inFolder("srv/app"))).toBe(fs.realpathSync(inFolder("services/app")));
    expect(fs.statSync(inFolder("services/app/data")).uid).toBe(1234);
    const state = fs.readFileSync(inFolder("stack/terraform.tfstate"), "utf8");
    for (const text of [state, said])
      expect(text).not.toMatch(new RegExp(`${PASSWORD}|${Buffer.from(PASSWORD).toString("base64")}`));
  });

  // A stock installation has all three, and Terraform's own SSH would ask for the ECDSA key whichever is pinned.
  test.each(["rsa", "ecdsa", "ed25519"])("is deployed to when its %s key is the one that is pinned", (type) => {
    const { status, said } = apply(configuration(1, "a: ${b}\n", type));

    expect([status, status === 0 ? "" : said]).toEqual([0, ""]);
    expect(said).toContain("4 added");
    expect(fs.readFileSync(placed("run-secrets/db_pass"), "utf8")).toBe(PASSWORD);
  });

  test("has nothing to do the second time", () => {
    expect(terraform("plan", "-detailed-exitcode", "-input=false")).toMatchObject({ status: 0 });
  });

  test("gets a new value when its generation changes, and loses what is not declared", () => {
    fs.writeFileSync(placed("run-secrets/orphan"), "x");

    const { said } = apply(configuration(2, "a: ${b}\n"));

    expect(said).toContain("terraform_data.app_run_secrets must be replaced");
    expect(said).not.toContain("terraform_data.app_etc_app must be replaced");
    expect(fs.readdirSync(placed("run-secrets")).sort()).toEqual(["db_pass", "db_url"]);
  });

  test("gets everything again when it was installed anew", () => {
    fs.rmSync(inFolder("services"), { recursive: true });
    const before = fs.readFileSync(inFolder("stack/terraform.tfstate"), "utf8");

    expect(terraform("plan", "-detailed-exitcode", "-input=false")).toMatchObject({ status: 0 }); // the state can't know
    // Another pinned key is another machine: everything is placed again, on a host that proves to have that key.
    const { status, said } = apply(configuration(2, "a: ${b}\n", "other"));
    expect([status, said.includes("4 to add, 0 to change, 4 to destroy")]).toEqual([1, true]);
    expect(said).toContain('host "app-01" at 127.0.0.1 has another host key than the inventory pins');

    fs.writeFileSync(inFolder("stack/terraform.tfstate"), before);
    execFileSync(
      "terraform",
      [
        "apply",
        "-auto-approve",
        "-no-color",
        ...["app_data", "app_etc_app", "app_run_secrets"].map((name) => `-replace=terraform_data.${name}`),
      ],
      {
        cwd: (apply(configuration(2, "a: ${b}\n")), inFolder("stack")),
        env: agent(),
        stdio: "ignore",
      },
    );
    expect(fs.readFileSync(placed("run-secrets/db_pass"), "utf8")).toBe(PASSWORD);
  });

  test("is waited for while it starts, and for no longer than it may take", async () => {
    const port = await freePort();
    const proxy = `sleep 4; exec ${process.execPath} ${path.join(__dirname, "../support/cutting-proxy.js")} ${port} ${sshd.port} 1000000000`;
    const starting = spawn("sh", ["-c", proxy], { stdio: "ignore" });
    const before = Date.now();
    try {
      expect(apply(configuration(3, "a", "host", port))).toMatchObject({ status: 0 });
      expect(Date.now() - before).toBeGreaterThan(4_000);
    } finally {
      starting.kill();
    }

    const { status, said } = apply(configuration(3, "b", "host", await freePort()));
    expect([status, said.includes("Connection refused")]).toEqual([1, true]);
  }, 120_000);

  test("is reached by the docker provider's ssh with the pinned key and no other", () => {
    const options = (key: string): string[] =>
      synthesizeLab(() => undefined, { hosts: [machine(key)] }).stacks["app-01"]?.provider.docker[0].ssh_opts;
    const ssh = (key: string) =>
      spawnSync(
        "ssh",
        [...options(key), "-T", "-l", "root", "-p", String(sshd.port), "--", "127.0.0.1", "echo", "reached"],
        { env: agent(), encoding: "utf8" },
      );

    expect(ssh("host").stdout).toBe("reached\n");
    expect(ssh("other")).toMatchObject({ status: 255, stdout: "" });
    expect(ssh("other").stderr).toContain("Host key verification failed");
  });
});
