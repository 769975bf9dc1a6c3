import * as fs from "node:fs";
import * as path from "node:path";
import { DebianImage } from "../support/debian-image";
import { Engine } from "../support/engine";
import { listed, ODD_FILES } from "../support/odd-files";
import { OneShotTools } from "../support/one-shot-tools";
import { missing, suite } from "../support/programs";

/** What giving files back takes. */
const RESTORE = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETFCAP"];

/** What other programs promise us: the backup agent relies on each of these sentences. */
suite("the tools of backups", missing(["docker"]) ?? Engine.missing() ?? DebianImage.missing(), () => {
  let tools: OneShotTools | undefined;
  const the = (): OneShotTools => {
    if (tools === undefined) throw new Error("the tools did not start");
    return tools;
  };
  const archives = (): string[] => the().run("borg list --short /repository").stdout.split("\n").filter(Boolean);
  const lastLine = (text: string): Record<string, unknown> =>
    JSON.parse(text.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;

  beforeAll(async () => {
    tools = await OneShotTools.start();
    fs.writeFileSync(tools.inFolder("source/letter"), "dear house\n");
    fs.writeFileSync(tools.inFolder("source/private"), "somebody's own\n", { mode: 0o600 });
    fs.chownSync(tools.inFolder("source/private"), 1000, 1000);
    const made = tools.run("borg init --encryption repokey-blake2 /repository && restic init --quiet");
    expect(made).toMatchObject({ status: 0 });
  }, 900_000);
  afterAll(() => tools?.remove());

  describe("borgmatic", () => {
    test("names the new archive that a run has made, which the repository then has", () => {
      const { status, stdout } = the().borgmatic("create --json", []);

      expect(status).toBe(0);
      const [{ archive }] = JSON.parse(stdout) as [{ archive: { id: string; name: string; stats: object } }];
      const known = JSON.parse(the().run("borg list --json /repository").stdout) as { archives: { id: string }[] };
      expect(known.archives.map(({ id }) => id)).toEqual([archive.id]);
      expect(archive.stats).toMatchObject({ nfiles: expect.any(Number), original_size: expect.any(Number) });
      expect(the().run(`borg list --short /repository::${archive.name}`).stdout).toContain("source/private\n");
    });

    test("ends with 0, without an archive and without a word of one, when a hook ends with 75", () => {
      const before = archives();

      const { status, stdout } = the().borgmatic("create --json", [
        "commands: [{ before: action, when: [create], run: ['exit 75'] }]",
      ]);

      expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
      expect(archives()).toEqual(before);
    });

    test("fails and makes no archive when a source is missing", () => {
      const before = archives();

      const { status, stderr } = the().borgmatic("create --json", [], { sources: "/source, /source/gone" });

      expect(status).toBe(1);
      expect(stderr).toContain("do not exist: /source/gone");
      expect(archives()).toEqual(before);
    });

    test("fails when it may not read a file, and makes an archive without it", () => {
      const before = archives();

      const { status, stderr } = the().borgmatic("create --json", [], { capabilities: [] });

      expect(status).toBe(1);
      expect(stderr).toContain("source/private: open: [Errno 13] Permission denied");
      const [made = ""] = archives().filter((name) => !before.includes(name));
      expect(the().run(`borg list --short /repository::${made} source`).stdout).toBe("source\nsource/letter\n");
    });

    test("fails for an option that it does not know", () => {
      const { status, stderr } = the().borgmatic("config validate", ["keep_fortnightly: 7"]);

      expect(status).toBe(1);
      expect(stderr).toContain("'keep_fortnightly' was unexpected");
    });
  });

  describe("Borg", () => {
    test.each([
      ["there is no repository", "borg list /target", 15],
      ["the passphrase is another", "BORG_PASSCOMMAND='echo other' borg list /repository", 52],
      ["the host is out of reach", "borg list ssh://borg@192.0.2.1/./repository", 81],
      ["a source is missing, of which it makes an archive all the same", "borg create /repository::gone /gone", 107],
    ])("has a code for that %s", (_, script, status) => {
      expect(the().run(script).status).toBe(status);
    });

    test("never finds a dead run's lock by itself where there is no network, and breaks it when told", () => {
      the().kill("borg with-lock /repository sleep 60", "repository/lock.exclusive");

      const locked = the().run("borg create /repository::locked /source");
      const broken = the().run("borg break-lock /repository && borg create /repository::unlocked /source");

      expect([locked.status, broken.status]).toEqual([73, 0]);
    });

    test("lets everybody in, not only once, where two have one BORG_HOST_ID and one process number", () => {
      const words = ["--env=BORG_HOST_ID=app"];
      the().runUntil("first", "exec borg with-lock /repository sleep 60", "repository/lock.exclusive", { words });

      const stranger = the().run("borg create /repository::stranger /source");
      const second = the().run("exec borg create /repository::second /source", { words });
      const afterwards = the().run("borg create /repository::afterwards /source");

      the().end("first");
      expect([stranger.status, second.status, afterwards.status]).toEqual([73, 0, 0]);
    });
  });

  describe("restic", () => {
    test.each([
      ["there is no repository", "restic -r /target snapshots", 10],
      ["the password is another", "RESTIC_PASSWORD_FILE=/source/letter restic snapshots", 12],
      ["all sources are missing", "restic backup /gone", 1],
      ["the host is out of reach", "restic -r sftp:restic@192.0.2.1:/restic snapshots", 1],
    ])("has a code for that %s", (_, script, status) => {
      expect(the().run(script).status).toBe(status);
    });

    test("names the snapshot that it has made, also of a part of the sources, for which it ends with 3", () => {
      const whole = the().run("restic backup --json --host app --tag app /source");
      const part = the().run("restic backup --json --host app --tag app /source /gone");

      expect([whole.status, part.status]).toEqual([0, 3]);
      const made = [whole, part].map(({ stdout }) => lastLine(stdout));
      expect(made[0]).toMatchObject({ message_type: "summary", total_files_processed: 2 });
      const known = JSON.parse(the().run("restic snapshots --json").stdout) as { id: string }[];
      expect(known.map(({ id }) => id)).toEqual(made.map((one) => one.snapshot_id));
    });

    test("goes on beside a dead run's lock, but prunes only when all locks are removed", () => {
      the().kill("exec restic backup --stdin-from-command -- sleep 60", "restic/locks/*");

      const ended = [
        "restic backup --quiet /source",
        "exec restic prune",
        "exec restic unlock", // its own process has the number of the dead one
        "exec restic prune",
        "restic unlock --remove-all && restic prune",
      ].map((script) => the().run(script).status);

      expect(ended).toEqual([0, 11, 0, 11, 0]);
    });

    test("finds a damaged pack when it reads the data", () => {
      const pack = fs
        .readdirSync(the().inFolder("restic/data"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))[0];
      const bytes = fs.readFileSync(pack ?? "");
      fs.chmodSync(pack ?? "", 0o600);
      fs.writeFileSync(pack ?? "", Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1)]));

      const damaged = the().run("restic check --read-data-subset=1/1");

      fs.writeFileSync(pack ?? "", bytes);
      expect(damaged.status).toBe(1);
      expect(the().run("restic check --read-data-subset=1/1").status).toBe(0);
    });
  });

  describe("what is restored", () => {
    beforeAll(() => {
      fs.mkdirSync(the().inFolder("source/odd"));
      const words = [`--volume=${the().inFolder("source/odd")}:/odd`];
      const made = the().run(ODD_FILES, { capabilities: RESTORE, words });
      expect(made).toEqual({ status: 0, stdout: "", stderr: "" });
      const saved = the().run("borg create /repository::odd /source/odd && restic backup -q --tag odd /source/odd");
      expect(saved.status).toBe(0);
    });
    beforeEach(() => {
      fs.rmSync(the().inFolder("target"), { recursive: true, force: true });
      fs.mkdirSync(the().inFolder("target"));
    });

    const ways = [
      ["Borg", "cd /target && borg extract --numeric-ids --sparse /repository::odd"],
      ["restic", "restic restore --quiet latest --tag odd --target /target --sparse --verify"],
    ] as const;

    test.each(ways)("by %s is all that was there but sockets, holes included", (_, script) => {
      const restored = the().run(script, { capabilities: RESTORE });

      expect(restored.status).toBe(0);
      const lines = (folder: string): string[] => the().run(listed(folder)).stdout.split("\n");
      const was = lines("/source/odd");
      expect(was.length).toBeGreaterThan(60);
      expect(lines("/target/source/odd")).toEqual(was.filter((line) => !line.includes("a socket")));
      const { size, blocks } = fs.statSync(the().inFolder("target/source/odd/holes"));
      expect(size).toBe(50_000_000);
      expect(blocks * 512).toBeLessThan(10_000_000);
    });

    test.each(ways)("by %s lacks the group of folders, without a word, where it has no right to it", (_, script) => {
      const restored = the().run(script, { capabilities: RESTORE.filter((one) => one !== "FSETID") });

      expect(restored.status).toBe(0);
      expect(fs.statSync(the().inFolder("target/source/odd/shared")).mode & 0o7777).toBe(0o750);
    });
  });
});
