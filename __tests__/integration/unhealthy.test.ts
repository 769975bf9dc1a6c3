import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import { Generations, HomelabService, Ledger, Probe } from "../../constructs";
import { Homelab } from "../../stacks";
import { Engine, engineFolder } from "../support/engine";
import { waitFor } from "../support/ports";
import { missing, suite } from "../support/programs";
import { Sshd } from "../support/sshd";
import { host, inventory } from "../support/synthesis";

const root = path.join(__dirname, "../..");
const homelab = ["--import", path.join(root, "node_modules/tsx/dist/loader.mjs"), path.join(root, "cli/homelab.ts")];

suite(
  "a deployment whose containers do not become healthy",
  Engine.missing() ?? Sshd.missing() ?? missing(["docker", "busybox"]),
  () => {
    let folder: string;
    let engine: Engine;
    let sshd: Sshd;

    beforeAll(async () => {
      folder = engineFolder();
      engine = await Engine.start(path.join(folder, "engine"));
      sshd = await Sshd.start(path.join(folder, "sshd"), {
        DOCKER_HOST: `unix://${engine.socket}`,
        PATH: process.env.PATH ?? "",
      });
      makeRoot(path.join(folder, "image"));
      await engine.importImage(path.join(folder, "image"), "example/app:1");
    });
    afterAll(async () => {
      sshd.stop();
      await engine.remove();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    test("is told which probe fails, on which host, and what it said last", async () => {
      const out = path.join(folder, "cdktf.out");
      const app = new App({ outdir: out });
      const lab = new Homelab(
        app,
        inventory({
          hosts: [
            host("app-01", 1, {
              lanAddress: "127.0.0.1",
              ssh: { user: "root", port: sshd.port, hostKey: sshd.hostKey },
            }),
          ],
          postgres: {},
          zones: {},
          monitoring: undefined,
          ledger: Ledger.inMemory(),
          generations: Generations.inMemory(),
        }),
      );
      const probe = Probe.http("/up");
      for (const name of ["silent", "well", "gone", "not-there-yet"])
        new HomelabService(lab.host("app-01"), name, { image: "example/app:1", port: 8080, health: probe });
      app.synth();
      const [, script = ""] = probe.render(8080, "test")?.test ?? [];
      await start("silent", ["sleep", "600"], script);
      await start("well", ["sleep", "600"], "true");
      await start("gone", ["sh", "-c", "exit 7"], "true");
      await waitFor("its probe has failed", async () => {
        const { State } = await engine.docker.getContainer("silent").inspect();
        return (State.Health?.Log.length ?? 0) > 0;
      });

      const words = ["--out", out, "run", "--watch", "1", "--", "sh", "-c", "sleep 8; exit 3", "app-01"];
      const said = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
        const env = { ...process.env, ...sshd.environment };
        execFile(process.execPath, [...homelab, ...words], { cwd: folder, env }, (error, _stdout, stderr) =>
          resolve({ code: error?.code, stderr }),
        );
      });

      expect(said.code).toBe(3);
      const lines = said.stderr.trim().split("\n").sort();
      // Once while it waits, and once more at its end.
      expect(lines.filter((line) => line.includes("silent"))).toHaveLength(2);
      expect(lines.at(-1)).toMatch(
        /^homelab: app-01: container silent is (starting|unhealthy): its probe ended with 1 and said "wget: can't connect[^"]* wget got no answer below 400"; the probe is if command -v curl/,
      );
      expect(lines[0]).toBe('homelab: app-01: container gone ended with 7: "docker logs gone" there tells why');
      expect(said.stderr).not.toMatch(/well|not-there-yet/);
    });

    async function start(name: string, command: string[], check: string): Promise<void> {
      const container = await engine.docker.createContainer({
        name,
        Image: "example/app:1",
        Cmd: command,
        Healthcheck: { Test: ["CMD-SHELL", check], Interval: 1e9, Timeout: 5e9, Retries: 2 },
      });
      await container.start();
    }
  },
);

/** The root of an image with busybox alone. */
function makeRoot(folder: string): void {
  fs.mkdirSync(path.join(folder, "bin"), { recursive: true });
  fs.copyFileSync("/usr/bin/busybox", path.join(folder, "bin/busybox"));
  for (const name of ["sh", "sleep", "wget", "true"]) fs.symlinkSync("busybox", path.join(folder, "bin", name));
}
