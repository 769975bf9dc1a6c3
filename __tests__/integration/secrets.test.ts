import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { pbkdf2Sync } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import {
  Backup,
  Generations,
  HomelabService,
  Ledger,
  PostgresDatabase,
  Probe,
  Secret,
  SecretFile,
  Secrets,
} from "../../constructs";
import { Homelab, type HomelabConfig } from "../../stacks";
import { Sshd } from "../support/sshd";
import { waitFor } from "../support/ports";
import { missing, suite } from "../support/programs";
import { host, inventory } from "../support/synthesis";

const ADOPTED = '["postgresql_database.app_db"]';
const root = path.join(__dirname, "../..");
const homelab = ["--import", path.join(root, "node_modules/tsx/dist/loader.mjs"), path.join(root, "cli/homelab.ts")];

suite("secrets in a SOPS file", missing(["sops", "age-keygen"]), () => {
  let folder: string;
  const inFolder = (name: string): string => path.join(folder, name);
  const read = (name: string): string => fs.readFileSync(inFolder(name), "utf8");

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-secrets-"));
    for (const name of ["key", "other"]) execFileSync("age-keygen", ["-o", inFolder(name)], { stdio: "ignore" });
    const recipient = execFileSync("age-keygen", ["-y", inFolder("key")], { encoding: "utf8" }).trim();
    fs.writeFileSync(
      inFolder(".sops.yaml"),
      `creation_rules:\n  - path_regex: secrets/.*\\.sops\\.yaml$\n    age: ${recipient}\n`,
    );
    synthesize();
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  function synthesize(overrides: Partial<HomelabConfig> = {}): void {
    const before = process.env.CI;
    delete process.env.CI;
    const told = jest.spyOn(process.stderr, "write").mockReturnValue(true); // which records changed, each time
    const app = new App({ outdir: inFolder("cdktf.out") });
    const lab = new Homelab(
      app,
      inventory({
        secrets: Secrets.fromSops("secrets/lab.sops.yaml"),
        generations: Generations.fromFile(inFolder("homelab.secrets.json")),
        ledger: Ledger.inMemory(),
        monitoring: undefined,
        ...overrides,
      }),
    );
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1",
      user: "1000:1000",
      health: Probe.none("test"),
      parts: {
        db: PostgresDatabase.on(lab.postgres("main")),
        none: Backup.none("test"),
        key: SecretFile.generated({ length: 64, alphabet: "0123456789abcdef" }),
        digest: SecretFile.digest({ of: "key" }),
        signing: SecretFile.keyPair({ kind: "ed25519" }),
        token: Secret.asEnvironment({ reason: "the image reads nothing else" }),
        smtp: SecretFile.at("/run/secrets/smtp", Secret.shared("homelab.smtp.password")),
      },
      environment: ({ db, token }) => ({ PASSWORD_FILE: db.passwordFile(), TOKEN: token.value }),
    });
    app.synth();
    told.mockRestore();
    if (before !== undefined) process.env.CI = before;
    fs.writeFileSync(
      inFolder("cdktf.out/homelab.json"),
      read("cdktf.out/homelab.json").replace(inFolder("homelab.secrets.json"), "homelab.secrets.json"),
    );
  }

  function run(words: readonly string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...homelab, ...words], {
      cwd: folder,
      encoding: "utf8",
      input: options.input ?? "",
      env: {
        ...process.env,
        SOPS_AGE_KEY_FILE: inFolder("key"),
        ...options.env,
      },
    });
    return { status, said: stdout + stderr };
  }

  /** The same, for a command that asks something of this very process. */
  function runBeside(words: readonly string[], env: NodeJS.ProcessEnv): Promise<{ status: number; said: string }> {
    return new Promise((resolve) => {
      const options = { cwd: folder, env: { ...process.env, SOPS_AGE_KEY_FILE: inFolder("key"), ...env } };
      execFile(process.execPath, [...homelab, ...words], options, (error, stdout, stderr) => {
        resolve({ status: Number(error?.code ?? 0), said: stdout + stderr });
      });
    });
  }

  const decrypted = (): any =>
    JSON.parse(
      execFileSync("sops", ["decrypt", "--output-type", "json", inFolder("secrets/lab.sops.yaml")], {
        encoding: "utf8",
        env: { ...process.env, SOPS_AGE_KEY_FILE: inFolder("key") },
      }),
    );
  const enter = (): void => {
    for (const name of ["app.token", "homelab.smtp.password", "homelab.postgres.main.admin_pass"])
      expect(run(["secrets", "set", name], { input: `value of ${name}\n` })).toMatchObject({ status: 0 });
  };

  test("are made by their shapes, in a new file, and told by name only", () => {
    const { status, said } = run(["secrets", "generate"]);

    expect([status, said]).toEqual([0, expect.stringContaining("webservices.app.db_pass: made")]);
    for (const name of ["homelab.smtp.password", "homelab.postgres.main.admin_pass"])
      expect(said).toContain(`homelab secrets set ${name}`);
    const { webservices, generations_unencrypted: generations } = decrypted();
    expect(webservices.app.db_pass).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(webservices.app.key).toMatch(/^[0-9a-f]{64}$/);
    const [, , iterations, salt, digest] = webservices.app.digest.split("$");
    const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(".", "+"), "base64");
    expect(bytes(digest)).toEqual(pbkdf2Sync(webservices.app.key, bytes(salt), Number(iterations), 64, "sha512"));
    expect(webservices.app.signing).toContain("BEGIN PRIVATE KEY");
    expect(said).toContain("BEGIN PUBLIC KEY");
    expect(generations["webservices.app.db_pass"]).toBe(1);
    for (const value of [webservices.app.db_pass, webservices.app.key]) {
      expect(read("secrets/lab.sops.yaml") + said).not.toContain(value);
    }
    expect(fs.readdirSync(inFolder("secrets")).sort()).toEqual([".homelab", "lab.sops.yaml"]);

    const before = read("secrets/lab.sops.yaml");
    expect(run(["secrets", "generate"]).said).toContain("nothing to generate");
    expect(read("secrets/lab.sops.yaml")).toBe(before);
  });

  test("are listed with where each may rest", () => {
    run(["secrets", "generate"]);

    const { status, said } = run(["secrets", "list", "--check"]);

    expect(status).toBe(1);
    expect(said).toMatch(/webservices\.app\.db_pass +1 +stored +32 characters +app-01, postgres-main +-/);
    expect(said).toMatch(
      /webservices\.app\.token +1 +missing +by hand +app-01 +app-01 \(the image reads nothing else\)/,
    );
    enter();
    expect(run(["secrets", "list", "--check"]).status).toBe(0);
  });

  test("change with their generation, and nothing else in the file does", () => {
    run(["secrets", "generate"]);
    enter();
    const old = decrypted();
    const lines = read("secrets/lab.sops.yaml").split("\n");

    const { status, said } = run(["secrets", "rotate", "app.key"]);

    expect([status, said]).toEqual([0, expect.stringContaining("webservices.app.key: made, generation 2")]);
    const now = decrypted();
    expect(now.webservices.app.key).not.toBe(old.webservices.app.key);
    expect(now.webservices.app.digest).not.toBe(old.webservices.app.digest);
    expect(now.webservices.app.db_pass).toBe(old.webservices.app.db_pass);
    expect(JSON.parse(read("homelab.secrets.json")).generations).toMatchObject({
      "webservices.app.key": 2,
      "webservices.app.digest": 2,
      "webservices.app.db_pass": 1,
    });
    const changed = read("secrets/lab.sops.yaml")
      .split("\n")
      .filter((line) => !lines.includes(line) && !line.includes("lastmodified"));
    expect(changed.map((line) => line.trim().split(":")[0])).toEqual([
      // Values, generations, fingerprints and their keys.
      ...[
        "key",
        "digest",
        ...Array.from({ length: 3 }, () => ["webservices.app.digest", "webservices.app.key"]).flat(),
      ],
      "mac",
    ]);
    // The code of the last synthesis still has generation 1.
    const refused = run(["run", "--", "true", "app-01"]);
    expect([refused.status, refused.said]).toEqual([
      1,
      expect.stringMatching(/secret "webservices\.app\.(key|digest)".*generation 2, the code 1/),
    ]);
  });

  test("reach a command for its own stacks only, and the key to the store does not", () => {
    run(["secrets", "generate"]);
    const refused = run(["run", "--", "true", "app-01"]);
    expect(refused.said).toContain("has no value of homelab.smtp.password, webservices.app.token");
    enter();

    const { said } = run(["run", "--", "sh", "-c", "env; : postgres-main", "postgres-main"], {
      env: { TF_VAR_webservices_app_token: "from outside", TF_VAR_homelab_adopt: ADOPTED, HOME: folder },
    });

    const { webservices, homelab } = decrypted();
    expect(said).toContain(`TF_VAR_webservices_app_db_pass=${webservices.app.db_pass}`);
    expect(said).toContain(`TF_VAR_homelab_postgres_main_admin_pass=${homelab.postgres.main.admin_pass}`);
    expect(said).not.toMatch(/webservices_app_(key|token|signing)|smtp|SOPS_AGE_KEY/);
    expect(said).toContain(`TF_VAR_homelab_adopt=${ADOPTED}`);
    const host = run(["run", "--", "sh", "-c", "env", "app-01"]).said;
    expect(host).toContain("TF_VAR_webservices_app_token_persisted=value of app.token");
    expect(host).not.toContain("admin_pass");
    expect(run(["run", "--", "sh", "-c", "exit 7"]).status).toBe(7);
  });

  test("are handed to a command that is interrupted once, and ends its work", async () => {
    run(["secrets", "generate"]);
    enter();
    const script = 'trap "sleep 1; echo finished; exit 3" INT; echo started; while :; do sleep 0.1; done';
    const child = spawn(process.execPath, [...homelab, "run", "--", "bash", "-c", script], {
      cwd: folder,
      env: { ...process.env, SOPS_AGE_KEY_FILE: inFolder("key") },
      detached: true,
    });
    let said = "";
    child.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
    await waitFor("the command runs", () => said.includes("started"));

    process.kill(-(child.pid ?? 0), "SIGINT"); // as a terminal does: to all of them
    await new Promise((resolve) => child.on("close", resolve));

    expect(said).toContain("finished");
  });

  test("are nowhere in what is synthesized and planned", () => {
    run(["secrets", "generate"]);
    enter();
    synthesize();
    const planned = run(["plan", "--base", "none"], { env: { TF_CLI_CONFIG_FILE: undefined } });

    expect([planned.status, planned.said]).toEqual([0, expect.stringContaining("app")]);
    const { webservices, homelab } = decrypted();
    const written = fs
      .readdirSync(inFolder("cdktf.out"), { recursive: true, encoding: "utf8" })
      .map((name) => inFolder(`cdktf.out/${name}`))
      .filter((file) => fs.statSync(file).isFile())
      .map((file) => fs.readFileSync(file, "latin1"))
      .join("\n");
    for (const value of [...Object.values<string>(webservices.app), homelab.postgres.main.admin_pass])
      expect(written + planned.said).not.toContain(value.trim());
  }, 60_000);

  test.each<[string, readonly string[], NodeJS.ProcessEnv, string]>([
    [
      "without a key",
      ["secrets", "list"],
      { SOPS_AGE_KEY_FILE: "/nonexistent" },
      "there is no usable key here for age1",
    ],
    ["with another key", ["secrets", "list"], { SOPS_AGE_KEY_FILE: "other" }, "there is no usable key here for age1"],
    ["a secret that nobody needs", ["secrets", "rotate", "app.kye"], {}, 'the lab needs no secret "app.kye", it needs'],
    ["no value", ["secrets", "rotate", "app.token"], {}, "no value for webservices.app.token on standard input"],
    ["a second value", ["secrets", "set", "app.key"], {}, "webservices.app.key has a value in secrets/lab.sops.yaml"],
    ["without sops", ["secrets", "list"], { PATH: "/nonexistent" }, "sops can't be run: install it"],
  ])("are refused %s", (_what, words, env, message) => {
    run(["secrets", "generate"]);

    const { status, said } = run(words, { env });

    expect([status, said]).toEqual([1, expect.stringContaining(message)]);
    expect(said.trim().split("\n")).toHaveLength(1);
  });

  test("are not encrypted to nobody", () => {
    fs.rmSync(inFolder(".sops.yaml"));

    const { status, said } = run(["secrets", "generate"]);

    expect([status, said]).toEqual([1, expect.stringContaining("does not know whom to encrypt it to")]);
    expect(fs.readdirSync(inFolder("secrets"))).toEqual([".homelab"]); // which ignores itself
  });

  test("hold the token of a tunnel, which is made once", async () => {
    const asked: string[] = [];
    const made: { id: string; name: string }[] = [];
    const api = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      const result = request.url?.endsWith("/token") ? "connector-token" : request.method === "POST" ? made[0] : made;
      if (request.method === "POST") made.push({ id: "6ff42ae2-765d-4adf-8112-31c55c1551ef", name: "homelab-app-01" });
      const answer =
        request.headers.authorization === "Bearer right"
          ? { success: true, result: request.method === "POST" ? made[0] : result }
          : { success: false, errors: [{ message: "Authentication error" }] };
      response.writeHead(answer.success ? 200 : 403).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    const create = (token: string, ...words: string[]) =>
      runBeside(["tunnel", "create", "app-01", ...words], {
        CLOUDFLARE_API_TOKEN: token,
        CLOUDFLARE_BASE_URL: `http://127.0.0.1:${portOf(api)}`,
      });
    try {
      expect((await create("right")).said).toContain("no zone of the lab has an 'accountId'");
      expect((await create("wrong", "--account", "a1")).said).toContain("Cloudflare answers 403: Authentication error");

      const { status, said } = await create("right", "--account", "a1");

      expect([status, said]).toEqual([0, expect.stringContaining('tunnelId: "6ff42ae2-765d-4adf-8112-31c55c1551ef",')]);
      expect(said).not.toContain("connector-token");
      expect(decrypted().homelab.tunnel["app-01"].token).toBe("connector-token");
      expect(made).toHaveLength(1);
      expect((await create("right", "--account", "a1")).said).toContain("the tunnel of app-01 was made");
      expect(asked.filter((one) => one.startsWith("POST"))).toEqual(["POST /accounts/a1/cfd_tunnel Bearer right"]);
    } finally {
      api.close();
    }
  });

  suite("with an SSH tunnel", Sshd.missing(), () => {
    test("a provider reaches a database server through its host", async () => {
      const sshd = await Sshd.start(inFolder("sshd"));
      const server = net.createServer((socket) => socket.end("the database\n"));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const bastion = host("app-01", 1, {
          lanAddress: "127.0.0.1",
          ssh: { user: "root", port: sshd.port, hostKey: sshd.hostKey },
        });
        synthesize({
          hosts: [bastion, host("app-02", 2)],
          postgres: { main: { host: "127.0.0.1", port: portOf(server), through: bastion } },
        });
        run(["secrets", "generate"]);
        enter();
        const script = "exec 3<>/dev/tcp/$TF_VAR_postgres_main_host/$TF_VAR_postgres_main_port; head -1 <&3";
        const { said } = await runBeside(["run", "--", "bash", "-c", script, "postgres-main"], sshd.environment);

        expect(said).toBe("the database\n");
        const { provider, variable } = JSON.parse(read("cdktf.out/stacks/postgres-main/cdk.tf.json"));
        expect(provider.postgresql[0]).toMatchObject({
          host: "${var.postgres_main_host}",
          port: "${var.postgres_main_port}",
        });
        expect(variable.postgres_main_host.default).toBe("127.0.0.1");
      } finally {
        server.close();
        sshd.stop();
      }
    });
  });
});

function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}
