import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { homelab } from "../../cli/homelab";
import { StorageLayout, type HostProps } from "../../constructs";
import { HostDirectory } from "../../constructs/host/host-directory";
import { Homelab } from "../../stacks";
import { missingForDebian, unpackDebian } from "../support/debian-tree";
import { engineFolder, removeMounted } from "../support/engine";
import { hostScripts, TerraformFolder } from "../support/host-scripts";
import { PackageProxy } from "../support/package-proxy";
import { missing, suite } from "../support/programs";
import { Sshd } from "../support/sshd";
import { host, inventory } from "../support/synthesis";

const reason = missing(["terraform"]) ?? Sshd.missing() ?? missingForDebian();

/** A fresh Debian with sshd, as a tree that the sessions of its sshd are in. */
suite("bootstrap", reason, () => {
  describe.each(["bookworm", "trixie"])("of a Debian %s", (release) => {
    let folder: string;
    let tree: string;
    let sshd: Sshd;
    let packages: PackageProxy;
    const before = process.env.SSH_AUTH_SOCK;
    const inTree = (name: string): string => path.join(tree, name);

    beforeAll(async () => {
      folder = engineFolder();
      tree = path.join(folder, "tree");
      unpackDebian(release, tree);
      for (const name of ["proc", "dev", "dev/pts"]) execFileSync("mount", ["--bind", `/${name}`, inTree(name)]);
      packages = await PackageProxy.start("127.0.0.1");
      fs.writeFileSync(inTree("etc/apt/apt.conf.d/00proxy"), `Acquire::http::Proxy "${packages.url}";\n`);
      fs.appendFileSync(inTree("etc/hosts"), `127.0.0.1 localhost ${os.hostname()}\n`);
      // No program of a package is started in a tree that nothing booted.
      fs.writeFileSync(inTree("usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
      fs.mkdirSync(inTree("run/sshd"), { recursive: true });
      // Its sshd finds its files by the path that they have outside.
      fs.mkdirSync(inTree(path.dirname(tree)), { recursive: true });
      fs.symlinkSync("/", inTree(tree));
      sshd = await Sshd.start(inTree("sshd"), {}, { address: "127.0.0.1", prefix: ["chroot", tree] });
      process.env.SSH_AUTH_SOCK = sshd.environment.SSH_AUTH_SOCK;
      synthesize();
    }, 600_000);

    afterAll(() => {
      process.env.SSH_AUTH_SOCK = before;
      sshd.stop();
      packages.stop();
      removeMounted(folder);
    });

    function machine(from?: string[]): HostProps {
      const [type = "", key = ""] = fs.readFileSync(inTree("sshd/user.pub"), "utf8").trim().split(" ");
      const authorizedKeys = [`${type} ${key} anna`];
      return host("app-01", 1, {
        lanAddress: "127.0.0.1",
        ssh: { user: "deploy", port: sshd.port, hostKey: sshd.hostKey, authorizedKeys, from },
        storage: StorageLayout.serviceFolders("/mnt/data/services", { linkFrom: "/srv/lab" }),
        timeZone: "Europe/Berlin",
      });
    }

    function synthesize(from?: string[]): void {
      const app = new App({ outdir: path.join(folder, "out") });
      new Homelab(app, inventory({ hosts: [machine(from)] }));
      app.synth();
    }

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

    const SKIPPED = ["proc", "dev", "sys", "run", "tmp", "sshd", "var/log"];

    /** Every file with its mode, owner, time and hash. */
    function listing(): Record<string, string> {
      const names = execFileSync(
        "find",
        [
          tree,
          "-xdev",
          "(",
          ...SKIPPED.flatMap((name) => ["-path", inTree(name), "-o"]),
          "-false",
          ")",
          "-prune",
          "-o",
          "-print",
        ],
        { encoding: "utf8", maxBuffer: 2 ** 27 },
      );
      return Object.fromEntries(
        names
          .trim()
          .split("\n")
          .map((name) => {
            const { mode, uid, gid, mtimeMs, size } = fs.lstatSync(name);
            const isFile = (mode & 0o170000) === 0o100000;
            const hash = isFile ? createHash("sha256").update(fs.readFileSync(name)).digest("hex") : "";
            return [
              name.slice(tree.length),
              `${mode.toString(8)} ${uid}:${gid} ${mtimeMs} ${isFile ? size : ""} ${hash}`,
            ];
          }),
      );
    }

    const run = (...words: string[]): string => execFileSync("chroot", [tree, ...words], { encoding: "utf8" });

    test("is told beforehand, and nothing is changed by it", async () => {
      const untouched = listing();

      const said = await bootstrap("--check");

      for (const what of [
        "package docker.io",
        "user deploy",
        "/etc/docker/daemon.json",
        "folder /mnt/data/services",
        "time zone Europe/Berlin",
      ])
        expect(said).toContain(`differs: ${what}`);
      expect(said).toContain("app-01 is not as it should be: npx homelab bootstrap app-01 makes it so");
      expect(listing()).toEqual(untouched);
    });

    test("makes it a host that the stacks can deploy to", async () => {
      const said = await bootstrap();

      expect(said).toContain("app-01 is ready for deployments");
      expect(said).toMatch(/host key: ssh-ed25519 [A-Za-z0-9+/]+/);
      expect(run("id", "-nG", "deploy").split(/\s/)).toContain("docker");
      expect(run("getent", "shadow", "deploy")).toMatch(/^deploy:\*:/);
      expect(run("stat", "-c", "%u:%g", "/home/deploy")).toBe("870:870\n");
      run("docker", "--version"); // what Terraform's provider speaks to over SSH
      expect(run("sudo", "-u", "deploy", "sudo", "-n", "id", "-u")).toBe("0\n");
      expect(run("date", "+%Z")).toMatch(/CES?T/);
      expect(fs.existsSync(inTree("mnt/data/services")) && fs.existsSync(inTree("srv/lab"))).toBe(true);
      const limits = run("sshd", "-T", "-C", "user=deploy,host=x,addr=127.0.0.1");
      expect(limits).toContain("maxstartups 100:30:200");
      expect(limits).toContain("maxsessions 100");
      expect(run("sudo", "-u", "deploy", "cat", "/home/deploy/.ssh/authorized_keys")).toMatch(
        /^ssh-ed25519 \S+ anna\n$/,
      );
      expect(JSON.parse(fs.readFileSync(inTree("etc/docker/daemon.json"), "utf8"))["log-opts"]).toBeUndefined();
      if (release !== "bookworm") run("dockerd", "--validate"); // Docker 20.10 has no such option
      expect(run("apt-config", "dump")).toContain('APT::Periodic::Unattended-Upgrade "1"');
    }, 300_000);

    test("does nothing the second time: hashes, modes, owners and times are equal", async () => {
      const once = listing();

      const said = await bootstrap();

      expect(said).not.toMatch(/changes:|differs:/);
      expect(listing()).toEqual(once);
      expect(await bootstrap("--check")).toContain("app-01 is as it should be");
    });

    test("lets the deploy user place files as root, and nothing asks it for a password", () => {
      const app = new App({ outdir: path.join(folder, "files") });
      const lab = new Homelab(app, inventory({ hosts: [machine()] }));
      const on = lab.host("app-01");
      const directory = new HostDirectory(on, "Config", { host: on, path: "/etc/app" });
      // What tells a firewall where the deployment comes from has to get past sudo.
      const check = '[ "${SSH_CONNECTION%% *}" = 127.0.0.1 ]';
      directory.addFile("a", "a test", { name: "a", content: ["text"], owner: "12:34", mode: "0600", check });
      app.synth();
      const stack = JSON.parse(fs.readFileSync(path.join(folder, "files/stacks/app-01/cdk.tf.json"), "utf8"));

      const { status, said } = new TerraformFolder(path.join(folder, "stack"), () => sshd.environment).apply(
        hostScripts(stack),
      );

      expect([status, status === 0 ? "" : said]).toEqual([0, ""]);
      const { mode, uid, gid } = fs.statSync(inTree("etc/app/a"));
      expect([(mode & 0o777).toString(8), uid, gid]).toEqual(["600", 12, 34]);
    }, 60_000);

    test("puts right what somebody changed, and tells what", async () => {
      fs.chmodSync(inTree("etc/docker/daemon.json"), 0o666);
      run("usermod", "--password", "x", "deploy");
      synthesize(["127.0.0.0/8"]);

      expect((await bootstrap("--check")).match(/differs: .*/g)).toEqual([
        ...["differs: /etc/docker/daemon.json", "differs: no password of deploy", "differs: keys of deploy"],
      ]);
      expect((await bootstrap()).match(/changes: .*/g)).toHaveLength(3);
      expect(run("cat", "/home/deploy/.ssh/authorized_keys")).toMatch(/^from="127\.0\.0\.0\/8" ssh-ed25519/);
      expect(await bootstrap("--check")).toContain("is as it should be");
    });

    test("keeps what the engine's file says beside, tells what it replaces, and refuses what it can't read", async () => {
      const file = inTree("etc/docker/daemon.json");
      const runtimes = { nvidia: { path: "nvidia-container-runtime", runtimeArgs: ['a, "b" }'] } };
      const own = { runtimes, "default-address-pools": [{ base: "10.9.0.0/16", size: 24 }], "live-restore": true };
      fs.writeFileSync(file, JSON.stringify(own));

      const said = await bootstrap();

      expect(said).toContain(
        'daemon.json says "default-address-pools": [{"base":"10.9.0.0/16","size":24}], and will not',
      );
      const pools = [{ base: "172.20.0.0/14", size: 24 }];
      expect(JSON.parse(fs.readFileSync(file, "utf8"))).toEqual({
        ...{ runtimes, "default-address-pools": pools, "live-restore": true, "log-driver": "local" },
      });
      const kept = inTree("var/lib/homelab/bootstrap/-etc-docker-daemon.json.before");
      expect(JSON.parse(fs.readFileSync(kept, "utf8"))).toEqual(own);
      expect(await bootstrap("--check")).toContain("is as it should be");

      // However it is laid out and whoever may read it: it says what it should.
      const text = JSON.stringify(JSON.parse(fs.readFileSync(file, "utf8")), null, "\t");
      fs.writeFileSync(file, `${text}\n`);
      fs.chmodSync(file, 0o600);
      expect(await bootstrap("--check")).toContain("is as it should be");

      for (const unreadable of ['{"runtimes": {}', "[]", '{"a": nul}', '{"a": 1,}']) {
        fs.writeFileSync(file, unreadable);
        expect(await bootstrap()).toContain("failed: /etc/docker/daemon.json is not a JSON object");
        expect(fs.readFileSync(file, "utf8")).toBe(unreadable);
      }
      if (release !== "bookworm") {
        // The engine of Debian 12 can't try a file.
        fs.writeFileSync(file, '{"bogus": 1}\n');
        expect(await bootstrap()).toContain("failed: /etc/docker/daemon.json");
        expect(fs.readFileSync(file, "utf8")).toBe('{"bogus": 1}\n');
      }
      fs.writeFileSync(file, `${text}\n`);
      expect(await bootstrap("--check")).toContain("is as it should be");
    }, 60_000);

    test("a file that can't be taken into use is as before, and the next run tries again", async () => {
      const [file, broken] = [inTree("etc/ssh/sshd_config.d/10-homelab.conf"), inTree("etc/ssh/sshd_config.d/9.conf")];
      const mine = fs.readFileSync(file, "utf8");
      fs.writeFileSync(file, "MaxSessions 7\n");
      fs.writeFileSync(broken, "Nonsense yes\n");

      for (const _time of [1, 2]) {
        expect(await bootstrap()).toContain("failed: /etc/ssh/sshd_config.d/10-homelab.conf");
        expect(fs.readFileSync(file, "utf8")).toBe("MaxSessions 7\n");
      }
      fs.rmSync(file);
      expect(await bootstrap()).toContain("failed: /etc/ssh/sshd_config.d/10-homelab.conf");
      expect(fs.existsSync(file)).toBe(false);

      // As a run leaves it that was cut off after the rename, before sshd was told.
      fs.rmSync(broken);
      fs.writeFileSync(file, mine);
      fs.writeFileSync(inTree("var/lib/homelab/bootstrap/-etc-ssh-sshd_config.d-10-homelab.conf.pending"), "");
      expect(await bootstrap("--check")).toContain("differs: /etc/ssh/sshd_config.d/10-homelab.conf");
      expect(await bootstrap()).toContain("changes: /etc/ssh/sshd_config.d/10-homelab.conf");
      expect(await bootstrap("--check")).toContain("is as it should be");
    });

    test("tells what nobody should change unasked: the uid of a user, limits that another file sets", async () => {
      run("usermod", "--uid", "1000", "deploy");
      fs.writeFileSync(inTree("etc/ssh/sshd_config.d/01-other.conf"), "MaxSessions 3\n");

      expect((await bootstrap("--check")).match(/differs: .*?, by hand/g)).toEqual([
        ...["differs: uid of deploy, by hand", "differs: limits of sshd, by hand"],
      ]);
      expect(await bootstrap()).toContain("usermod --uid 870 deploy");
      expect(run("id", "-u", "deploy")).toBe("1000\n");
      expect(await bootstrap("--check")).toContain("and you by hand, where a line says so");

      run("usermod", "--uid", "870", "deploy");
      fs.rmSync(inTree("etc/ssh/sshd_config.d/01-other.conf"));
      expect(await bootstrap("--check")).toContain("is as it should be");
    });

    test("is refused by a machine with another host key", async () => {
      await sshd.reinstall();

      expect(await bootstrap()).toContain("has another host key than the inventory pins");
    });
  });
});
