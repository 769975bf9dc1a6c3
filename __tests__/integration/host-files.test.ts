import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { homelab } from "../../cli/homelab";
import { HostDirectory } from "../../constructs/host/host-directory";
import { Homelab } from "../../stacks";
import { hostScripts, TerraformFolder } from "../support/host-scripts";
import { freePort } from "../support/ports";
import { missing, suite } from "../support/programs";
import { Sshd } from "../support/sshd";
import { host, inventory } from "../support/synthesis";

type Files = Readonly<Record<string, string>>;

suite("files on a host", missing(["terraform", "mount"], { root: true }) ?? Sshd.missing(), () => {
  let folder: string;
  let sshd: Sshd;
  let terraform: TerraformFolder;
  const before = process.env.SSH_AUTH_SOCK;
  const inFolder = (name: string): string => path.join(folder, name);

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-files-"));
    fs.mkdirSync(inFolder("small"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", inFolder("small")]);
    sshd = await Sshd.start(inFolder("sshd"));
    process.env.SSH_AUTH_SOCK = sshd.environment.SSH_AUTH_SOCK;
    terraform = new TerraformFolder(inFolder("stack"), () => sshd.environment);
  });

  afterAll(() => {
    process.env.SSH_AUTH_SOCK = before;
    sshd.stop();
    execFileSync("umount", ["-l", inFolder("small")]);
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** A lab with directories of files; `at` is where its host answers. */
  function deploy(directories: Readonly<Record<string, Files>>, options: { port?: number; check?: string } = {}) {
    const app = new App({ outdir: inFolder("out") });
    const machine = host("app-01", 1, {
      lanAddress: "127.0.0.1",
      ssh: { user: "root", port: options.port ?? sshd.port, hostKey: sshd.hostKey },
    });
    const lab = new Homelab(app, inventory({ hosts: [machine] }));
    for (const [name, files] of Object.entries(directories)) {
      const on = lab.host("app-01");
      const directory = new HostDirectory(on, name, { host: on, path: inFolder(name) });
      for (const [file, text] of Object.entries(files)) {
        directory.addFile(file, "a test", {
          name: file,
          content: [text],
          owner: "12:34",
          mode: "0640",
          check: options.check,
        });
      }
    }
    app.synth();
    return terraform.apply(hostScripts(JSON.parse(fs.readFileSync(inFolder("out/stacks/app-01/cdk.tf.json"), "utf8"))));
  }

  async function files(...words: string[]): Promise<string> {
    const printed: string[] = [];
    const log = jest.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
    try {
      await homelab().parseAsync(["--out", inFolder("out"), "files", "app-01", ...words], { from: "user" });
    } catch (error) {
      printed.push((error as Error).message);
    } finally {
      log.mockRestore();
    }
    return printed.join("\n");
  }

  const connections = (): number =>
    fs.readFileSync(inFolder("sshd/sshd.log"), "utf8").split("Accepted publickey").length - 1;
  const read = (name: string): string => fs.readFileSync(inFolder(name), "utf8");
  const many = (count: number, last: string): Files =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, index === 0 ? last : `${index}`]));

  test("a change of one file opens as many connections among sixty files as alone", () => {
    const opened = [1, 60].map((count) => {
      expect(deploy({ config: many(count, "a") })).toMatchObject({ status: 0 });
      const until = connections();
      expect(deploy({ config: many(count, "b") })).toMatchObject({ status: 0 });
      return connections() - until;
    });

    process.stdout.write(`SSH connections for one changed file: ${opened[0]} of 1 file, ${opened[1]} of 60 files\n`);
    expect(opened[1]).toBe(opened[0]);
    expect(opened[0]).toBe(1);
    const { mode, uid, gid } = fs.statSync(inFolder("config/f0"));
    expect([read("config/f0"), (mode & 0o777).toString(8), uid, gid]).toEqual(["b", "640", 12, 34]);
  }, 120_000);

  test("files of any size up to the limit arrive as they are, whatever their names begin with", () => {
    const texts = { "..a": "ä€😀".repeat(30_000), ".b": "", "...": "x".repeat(100_000), c: "'\n$(id)".repeat(5_000) };

    expect(deploy({ config: texts })).toMatchObject({ status: 0 });

    expect(fs.readdirSync(inFolder("config")).sort()).toEqual(Object.keys(texts).sort());
    for (const [name, text] of Object.entries(texts)) expect(read(`config/${name}`) === text).toBe(true);
  });

  test("a file that its program refuses leaves all files as they were", () => {
    expect(deploy({ config: { a: "ok", b: "ok" } })).toMatchObject({ status: 0 });

    const { status, said } = deploy({ config: { a: "ok 2", b: "bad" } }, { check: 'grep -q ok "$new/b"' });

    expect(status).toBe(1);
    expect(said).toContain("were refused; the old ones stay");
    expect([read("config/a"), read("config/b")]).toEqual(["ok", "ok"]);
    expect(fs.readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  test("a connection that is cut in the middle leaves all files as they were", async () => {
    expect(deploy({ config: { a: "old", b: "old" } })).toMatchObject({ status: 0 });
    const port = await freePort();
    const cutter = path.join(__dirname, "../support/cutting-proxy.js");
    const proxy = spawn(process.execPath, [cutter, `${port}`, `${sshd.port}`, "200000"]);
    await new Promise((resolve) => proxy.stdout.once("data", resolve));
    try {
      const { status, said } = deploy({ config: { a: "x".repeat(400_000), b: "new" } }, { port });

      expect([status, status === 0 ? said : ""]).toEqual([1, ""]);
      expect([read("config/a"), read("config/b")]).toEqual(["old", "old"]);
    } finally {
      proxy.kill();
    }
    expect(deploy({ config: { a: "new", b: "new" } })).toMatchObject({ status: 0 });
    expect([read("config/a"), read("config/b")]).toEqual(["new", "new"]);
  }, 120_000);

  test("a full disk leaves all files as they were", () => {
    expect(deploy({ "small/config": { a: "old", b: "old" } })).toMatchObject({ status: 0 });

    const { status, said } = deploy({ "small/config": { a: "new", b: "x".repeat(400_000) } });

    expect([status, /No space left|write error/.test(said)]).toEqual([1, true]);
    expect([read("small/config/a"), read("small/config/b")]).toEqual(["old", "old"]);
    expect(fs.readdirSync(inFolder("small"))).not.toContain(".config.new");
  });

  test("a disk that can only be read leaves all files as they were, and says so", () => {
    expect(deploy({ "small/config": { a: "old" } })).toMatchObject({ status: 0 });
    execFileSync("mount", ["-o", "remount,ro", inFolder("small")]);

    const { status, said } = deploy({ "small/config": { a: "new" } });

    execFileSync("mount", ["-o", "remount,rw", inFolder("small")]);
    expect([status, said.includes("Read-only file system")]).toEqual([1, true]);
    expect(read("small/config/a")).toBe("old");
    expect(deploy({ "small/config": { a: "new" } })).toMatchObject({ status: 0 });
    expect(read("small/config/a")).toBe("new");
  });

  test("what was changed, lost or added on the host is found", async () => {
    expect(deploy({ config: { a: "1", b: "2", c: "3", "..d": "4" } })).toMatchObject({ status: 0 });
    expect(await files("--check")).toContain("4 files in 1 directories on app-01 are as they were placed");

    fs.writeFileSync(inFolder("config/a"), "changed");
    fs.rmSync(inFolder("config/b"));
    fs.writeFileSync(inFolder("config/stray"), "");
    fs.symlinkSync("a", inFolder("config/..link"));
    fs.chmodSync(inFolder("config/c"), 0o666);
    fs.writeFileSync(inFolder("config/..d"), "changed");

    const said = await files("--check");
    for (const [name, what] of [
      ["a", "was changed on the host"],
      ["b", "is missing"],
      ["c", "was changed on the host"],
      ["stray", "is not the lab's"],
      ["..link", "is not the lab's"],
      ["..d", "was changed on the host"],
    ])
      expect(said).toContain(`${inFolder("config")}/${name}: ${what}`);
    expect(said).toContain("6 files on app-01 are not as they were placed");
  });

  test("the version before comes back, once", async () => {
    expect(deploy({ config: { a: "1", gone: "x" } })).toMatchObject({ status: 0 });
    expect(deploy({ config: { a: "2", added: "y" } })).toMatchObject({ status: 0 });

    expect(await files("--rollback", inFolder("config"))).toContain("is as before");
    expect(fs.readdirSync(inFolder("config")).sort()).toEqual(["a", "gone"]);
    expect(read("config/a")).toBe("1");
    expect(await files("--rollback", inFolder("config"))).toContain("has no previous version");
    expect(await files("--rollback", "/etc")).toContain('the lab places no directory "/etc" on app-01');
  });

  test("a directory that the code no longer declares is removed from the host", () => {
    expect(deploy({ config: { a: "1" }, other: { a: "1" } })).toMatchObject({ status: 0 });

    expect(deploy({ config: { a: "1" } })).toMatchObject({ status: 0 });

    expect(fs.existsSync(inFolder("other"))).toBe(false);
    expect(read("config/a")).toBe("1");
  });

  test("a host with another key is refused", async () => {
    await sshd.reinstall();
    const old = JSON.parse(fs.readFileSync(inFolder("out/homelab.json"), "utf8"));
    expect(old.hosts[0].ssh.hostKey).not.toBe(sshd.hostKey);

    expect(await files("--check")).toContain('host "app-01" at 127.0.0.1 has another host key than the inventory pins');
  });
});
