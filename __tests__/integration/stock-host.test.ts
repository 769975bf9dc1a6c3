import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { Generations } from "../../constructs";
import { HostDirectory } from "../../constructs/host/host-directory";
import { SecretUses } from "../../constructs/secrets/secret-uses";
import { shellWord } from "../../contract/text";
import { Homelab } from "../../stacks";
import { hostScripts, TerraformFolder } from "../support/host-scripts";
import { freePort, waitFor } from "../support/ports";
import { missing, suite } from "../support/programs";
import { StockHost, type User } from "../support/stock-host";
import { host, inventory } from "../support/synthesis";

const PASSWORD = "correct-horse-battery-staple";
const LINE = "a-line-of-the-file\n";
const TEXTS = [
  PASSWORD,
  Buffer.from(LINE + PASSWORD)
    .toString("base64")
    .replace(/..?=*$/, ""),
  LINE.trim(),
];

interface Options {
  readonly user?: User;
  readonly port?: number;
  readonly generation?: number;
  readonly check?: string;
  /** What else is in the file, before the secret. */
  readonly text?: string;
  /** Whether the directory is declared. */
  readonly placed?: boolean;
}

suite("a host with other people on it", missing(["terraform"]) ?? StockHost.missing(), () => {
  let folder: string;
  let machine: StockHost;
  let terraform: TerraformFolder;
  const inFolder = (name: string): string => path.join(folder, name);

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-stock-"));
    machine = await StockHost.start(folder);
    terraform = new TerraformFolder(inFolder("stack"), () => ({
      ...machine.sshd.environment,
      TF_VAR_webservices_app_key: PASSWORD,
    }));
  });

  afterAll(() => {
    machine.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  function deploy({ user = "deploy", port, generation = 1, check, text = "", placed = true }: Options = {}) {
    const app = new App({ outdir: inFolder("out") });
    const props = host("app-01", 1, {
      lanAddress: "127.0.0.1",
      ssh: { user, port: port ?? machine.sshd.port, hostKey: machine.sshd.hostKeyOf("ecdsa") },
    });
    const generations = Generations.inMemory({ "webservices.app.key": generation });
    const lab = new Homelab(app, inventory({ hosts: [props], generations }));
    const on = lab.host("app-01");
    const other = new HostDirectory(on, "Other", { host: on, path: "/home/placed/other" });
    other.addFile("file", "a test", { name: "file", content: ["x"], owner: "0:0", mode: "0644" });
    if (placed) {
      const { expression } = SecretUses.of(on).take(on, "webservices.app.key");
      const directory = new HostDirectory(on, "Config", { host: on, path: "/home/placed/app" });
      directory.addFile("key", "a test", {
        name: "key",
        content: [text, LINE, { expression }],
        owner: "0:0",
        mode: "0400",
        version: `generation ${generation}`,
        check,
      });
    }
    app.synth();
    return terraform.apply(hostScripts(JSON.parse(fs.readFileSync(inFolder("out/stacks/app-01/cdk.tf.json"), "utf8"))));
  }

  const PLACED = ["/home/placed/.app.previous/key", "/home/placed/app/key"];
  const sorted = (): string[] => machine.whereIs(...TEXTS).sort();

  test("nobody on it sees or changes what root runs", async () => {
    machine.as("root", "mkdir -m 1777 /tmp/loot");
    // Writes into each file that comes up and that can be written, and keeps of each that can be read who it was.
    const payload = "#!/bin/sh\\nid -u >> /tmp/loot/became\\n";
    const writing = [
      "while [ ! -e /tmp/loot/end ]; do",
      "  for file in /tmp/*.sh /var/tmp/* /dev/shm/* /home/deploy/* /home/deploy/.[!.]*; do",
      // The kernel lets nobody make a file anew there that is another one's (fs.protected_regular), but write to it.
      `    [ -f "$file" ] && [ -w "$file" ] && printf '${payload}' | dd of="$file" conv=nocreat,notrunc status=none`,
      "  done",
      "done",
    ];
    const reading = [
      "while [ ! -e /tmp/loot/end ]; do",
      "  grep -rlFaf /tmp/loot/texts --exclude-dir=loot /tmp /var/tmp /dev/shm /home >> /tmp/loot/seen",
      "  grep -lFaf /tmp/loot/texts /proc/[0-9]*/cmdline >> /tmp/loot/seen",
      "done",
    ];
    machine.as("mallory", `printf '%s\\n' ${TEXTS.join(" ")} > /tmp/loot/texts`);
    for (const loop of [writing, reading])
      machine.as(
        "mallory",
        `(timeout 60 sh -c ${shellWord(loop.join("\n"))}; echo >> /tmp/loot/ended) >/dev/null 2>&1 &`,
      );
    // The attack is one: a script that root leaves for all to write is another one a moment later.
    machine.as("root", "umask 0; echo true > /tmp/terraform_1.sh; chmod 777 /tmp/terraform_1.sh");
    await waitFor("the attack changes a script", () =>
      machine.as("root", "cat /tmp/terraform_1.sh").includes("became"),
    );
    machine.as("root", "sh /tmp/terraform_1.sh; rm /tmp/terraform_1.sh");
    expect(machine.as("root", "cat /tmp/loot/became; rm /tmp/loot/became")).toBe("0");

    for (const generation of [1, 2, 3]) {
      const { status, said } = deploy({ generation });
      expect([status, status === 0 ? "" : said]).toEqual([0, ""]);
    }
    machine.as("mallory", "touch /tmp/loot/end");
    await waitFor("the attack ends", () => machine.as("root", "cat /tmp/loot/ended 2>/dev/null | wc -l") === "2");

    expect(machine.as("root", "cat /home/placed/app/key")).toBe(LINE + PASSWORD);
    expect(machine.as("root", "cd /tmp/loot; cat became seen 2>/dev/null; rm -r /tmp/loot")).toBe("");
  }, 120_000);

  test("a user who may not become root leaves nothing of a secret, and is told why", () => {
    const { status, said } = deploy({ user: "plain" });

    expect([status, said.includes("sudo: a password is required")]).toEqual([1, true]);
    expect(said).not.toMatch(new RegExp(TEXTS.slice(0, 2).join("|")));
    expect(deploy({ generation: 4 })).toMatchObject({ status: 0 });
    expect(sorted()).toEqual(PLACED);
  });

  test.each([500, 3_000, 6_000, 20_000, 200_000, 500_000])(
    "a connection that is cut after %s bytes leaves nothing of a secret",
    async (bytes) => {
      expect(deploy({ generation: 5 })).toMatchObject({ status: 0 });
      const before = machine.as("root", "cat /home/placed/app/key");
      const port = await freePort();
      const cutter = path.join(__dirname, "../support/cutting-proxy.js");
      const proxy = spawn(process.execPath, [cutter, `${port}`, `${machine.sshd.port}`, `${bytes}`]);
      await new Promise((resolve) => proxy.stdout.once("data", resolve));
      try {
        const { status } = deploy({ generation: 6, text: "x".repeat(399_999), port });

        expect(status).toBe(1);
      } finally {
        proxy.kill();
      }
      expect(sorted()).toEqual(PLACED);
      expect(machine.as("root", "cat /home/placed/app/key")).toBe(before);
    },
    60_000,
  );

  const HANGS = 'echo $$ > /home/pid; n=0; while [ "$n" -lt 100 ]; do sleep 0.1; n=$((n + 1)); done';

  /** Deploys a file whose check takes long, and ends the script meanwhile. */
  async function end(signal: string): Promise<string> {
    machine.as("root", "rm -f /home/pid");
    const ended = `n=0; while [ ! -s /home/pid ] && [ $n -lt 300 ]; do sleep 0.1; n=$((n + 1)); done; ls -ld /home/placed/.app.new; kill -${signal} $(cat /home/pid)`;
    const log = inFolder("ended");
    const killing = spawn("sh", ["-c", `${onHost(ended)} > ${log} 2>&1`], {
      env: { ...process.env, ...machine.sshd.environment },
    });
    const finished = new Promise((resolve) => killing.once("close", resolve));

    expect(deploy({ generation: 7, check: HANGS })).toMatchObject({ status: 1 });

    await finished;
    return fs.readFileSync(log, "utf8");
  }

  const onHost = (script: string): string =>
    `ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -p ${machine.sshd.port} root@127.0.0.1 '${script}'`;

  test.each(["TERM", "HUP", "INT", "PIPE"])(
    "a script that is ended by %s removes what it wrote",
    async (signal) => {
      expect(await end(signal)).toMatch(/^drwx------ .* root root /);

      expect(sorted()).toEqual(PLACED);
      expect(machine.as("root", "ls -A /home/placed")).toBe(
        [".app.previous", ".other.previous", "app", "other"].join("\n"),
      );
    },
    60_000,
  );

  test("what a script left that was killed is gone with the next one", async () => {
    await end("KILL");
    expect(sorted()).toEqual(["/home/placed/.app.new/key", ...PLACED]);

    expect(deploy({ generation: 8 })).toMatchObject({ status: 0 });
    expect(sorted()).toEqual(PLACED);

    await end("KILL");
    expect(deploy({ placed: false })).toMatchObject({ status: 0 });
    expect(sorted()).toEqual([]);
  }, 60_000);
});
