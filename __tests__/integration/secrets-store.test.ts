import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { SopsStore } from "../../deploy/sops-store";
import { thisProcess, type ProcessName } from "../../contract/living";
import { waitFor } from "../support/ports";
import { missing, suite } from "../support/programs";

const root = path.join(__dirname, "../..");
const loader = path.join(root, "node_modules/tsx/dist/loader.mjs");

suite("the SOPS store, changed by several at once", missing(["sops", "age-keygen"]), () => {
  let folder: string;
  let store: SopsStore;
  const inFolder = (name: string): string => path.join(folder, name);

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-store-"));
    execFileSync("age-keygen", ["-o", inFolder("key")], { stdio: "ignore" });
    const recipient = execFileSync("age-keygen", ["-y", inFolder("key")], { encoding: "utf8" }).trim();
    fs.writeFileSync(inFolder(".sops.yaml"), `creation_rules:\n  - age: ${recipient}\n`);
    process.env.SOPS_AGE_KEY_FILE = inFolder("key");
    store = new SopsStore(inFolder("lab.sops.yaml"));
    fs.writeFileSync(
      inFolder("writer.ts"),
      `const { SopsStore } = require("${root}/deploy/sops-store");
       const [, , name, pause] = process.argv;
       new SopsStore("lab.sops.yaml").change(async (stored, write) => {
         const counted = Number(stored.get("shared.count")?.value ?? 0);
         if (pause) { console.log("holds it"); await new Promise((resolve) => setTimeout(resolve, Number(pause))); }
         await write(new Map([["own." + name, { value: name, generation: 1 }],
           ["shared.count", { value: String(counted + 1), generation: counted + 1 }]]));
       }).catch((error) => { console.error(error.message); process.exitCode = 1; });`,
    );
  });
  afterEach(() => {
    delete process.env.SOPS_AGE_KEY_FILE;
    fs.rmSync(folder, { recursive: true });
  });

  function writer(...words: string[]) {
    const child = spawn(process.execPath, ["--import", loader, "writer.ts", ...words], {
      cwd: folder,
      env: { ...process.env },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += String(text)));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    return { child, ended, said: () => said };
  }

  test("keeps what each of them stored, and counts what each of them read", async () => {
    const writers = ["a", "b", "c", "d", "e", "f"].map((name) => writer(name));

    await Promise.all(writers.map(({ ended }) => ended));
    for (const { said } of writers) expect(said()).toMatch(/^(homelab: .* is being changed by .*, waiting for it\n)?$/);

    const stored = await store.read();
    expect(stored.get("shared.count")).toMatchObject({ value: "6", generation: 6 });
    expect([...stored.keys()].filter((name) => name.startsWith("own."))).toHaveLength(6);
    expect(fs.readdirSync(folder).sort()).toEqual([".homelab", ".sops.yaml", "key", "lab.sops.yaml", "writer.ts"]);
    expect(fs.readdirSync(inFolder(".homelab"))).toEqual([".gitignore"]);
  });

  test("is free again after a writer was killed, and what that one left is gone", async () => {
    const killed = writer("killed", "600000");
    await waitFor("the first writer has the store", () => killed.said().includes("holds it"));
    const lock = inFolder(".homelab/lab.sops.yaml.lock");
    const { machine, pid, started } = JSON.parse(fs.readFileSync(lock, "utf8")) as ProcessName;
    fs.writeFileSync(inFolder(`.homelab/${machine}-${pid}-${started}.lab.sops.yaml`), "half of a file");
    expect(pid).toBe(killed.child.pid);
    const waiting = ["a", "b", "c", "d"].map((name) => writer(name));
    await waitFor("the others say whom they wait for", () =>
      waiting.every(({ said }) => said().includes(`is being changed by process ${killed.child.pid ?? 0}`)),
    );
    expect((await store.read()).size).toBe(0);

    killed.child.kill("SIGKILL");

    expect(await Promise.all(waiting.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    const stored = await store.read();
    expect(stored.get("shared.count")?.value).toBe("4");
    expect(stored.has("own.killed")).toBe(false);
    expect(fs.readdirSync(folder).sort()).toEqual([".homelab", ".sops.yaml", "key", "lab.sops.yaml", "writer.ts"]);
    expect(fs.readdirSync(inFolder(".homelab"))).toEqual([".gitignore"]);
  });

  test("is free for the next process that gets the number of one that died", async () => {
    const lock = { ...thisProcess(), host: os.hostname(), started: "before" };
    fs.mkdirSync(inFolder(".homelab"));
    fs.writeFileSync(inFolder(".homelab/lab.sops.yaml.lock"), JSON.stringify(lock));

    expect(await writer("next").ended).toBe(0);

    expect((await store.read()).get("own.next")?.value).toBe("next");
  });

  test("fails with one sentence for a sops that takes no values by a pipe", async () => {
    const { PATH } = process.env;
    fs.mkdirSync(inFolder("bin"));
    fs.writeFileSync(inFolder("bin/sops"), "#!/bin/sh\necho 'sops 3.10.2'\n", { mode: 0o755 });
    process.env.PATH = `${inFolder("bin")}:${PATH ?? ""}`;
    try {
      const write = store.change(async (_stored, set) => set(new Map([["a.b", { value: "x", generation: 1 }]])));

      await expect(write).rejects.toThrow(
        /lab\.sops\.yaml: sops must be 3\.11 or newer, to which values are handed by a pipe, got "sops 3\.10\.2": install a newer one/,
      );
    } finally {
      process.env.PATH = PATH;
    }
  });
});
