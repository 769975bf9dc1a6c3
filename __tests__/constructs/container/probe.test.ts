import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { HomelabService, Probe } from "../../../constructs";
import type { Homelab } from "../../../stacks";
import { freePort } from "../../support/ports";
import { errorOf, synthesizeLab } from "../../support/synthesis";

let folder: string;
let server: http.Server;
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-probe-"));
  server = http.createServer(({ url }, response) => response.writeHead(url === "/up?a='b'" ? 204 : 503).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.close();
  fs.rmSync(folder, { recursive: true });
});

const isHere = (program: string): boolean => spawnSync("/bin/sh", ["-c", `command -v ${program}`]).status === 0;
const shells = [["dash"], ["bash"], ["busybox", "sh"]].filter(([program = ""]) => isHere(program));
const portOf = (one: net.Server): number => (one.address() as net.AddressInfo).port;

/** Runs a probe in a shell that finds some programs only. */
async function probe(shell: readonly string[], programs: readonly string[], made: Probe, port: number) {
  const [program = "", ...words] = shell;
  const find = (name: string): string =>
    spawnSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
  const bin = fs.mkdtempSync(path.join(folder, "bin-"));
  for (const name of programs) fs.symlinkSync(find(name), path.join(bin, name));
  const [kind, script = ""] = made.render(port, 'service "app"')?.test ?? [];
  expect(kind).toBe("CMD-SHELL");
  const child = spawn(find(program), [...words, "-c", script], {
    env: { PATH: bin },
    stdio: ["ignore", "pipe", "pipe"], // a bash with a socket there reads its settings
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += String(text)));
  return { status: await new Promise<number | null>((resolve) => child.on("close", resolve)), said };
}

describe.each(shells.map((shell) => [shell.join(" "), shell] as const))("in %s", (_name, shell) => {
  test.each(["curl", "wget", "bash"].filter(isHere))("an HTTP probe asks with %s alone", async (program) => {
    const port = portOf(server);

    expect(await probe(shell, [program], Probe.http("/up?a='b'"), port)).toMatchObject({ status: 0 });
    const refused = await probe(shell, [program], Probe.http("/"), port);
    expect(refused.status).not.toBe(0);
    expect(refused.said).toMatch(/503|wget got no answer below 400/);
    const closed = await probe(shell, [program], Probe.http("/"), await freePort());
    expect(closed.status).not.toBe(0);
    expect(closed.said).not.toBe("");
  });

  test("a TCP probe needs no program at all", async () => {
    expect(await probe(shell, [], Probe.tcp(), portOf(server))).toEqual({ status: 0, said: "" });
    const closed = await freePort();
    expect(await probe(shell, [], Probe.tcp(), closed)).toEqual({
      status: 1,
      said: `nobody listens at port ${closed}\n`,
    });
  });

  test.each(["0.0.0.0", "::"])("a TCP probe finds who listens at %s", async (address) => {
    const open = net.createServer();
    await new Promise<void>((resolve) => open.listen(0, address, resolve));

    expect(await probe(shell, [], Probe.tcp(), portOf(open))).toMatchObject({ status: 0 });
    open.close();
  });
});

test("an HTTP probe says in the health log that the image has no program for it", async () => {
  // The shell of busybox has programs of its own.
  const { status, said } = await probe(["dash"], [], Probe.http("/"), portOf(server));

  expect(status).toBe(1);
  expect(said).toBe(
    "this probe needs curl, wget or bash, and the image has none: use Probe.command() with a program that it has, or Probe.none() with the reason\n",
  );
});

test.each([
  "docker.io/traefik/whoami:v1.10.3",
  "traefik/whoami:v1.10.3",
  "gcr.io/distroless/static-debian12:nonroot",
  "ghcr.io/miniflux/miniflux:2.2.6-distroless",
  "mirror.example.com:5000/cloudflare/cloudflared:2025.1.0",
])("fails for a probe that needs a shell in %s, which has none", (image) => {
  const declare =
    (health: Probe) =>
    (lab: Homelab): void => {
      new HomelabService(lab.host("app-01"), "app", { image, port: 80, health });
    };

  expect(errorOf(declare(Probe.tcp()))).toBe(
    `service "app": the health probe needs a shell, and the image ${JSON.stringify(image)} has none: use Probe.command() with a program that it has, or Probe.none() with the reason`,
  );
  expect(() => synthesizeLab(declare(Probe.command(["/app", "check"])))).not.toThrow();
});
