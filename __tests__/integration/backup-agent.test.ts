import type { ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import { parseBackupMessages, type BackupRecord } from "../../contract/backups";
import { BackupHost } from "../support/backup-host";
import { DebianImage } from "../support/debian-image";
import { Engine } from "../support/engine";
import { listed } from "../support/odd-files";
import { waitFor } from "../support/ports";
import { missing, suite } from "../support/programs";

/** What a database has, as text. */
const CONTENT = "select md5(string_agg(l::text, '|' order by id)) from ledger l";
const PROPERTIES =
  "select array(select a::text from unnest(datacl) a order by 1), shobj_description(oid, 'pg_database') from pg_database where datname = 'app'";

suite(
  "the backup agent",
  missing(["docker", "flock"], { root: true }) ?? Engine.missing() ?? DebianImage.missing(),
  () => {
    let host: BackupHost;
    beforeAll(async () => {
      host = await BackupHost.start();
    }, 900_000);
    afterAll(() => host.remove());

    describe.each(["borgmatic", "restic"] as const)("with %s", (kind) => {
      const record = (): BackupRecord => {
        const [found] = parseBackupMessages(host.agent("status").stdout).filter((one) => one.kind === "backup");
        if (found?.kind !== "backup") throw new Error("there is no record");
        return found;
      };
      const copies = (): string[] =>
        parseBackupMessages(host.agent("list", "app").stdout).flatMap((one) =>
          one.kind === "snapshot" ? [one.id] : [],
        );
      const present = (): string[] => [
        host.inApp(`${listed("/odd")}; stat -c '%a %u %g' /odd; find /data -type f -exec sha256sum {} +`),
        host.sql("app", CONTENT),
        host.sql("app", "select * from pg_sequences"),
        host.sql("app", PROPERTIES),
      ];
      const disaster = (): void => {
        host.inApp("rm -rf /odd/* /data/note; echo new > /odd/new");
        host.sql("app", "delete from ledger where id > 3", "comment on database app is 'broken'");
      };
      const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once("close", resolve));

      test.each([
        ["a hook that ends with 75", ["command_before app sh -c 'exit 75'"], "ended with 75"],
        [
          "a dump that can't be taken",
          ["volume files app_files", "postgres main db gone app boss"],
          '"gone" does not exist',
        ],
        ["a volume that is not there", ["volume other app_other"], "app_other of part other is not there"],
      ])("fails without a copy at %s", (_, lines, sentence) => {
        host.declare(kind, { lines });

        const { status } = host.agent("run", "app");

        expect(status).toBe(1);
        expect(record()).toMatchObject({
          result: "failed",
          message: expect.stringContaining(sentence),
          lastSuccess: null,
        });
        expect(record().repositories.map(({ snapshot }) => snapshot)).toEqual([null]);
      });

      test("fails at a folder that somebody made a link", () => {
        fs.symlinkSync("/etc", host.inFolder("planted"));
        host.declare(kind, { lines: [`folder planted ${host.inFolder("planted")}`] });

        const { status, stderr } = host.agent("run", "app");
        fs.unlinkSync(host.inFolder("planted"));

        expect(status).toBe(1);
        expect(stderr).toContain("is a link, or no folder");
      });

      test("copies into one repository though another one is out of reach, and restores all of it", () => {
        host.declare(kind, { repositories: ["disk", "far"] });
        const original = present();

        const run = host.agent("run", "app");
        disaster();
        const broken = present();
        const [id = "none"] = copies();
        const restored = host.agent("restore", "app", "--repository", "disk", "--snapshot", id, "--stamp", `${kind}1`);
        const after = present();

        expect(run.status).toBe(1);
        expect(record().repositories).toMatchObject([
          { name: "disk", result: "ok", snapshot: id },
          { name: "far", result: "failed", snapshot: null },
        ]);
        expect(restored).toMatchObject({ status: 0, stdout: expect.stringContaining('"result":"ok"') });
        expect(after).toEqual(original);
        expect(broken).not.toEqual(original);
        // And the way back, and back again.
        expect(host.agent("undo", "app", "--stamp", `${kind}1`).status).toBe(0);
        expect(present()).toEqual(broken);
        expect(host.agent("undo", "app", "--stamp", `${kind}1`).status).toBe(0);
        expect(present()).toEqual(original);
        expect(host.agent("discard", "app", "--stamp", `${kind}1`).status).toBe(0);
        expect(host.sql("postgres", "select datname from pg_database where datname ~ '^app_'")).toBe("");
      }, 300_000);

      test("refuses a name for what is set aside that somebody else has", () => {
        const now = present();
        const [id = "none"] = copies();
        host.sql("postgres", `create database app__before_${kind}9`);

        const { status, stdout } = host.agent(
          ...["restore", "app", "--repository", "disk", "--snapshot", id, "--stamp", `${kind}9`],
        );
        host.sql("postgres", `drop database app__before_${kind}9`);

        expect({ status, stdout }).toMatchObject({ status: 1, stdout: expect.stringContaining("is there already") });
        expect(present()).toEqual(now);
      });

      test("restores on a machine that knows nothing of the copies", () => {
        const [known, original] = [copies(), present()];
        const remember = host.forget(kind);
        disaster();

        const found = copies();
        const [id = "none"] = found;
        const restored = host.agent("restore", "app", "--repository", "disk", "--snapshot", id, "--stamp", `${kind}3`);

        expect(restored).toMatchObject({ status: 0, stdout: expect.stringContaining('"result":"ok"') });
        expect(found).toEqual(known);
        expect(present()).toEqual(original);
        expect(host.agent("discard", "app", "--stamp", `${kind}3`).status).toBe(0);
        remember();
      }, 120_000);

      test("rehearses a restore in scratch, and leaves nothing of it", () => {
        const containers = host.docker("ps", "-a", "--format", "{{.Names}}");
        const rows = Number(host.sql("app", "select count(*) from ledger"));

        const { status, stdout } = host.agent("drill", "app");

        const [drill] = parseBackupMessages(stdout);
        expect({ status, drill }).toMatchObject({
          status: 0,
          drill: {
            kind: "drill",
            result: "ok",
            snapshot: copies()[0],
            databases: [{ part: "main", tables: 1, rows }],
          },
        });
        expect(host.docker("ps", "-a", "--format", "{{.Names}}")).toBe(containers);
        expect(host.state(kind, "scratch")).toEqual([]);
      });

      test("puts everything back when it is stopped between two exchanges of a restore", async () => {
        host.inApp("echo later > /odd/later");
        host.sql("app", "insert into ledger (amount) values (1)");
        const now = present();
        const [id = "none"] = copies();

        const child = host.startAgent(
          "restore",
          "app",
          "--repository",
          "disk",
          "--snapshot",
          id,
          "--stamp",
          `${kind}2`,
        );
        const begun = host.inFolder(`state-${kind}/aside/app.${kind}2.begun`);
        await waitFor("the first exchange", () =>
          Promise.resolve(fs.existsSync(begun) && fs.readFileSync(begun, "utf8") !== ""),
        );
        child.kill("SIGKILL");
        await ended(child);
        const { status } = host.agent("recover", "app");

        expect(status).toBe(0);
        expect(present()).toEqual(now);
        expect(host.state(kind, "aside")).toEqual([]);
      });

      test("says who is at work, and goes on after a run that was killed, whose containers it brings back", async () => {
        host.declare(kind, { lines: ["quiesce pause"] });
        const known = copies();
        const child = host.startAgent("run", "app");
        await waitFor("the copy", () =>
          Promise.resolve(host.docker("ps", "-q", "--filter", "label=homelab.backup=app") !== ""),
        );

        const second = host.agent("run", "app");
        child.kill("SIGKILL");
        await ended(child);
        const paused = host.docker("inspect", "-f", "{{.State.Paused}}", "app");
        const next = host.agent("run", "app");

        expect(second).toMatchObject({ status: 1, stderr: expect.stringContaining(`process ${child.pid}`) });
        expect(paused).toBe("true");
        expect(next.status).toBe(0);
        expect(host.docker("inspect", "-f", "{{.State.Paused}}", "app")).toBe("false");
        expect(copies().length).toBeGreaterThan(known.length);
        expect([...host.state(kind, "dumps"), ...host.state(kind, "scratch")]).toEqual([]);
      });

      test("fails with another key, and where the repository is gone, and leaves what was there", () => {
        host.declare(kind);
        const known = copies();

        host.key("disk", "another passphrase");
        const wrongKey = host.agent("run", "app");
        host.key("disk", "a passphrase");
        fs.renameSync(host.inFolder(`${kind}/disk`), host.inFolder(`${kind}/away`));
        const gone = host.agent("run", "app");
        fs.renameSync(host.inFolder(`${kind}/away`), host.inFolder(`${kind}/disk`));

        expect(wrongKey).toMatchObject({ status: 1, stdout: expect.stringMatching(/passphrase|password/) });
        expect(gone).toMatchObject({ status: 1, stdout: expect.stringContaining("is its disk mounted") });
        expect(copies()).toEqual(known);
      });
    });
  },
);
