import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { homelab } from "../../cli/homelab";
import { Ledger, type LedgerEntry } from "../../constructs";
import { Homelab } from "../../stacks";
import { inventory } from "../support/synthesis";

let folder: string;
beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-check-")));
  jest.spyOn(console, "log").mockReturnValue(undefined);
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  jest.replaceProperty(process, "env", { ...process.env, CI: "" });
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const file = (): string => path.join(folder, "homelab.ledger.json");
const media: LedgerEntry = { kind: "volume", host: "app-01", address: "docker_volume.wiki_media", name: "wiki_media" };
const album: LedgerEntry = { ...media, address: "docker_volume.photos_album", name: "photos_album" };

function git(...words: string[]): void {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
  const { status, stderr } = spawnSync("git", [...identity, ...words], { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

/** Writes a ledger and the lab that it is of, in which nothing is declared. */
function write(entries: Record<string, LedgerEntry>): void {
  fs.rmSync(file(), { force: true });
  const ledger = Ledger.fromFile(file());
  for (const [key, entry] of Object.entries(entries)) ledger.set(key, entry);
  ledger.save();
  const app = new App({ outdir: path.join(folder, "out") });
  new Homelab(app, inventory({ ledger: Ledger.fromFile(file()) }));
  app.synth();
}

async function check(...words: string[]): Promise<void> {
  const cwd = jest.spyOn(process, "cwd").mockReturnValue(folder);
  try {
    await homelab().parseAsync(["--out", path.join(folder, "out"), "ledger", "--check", ...words], { from: "user" });
  } finally {
    cwd.mockRestore();
  }
}

/** A branch that begins at a commit whose ledger has some entries. */
function branchFrom(entries: Record<string, LedgerEntry>): void {
  git("init", "--quiet", "--initial-branch=main");
  fs.writeFileSync(path.join(folder, ".gitignore"), "/out/\n");
  write(entries);
  git("add", ".");
  git("commit", "--quiet", "-m", "base");
  git("switch", "--quiet", "-c", "change");
}

test("a line that a branch lost fails, and one that it retired does not", async () => {
  branchFrom({ "wiki/media": media, "photos/album": album });

  write({ "photos/album": album });
  await expect(check()).rejects.toThrow(
    /ledger\.json, against the merge base with main: "wiki\/media" is gone, volume "wiki_media" on app-01: put its line back, or retire it/,
  );
  await expect(check("--base", "main")).rejects.toThrow('against main: "wiki/media" is gone');
  await check("--base", "none");

  write({ "photos/album": album, "wiki/media": { ...media, retired: true } });
  await check();
});

test("a line that was retired before the branch began may be taken out", async () => {
  branchFrom({ "wiki/media": { ...media, retired: true } });

  write({});
  await check();
});

test("a history that a branch tidied up fails", async () => {
  branchFrom({ "wiki/media": { ...media, formerKeys: ["docs/media"], formerAddresses: ["docker_volume.docs_media"] } });

  write({ "wiki/media": media });

  await expect(check()).rejects.toThrow(
    /"wiki\/media" no longer has its former key "docs\/media".*\n.*no longer has its address docker_volume\.docs_media/,
  );
});

test("a base without a ledger, and one of version 1, are compared too", async () => {
  branchFrom({});
  write({ "wiki/media": media });
  await check("--base", "change");

  fs.writeFileSync(file(), JSON.stringify({ version: 1, holders: { "wiki/media": media } }));
  git("add", ".");
  git("commit", "--quiet", "-m", "version 1");
  write({});
  await expect(check("--base", "change")).rejects.toThrow('against change: "wiki/media" is gone');
});

test("fails for a ledger that is in no commit", async () => {
  branchFrom({});
  const elsewhere = path.join(os.tmpdir(), `${path.basename(folder)}.json`);
  const app = new App({ outdir: path.join(folder, "out") });
  new Homelab(app, inventory({ ledger: Ledger.fromFile(elsewhere) }));
  app.synth();

  await expect(check()).rejects.toThrow('is not in the repository, so no commit has it: leave it to "--base none"');
});
