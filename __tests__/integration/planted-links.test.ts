import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { rollbackScript } from "../../cli/files";
import {
  Backup,
  ConfigFile,
  Content,
  HomelabService,
  Job,
  Probe,
  Reload,
  StorageLayout,
  Volume,
} from "../../constructs";
import { missing, suite } from "../support/programs";
import { host, scriptOf, synthesizeLab } from "../support/synthesis";

const OTHER = 12345;

/** What root's scripts do where somebody who may write there has planted a link: another user, or a container's root. */
suite("a planted link", missing(["unshare", "mount", "flock"], { root: true }), () => {
  let folder: string;
  const inFolder = (name: string): string => path.join(folder, name);
  const ROOT = "services";
  const FILES = "services/app/.homelab/etc-app";

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-links-"));
    for (const name of ["victim", "units", "library", "bin"]) fs.mkdirSync(inFolder(name));
    fs.writeFileSync(inFolder("victim/keep"), "kept", { mode: 0o640 });
    for (const name of ["systemctl", "docker"])
      fs.writeFileSync(inFolder(`bin/${name}`), "#!/bin/sh\n", { mode: 0o755 });
  });

  afterEach(() => {
    const { mode, uid } = fs.statSync(inFolder("victim/keep"));
    const left = [
      fs.readdirSync(inFolder("victim")),
      fs.readFileSync(inFolder("victim/keep"), "utf8"),
      mode & 0o777,
      uid,
    ];
    const { mode: folderMode, uid: folderOwner } = fs.statSync(inFolder("victim"));
    fs.rmSync(folder, { recursive: true });

    expect(left).toEqual([["keep"], "kept", 0o640, 0]);
    expect([folderMode & 0o777, folderOwner]).toEqual([0o755, 0]);
  });

  /** Runs a script as the host's root shell would, with what is the machine's own kept in folders of the test. */
  function run(script: string): { status: number | null; said: string } {
    const mounts = `mkdir -p /var/lib/homelab && mount --bind ${inFolder("library")} /var/lib/homelab && mount --bind ${inFolder("units")} /etc/systemd/system`;
    const { status, stdout, stderr } = spawnSync("unshare", ["--mount", "sh", "-c", `${mounts} && exec sh -s`], {
      input: script,
      env: { ...process.env, PATH: `${inFolder("bin")}:${process.env.PATH ?? ""}` },
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  }

  function stack(declared = true): Record<string, any> {
    const storage = StorageLayout.serviceFolders(inFolder(ROOT), { linkFrom: inFolder("srv") });
    const { stacks } = synthesizeLab(
      (lab) => {
        new HomelabService(lab.host("app-01"), "app", {
          image: "example/app:1",
          health: Probe.none("test"),
          parts: {
            data: Volume.at("/data", { owner: "33:33" }),
            none: Backup.none("test"),
            job: Job.cron("0 3 * * *", { command: ["true"] }),
            ...(declared && {
              config: ConfigFile.at("/etc/app/app.conf", Content.text("x"), { onChange: Reload.watched() }),
              hidden: ConfigFile.at("/etc/app/..hidden", Content.text("y"), { onChange: Reload.watched() }),
            }),
          },
        });
      },
      { hosts: [host("app-01", 11, { storage })] },
    );
    return stacks["app-01"]?.resource.null_resource ?? {};
  }

  const script = (name: string, declared = true): string =>
    scriptOf(stack(declared)[name]).replaceAll("$${", "${").replaceAll("%%{", "%{");
  const link = (name: string, to = "victim"): void => fs.symlinkSync(inFolder(to), inFolder(name));
  const make = (name: string, owner = 0, mode = 0o755): void => {
    fs.mkdirSync(inFolder(name), { recursive: true });
    fs.chmodSync(inFolder(name), mode);
    fs.chownSync(inFolder(name), owner, owner);
  };
  const LINK = "is a link, or no folder: root follows no link, name the folder itself";

  describe("of placed files", () => {
    test.each(["services", "services/app", "services/app/.homelab", FILES])("in the way, at %s, is refused", (name) => {
      make(path.dirname(name));
      link(name);

      expect(run(script("app_etc_app"))).toMatchObject({ status: 1, said: `${inFolder(name)} ${LINK}\n` });
    });

    test.each(["app.conf", "..hidden", "stray", ".stray", "..stray"])(
      "among them, %s, is replaced or removed",
      (name) => {
        make(FILES);
        link(`${FILES}/${name}`);

        expect(run(script("app_etc_app"))).toEqual({ status: 0, said: "" });

        expect(fs.readdirSync(inFolder(FILES)).sort()).toEqual(["..hidden", "app.conf"]);
        expect(fs.readFileSync(inFolder(`${FILES}/app.conf`), "utf8")).toBe("x");
        expect(fs.readFileSync(inFolder(`${FILES}/..hidden`), "utf8")).toBe("y");
      },
    );

    test.each(["new", "previous", "previous.new"])("beside them, .etc-app.%s, is replaced", (name) => {
      make(FILES);
      link(`services/app/.homelab/.etc-app.${name}`);

      expect(run(script("app_etc_app"))).toEqual({ status: 0, said: "" });
      expect(fs.readFileSync(inFolder(`${FILES}/app.conf`), "utf8")).toBe("x");
    });

    test("a folder in place of a file is replaced as well", () => {
      make(`${FILES}/app.conf/inside`);

      expect(run(script("app_etc_app"))).toEqual({ status: 0, said: "" });
      expect(fs.readFileSync(inFolder(`${FILES}/app.conf`), "utf8")).toBe("x");
    });

    test.each([
      ["services", OTHER, 0o755, `belongs to user ${OTHER}, who could lead root elsewhere`],
      ["services/app", 0, 0o775, "may be written by others"],
      ["services/app/.homelab", 0, 0o757, "may be written by others"],
      [FILES, OTHER, 0o755, `belongs to user ${OTHER}`],
    ])("a folder on the way that others may write, %s, is refused", (name, owner, mode, why) => {
      make(name, owner, mode);

      const { status, said } = run(script("app_etc_app"));

      expect([status, said]).toEqual([1, expect.stringContaining(`${inFolder(name)} ${why}`)]);
      expect(fs.readdirSync(inFolder(name)).filter((one) => one !== "app")).toEqual([]);
    });

    test("in the way when they are removed is refused, and removed is the link in their place", () => {
      expect(run(script("app_etc_app"))).toEqual({ status: 0, said: "" });
      fs.renameSync(inFolder("services/app"), inFolder("services/moved"));
      link("services/app");

      expect(run(script("declared", false))).toMatchObject({
        status: 1,
        said: `${inFolder("services/app")} ${LINK}\n`,
      });

      fs.rmSync(inFolder("services/app"));
      fs.renameSync(inFolder("services/moved"), inFolder("services/app"));
      fs.rmSync(inFolder(FILES), { recursive: true });
      link(FILES);
      expect(run(script("declared", false))).toEqual({ status: 0, said: "" });
      expect(fs.readdirSync(inFolder("services/app/.homelab"))).toEqual([]);
      expect(fs.readdirSync(inFolder("library/records"))).toEqual([]);
    });

    test("in place of them, or of the version before, is not brought back", () => {
      expect(run(script("app_etc_app"))).toEqual({ status: 0, said: "" });
      const [files, previous] = [inFolder(FILES), inFolder("services/app/.homelab/.etc-app.previous")];
      fs.rmSync(previous, { recursive: true });
      fs.symlinkSync(inFolder("victim"), previous);
      expect(run(rollbackScript(files)).said).toContain("has no previous version");

      fs.rmSync(previous);
      make("services/app/.homelab/.etc-app.previous");
      fs.writeFileSync(path.join(previous, "app.conf"), "before");
      fs.writeFileSync(path.join(previous, "..hidden"), "before");
      fs.renameSync(files, `${files}-moved`);
      fs.symlinkSync(inFolder("victim"), files);
      expect(run(rollbackScript(files))).toMatchObject({ status: 1, said: `${files} ${LINK}\n` });

      fs.rmSync(files);
      fs.renameSync(`${files}-moved`, files);
      for (const name of ["stray", "..stray"]) link(`${FILES}/${name}`);
      expect(run(rollbackScript(files))).toMatchObject({ status: 0 });
      expect(fs.readdirSync(files).sort()).toEqual(["..hidden", "app.conf"]);
      expect(fs.readFileSync(path.join(files, "..hidden"), "utf8")).toBe("before");
    });

    test("that comes and goes while root works leads it nowhere", async () => {
      make("services/app/.homelab");
      const swap = `cd ${inFolder("services/app")}; while :; do mv .homelab real; ln -s ${inFolder("victim")} .homelab; rm .homelab; mv real .homelab; done`;
      const swapping = spawn("sh", ["-c", swap], { stdio: "ignore" });
      const ended = new Promise((resolve) => swapping.once("close", resolve));
      const placing = script("app_etc_app");
      const runs = Array.from({ length: 20 }, () => run(placing));
      swapping.kill("SIGKILL");
      await ended;

      // Each was refused, or met the folder itself; what it did is not in the folder that the link leads to.
      expect(runs.filter(({ status }) => status !== 0).length).toBeGreaterThan(0);
    }, 60_000);
  });

  test("among the units of jobs is replaced", () => {
    for (const name of ["homelab-app-job.service", "homelab-app-job.timer", ".homelab-app-job.timer.new"])
      link(`units/${name}`, "victim/keep");

    expect(run(script("app_job"))).toEqual({ status: 0, said: "" });

    expect(fs.readdirSync(inFolder("units")).sort()).toEqual(["homelab-app-job.service", "homelab-app-job.timer"]);
    expect(fs.lstatSync(inFolder("units/homelab-app-job.timer")).mode & 0o777).toBe(0o644);
    expect(fs.lstatSync(inFolder("units/homelab-app-job.timer")).isFile()).toBe(true);
  });

  describe("of a volume's folder", () => {
    test.each(["services", "services/app", "services/app/data"])("in the way, at %s, is refused", (name) => {
      make(path.dirname(name));
      link(name);

      expect(run(script("app_data"))).toMatchObject({ status: 1, said: `${inFolder(name)} ${LINK}\n` });
    });

    test("beside it is replaced", () => {
      make("services/app");
      link("services/app/.data.new");

      expect(run(script("app_data"))).toEqual({ status: 0, said: "" });
      expect(fs.lstatSync(inFolder("services/app/data")).uid).toBe(33);
    });

    test("a folder of somebody else's is not made one of root's, and one that exists is taken as it is", () => {
      make("services", OTHER);
      expect(run(script("app_data"))).toMatchObject({ status: 1 });

      make("services/app/data", OTHER, 0o700);
      expect(run(script("app_data"))).toEqual({ status: 0, said: "" });
      expect(fs.statSync(inFolder("services/app/data")).uid).toBe(OTHER);
    });

    test("in the way of its own link is refused, and one in its place is replaced", () => {
      link("srv");
      expect(run(script("app_data"))).toMatchObject({ status: 1, said: `${inFolder("srv")} ${LINK}\n` });

      fs.rmSync(inFolder("srv"));
      make("srv");
      link("srv/app");
      expect(run(script("app_data"))).toEqual({ status: 0, said: "" });
      expect(fs.readlinkSync(inFolder("srv/app"))).toBe(inFolder("services/app"));
    });
  });
});
