import * as fs from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import { homelab } from "../../cli/homelab";
import { StorageLayout, type HostProps } from "../../constructs";
import { Homelab } from "../../stacks";
import { Debian } from "../support/debian";
import { engineFolder, removeMounted } from "../support/engine";
import { waitFor } from "../support/ports";
import { missing, suite } from "../support/programs";
import { host, inventory } from "../support/synthesis";

/** A machine as Debian's installer leaves it, with systemd: bootstrap, its engine, what goes wrong with both. */
suite("a stock Debian", missing(["busybox"]) ?? Debian.missing(), () => {
  jest.setTimeout(120_000);
  let folder: string;
  let debian: Debian;
  const started: (() => Promise<void>)[] = [];
  const before = process.env.SSH_AUTH_SOCK;

  beforeAll(async () => {
    folder = engineFolder();
    debian = await Debian.boot(path.join(folder, "debian"));
    started.push(() => debian.stop());
    process.env.SSH_AUTH_SOCK = debian.environment.SSH_AUTH_SOCK;
    const app = new App({ outdir: path.join(folder, "out") });
    new Homelab(app, inventory({ hosts: [machine()] }));
    app.synth();
  }, 600_000);

  afterAll(async () => {
    process.env.SSH_AUTH_SOCK = before;
    for (const stop of started) await stop();
    removeMounted(folder);
  }, 60_000);

  const machine = (): HostProps =>
    host("app-01", 1, {
      lanAddress: debian.address,
      ssh: { user: "deploy", hostKey: debian.hostKey(), authorizedKeys: [debian.userKey] },
      storage: StorageLayout.serviceFolders("/mnt/data/services", { linkFrom: "/srv/lab" }),
    });

  async function bootstrap(...words: string[]): Promise<string> {
    const printed: string[] = [];
    const spies = [
      jest.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line)),
      jest.spyOn(process.stdout, "write").mockImplementation((text) => (printed.push(String(text)), true)),
    ];
    try {
      await homelab().parseAsync(["--out", path.join(folder, "out"), "bootstrap", "app-01", ...words], {
        from: "user",
      });
    } catch (error) {
      printed.push((error as Error).message);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    return printed.join("\n");
  }

  test("has three host keys, and takes bootstrap over its own sshd", async () => {
    expect(["ecdsa", "ed25519", "rsa"].map((type) => debian.hostKey(type as "rsa").split(" ")[0])).toEqual([
      ...["ecdsa-sha2-nistp256", "ssh-ed25519", "ssh-rsa"],
    ]);
    // What somebody's tools have put there before.
    fs.mkdirSync(path.join(debian.tree, "etc/docker"));
    fs.writeFileSync(path.join(debian.tree, "etc/docker/daemon.json"), '{"labels": ["rack=1"]}');

    expect(await bootstrap()).toContain("app-01 is ready for deployments");

    const { Labels, LiveRestoreEnabled } = await debian.docker.info();
    expect([Labels, LiveRestoreEnabled]).toEqual([["rack=1"], true]);
    expect(await debian.must("systemctl --failed --plain --no-legend")).toBe("");
  }, 300_000);

  test("is not touched by a second one", async () => {
    const pid = "systemctl show --property MainPID docker ssh";
    const running = await debian.must(pid);

    expect(await bootstrap()).not.toMatch(/changes:|differs:/);

    expect(await debian.must(pid)).toBe(running);
    expect(await bootstrap("--check")).toContain("app-01 is as it should be");
  });

  test("--check finds what was changed by hand", async () => {
    await debian.must(
      "echo 'MaxSessions 5' > /etc/ssh/sshd_config.d/10-homelab.conf; passwd -d deploy; rm /srv/lab -r",
    );
    await debian.must("echo '{}' > /etc/docker/daemon.json; rm -r /etc/systemd/system/docker.service.d");

    expect((await bootstrap("--check")).match(/differs: .*/g)).toEqual([
      "differs: /etc/systemd/system/docker.service.d/homelab.conf",
      "differs: /etc/docker/daemon.json",
      "differs: no password of deploy",
      "differs: /etc/ssh/sshd_config.d/10-homelab.conf",
      expect.stringMatching(/^differs: limits of sshd, by hand: /),
      "differs: folder /srv/lab",
    ]);

    expect(await bootstrap()).toContain("app-01 is ready for deployments");
    expect(await bootstrap("--check")).toContain("app-01 is as it should be");
  });

  test("an engine that does not start with its new file gets the old one back, at every run", async () => {
    const file = path.join(debian.tree, "etc/docker/daemon.json");
    const good = fs.readFileSync(file, "utf8");
    // The engine runs, with a file that it has not read yet and would not start with.
    const bad = JSON.stringify({ ...JSON.parse(good), "log-driver": "json-file", bogus: 1 });
    fs.writeFileSync(file, bad);

    for (const _time of [1, 2]) {
      expect(await bootstrap()).toContain("failed: /etc/docker/daemon.json");
      expect(fs.readFileSync(file, "utf8")).toBe(bad);
    }

    fs.writeFileSync(file, good);
    await debian.must("systemctl reset-failed docker.service docker.socket; systemctl restart docker");
    expect(await bootstrap("--check")).toContain("app-01 is as it should be");
  });

  describe("an engine with containers", () => {
    /** When the last probe of a container ended. */
    const probedAt = async (name: string): Promise<string> => {
      const { State } = await debian.docker.getContainer(name).inspect();
      return new Date(State.Health?.Log.at(-1)?.End ?? 0).toISOString();
    };
    const startedAt = async (name: string): Promise<string> =>
      (await debian.docker.getContainer(name).inspect()).State.StartedAt;
    const probesGoOn = async (): Promise<void> => {
      for (const name of ["well", "ill"]) {
        const last = await probedAt(name);
        await waitFor(`${name} is probed again`, async () => (await probedAt(name)) > last, 15);
      }
    };

    beforeAll(async () => {
      const root = path.join(debian.tree, "root/image/bin");
      fs.mkdirSync(root, { recursive: true });
      fs.copyFileSync("/bin/busybox", path.join(root, "busybox"));
      for (const name of ["sh", "sleep", "true", "false"]) fs.symlinkSync("busybox", path.join(root, name));
      await debian.must("tar -C /root/image -c . | docker import - busybox:1");
      for (const [name, probe] of [
        ["well", "/bin/true"],
        ["ill", "/bin/false"],
      ]) {
        const health = `--health-cmd ${probe} --health-interval 1s --health-retries 1`;
        const command = "sh -c 'trap exit TERM; while :; do sleep 1; done'";
        await debian.must(`docker run -d --name ${name} --restart unless-stopped ${health} busybox:1 ${command}`);
      }
      await probesGoOn();
    });

    test.each([
      ["is restarted", "systemctl restart docker"],
      ["is killed", "systemctl kill --signal KILL --kill-whom main docker; sleep 1; systemctl start docker"],
      ["loses what it runs on", "systemctl restart containerd"],
      ["is restarted together with that", "systemctl restart containerd docker"],
    ])("goes on probing when it %s, and no container notices", async (_what, script) => {
      const started = await startedAt("well");

      await debian.must(`systemctl reset-failed docker; ${script}`); // systemd allows three starts in a minute

      await probesGoOn();
      const { State } = await debian.docker.getContainer("ill").inspect();
      expect([State.Status, State.Health?.Status]).toEqual(["running", "unhealthy"]);
      expect(await startedAt("well")).toBe(started);
    });

    test("is set right where an earlier bootstrap left one that probes no more", async () => {
      await debian.must("rm -r /etc/systemd/system/docker.service.d && systemctl daemon-reload");
      await debian.must("systemctl reset-failed docker; systemctl restart docker");
      const last = await probedAt("well");
      await new Promise((resolve) => setTimeout(resolve, 3000));
      expect(await probedAt("well")).toBe(last); // as Docker 20.10 does by itself

      expect(await bootstrap()).toContain("changes: /etc/systemd/system/docker.service.d/homelab.conf");

      await probesGoOn();
    });

    test("comes back with them when the machine boots", async () => {
      await debian.reboot();

      await waitFor("containers run", async () => (await debian.docker.listContainers()).length === 2);
      await probesGoOn();
      expect(await bootstrap("--check")).toContain("app-01 is as it should be");
    });
  });

  test("a stranger on it reads no key, no copy of a file and no engine", async () => {
    for (const script of [
      "ls /var/lib/homelab/bootstrap",
      "cat /home/deploy/.ssh/authorized_keys",
      "docker ps",
      "sudo -n true",
    ])
      expect([script, (await debian.run(script, debian.stranger)).status]).not.toEqual([script, 0]);
  });
});
