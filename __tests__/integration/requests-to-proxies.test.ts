import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { AUTHELIA } from "../support/authelia-program";
import type { WireAnswer } from "../support/lab/client";
import { entriesTo, removedAtCloudflare, type Entry } from "../support/lab/entries";
import { APP, EDGE, servedLab } from "../support/lab/fixture";
import { INTERNET } from "../support/lab/network";
import { RunningLab } from "../support/lab/running-lab";
import { Namespaces } from "../support/namespaces";
import { waitFor } from "../support/ports";
import { missing, suite } from "../support/programs";
import type { Synthesis } from "../support/synthesis";
import { TRAEFIK } from "../support/traefik-program";

const reason =
  missing(["ip", "nft", "nsenter", "setpriv", "chroot"], { root: true }) ??
  Namespaces.missing() ??
  TRAEFIK.missing() ??
  AUTHELIA.missing();

/** What proxies and the sign-on do beside letting somebody pass. */
suite("requests to the proxies themselves", reason, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-requests-"));
  let made: Synthesis;
  let lab: RunningLab;

  beforeAll(async () => {
    made = servedLab();
    lab = await RunningLab.start(made, folder);
  }, 1_200_000);
  afterAll(async () => {
    await lab.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const ways = (host: string): Map<string, Entry> =>
    new Map(entriesTo(made, host, "/").map((entry) => [entry.name, entry]));

  async function send(
    name: string,
    way: string,
    options: { readonly path?: string; readonly headers?: readonly string[]; readonly body?: object } = {},
  ): Promise<WireAnswer> {
    const entry = ways(name).get(way);
    if (!entry) throw new Error(`no way ${way} to ${name}`);
    const { path: at = "/", headers = [], body } = options;
    return lab.send(entry.place, {
      address: entry.address,
      name,
      method: body ? "POST" : "GET",
      path: at,
      headers: [...entry.through(["Host", name, ...headers]), ...(body ? ["Content-Type", "application/json"] : [])],
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  test("who floods the sign-on is slowed down, and nobody else", async () => {
    const flood = async (name: string, way: string): Promise<number> => {
      const headers = (number: number): string[] => ["X-Forwarded-For", `198.51.100.${number + 20}`];
      const all = Array.from({ length: 150 }, (_one, number) => send(name, way, { headers: headers(number) }));
      return (await Promise.all(all)).filter(({ status }) => status === 429).length;
    };

    expect(await flood("auth.example.com", "internet")).toBeGreaterThan(30);
    expect((await send("auth.example.com", "LAN")).status).toBe(200);
    // Whoever comes through a forwarder is told from the others by the address that it saw, not by one that they wrote.
    expect(await flood("auth.example.org", "Cloudflare")).toBeGreaterThan(30);
    expect((await send("auth.example.com", "LAN")).status).toBe(200);
  });

  test("the sign-on knows whoever guesses by an address that they did not write", async () => {
    const wrong = { username: "nobody", password: "guessed", keepMeLoggedIn: false };
    const spoof = ["X-Forwarded-For", "192.168.1.50", "X-Real-IP", "192.168.1.50"];
    for (const [name, way] of [
      ["auth.example.com", "internet"],
      ["auth.example.net", "tunnel"],
      ["auth.example.org", "Cloudflare"],
    ] as const) {
      const removed = way === "internet" ? [] : removedAtCloudflare(made, name.replace("auth.", ""));
      const kept = spoof.flatMap((value, index) => {
        const header = spoof[index - (index % 2)] ?? "";
        return removed.includes(header.toLowerCase()) ? [] : [value];
      });
      await send(name, way, { path: "/api/firstfactor", headers: kept, body: wrong });
    }

    const { body } = await send("auth.example.com", "LAN", { path: "/homelab/attempts" });

    const attempts: { address: string }[] = JSON.parse(body);
    expect(attempts.map(({ address }) => address)).toEqual([INTERNET, INTERNET, INTERNET]);
  });

  test("what is not healthy answers 503, and none of its guarded paths by another route", async () => {
    const statuses = async (): Promise<number[]> => [
      (await send("notes-com.example.com", "LAN")).status,
      (await send("notes-com.example.com", "internet")).status,
      (await send("panel-com.example.com", "LAN", { path: "/admin" })).status,
    ];
    expect(await statuses()).toEqual([401, 401, 401]);

    await lab.setHealth("app-01", "notes-com", "unhealthy");
    await lab.setHealth("app-01", "suite-com-panel", "unhealthy");
    const all = (status: number) => async (): Promise<boolean> => (await statuses()).every((one) => one === status);
    await waitFor("all answer 503", all(503));

    await lab.setHealth("app-01", "notes-com", "healthy");
    await lab.setHealth("app-01", "suite-com-panel", "healthy");
    await waitFor("all ask to sign in", all(401));
  });

  test("a name that nobody declared has no certificate and no answer", async () => {
    const asked = async (name: string): Promise<WireAnswer> =>
      lab.send("internet", {
        address: EDGE.publicAddress ?? "",
        name,
        method: "GET",
        path: "/",
        headers: ["Host", name],
      });

    expect((await asked("nothing.example.com")).status).toBe(404);
    expect((await asked(`${APP.name}.example.invalid`)).status).toBe(0);
  });
});
