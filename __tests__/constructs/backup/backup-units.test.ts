import { spawnSync } from "node:child_process";
import { backupUnits, placingUnits, removingUnits, startOf } from "../../../constructs/backup/backup-units";
import type { BackupJob } from "../../../constructs/backup/backup-job";
import { ROOT_FOLDERS } from "../../../contract/root-folders";
import { missing, suite } from "../../support/programs";

const RECOVER = "enable homelab-recover-backups.service";

function job(service: string, at: readonly string[] = ["02:30"], drill: BackupJob["drill"] = "never"): BackupJob {
  return {
    ...{ service, host: "box", folder: service, at, quiesce: "none", containers: [], sources: [] },
    ...{ keep: { daily: 1, weekly: 0, monthly: 0, yearly: 0 }, before: [], after: [], drill },
  };
}

test("a job begins at the same moment each night, within twenty minutes, also over midnight", () => {
  const moments = Array.from({ length: 200 }, (_, index) => startOf("23:50", { host: "box", service: `s${index}` }));

  expect(startOf("23:50", { host: "box", service: "s0" })).toBe(moments[0]);
  expect(moments.filter((moment) => !/^(23:5\d|00:0\d):\d\d$/.test(moment))).toEqual([]);
  expect(new Set(moments).size).toBeGreaterThan(150);
});

suite("units on a host", missing(["unshare", "mount"], { root: true }), () => {
  /** Runs scripts one after the other on folders of their own; tells what is there, and what systemd was asked. */
  function hostAfter(...scripts: readonly string[]): string[] {
    const before = [
      "mount -t tmpfs -o mode=755 tmpfs /etc/systemd && mkdir /etc/systemd/system",
      "mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/systemd/system",
      'systemctl() { echo "systemctl $*"; }',
      "echo theirs > /etc/systemd/system/other.timer",
      ROOT_FOLDERS,
    ];
    const script = [...before, ...scripts.map((one) => `(set -eu\n${one}\n) || exit`), "ls /etc/systemd/system"];
    const { stdout, stderr } = spawnSync("unshare", ["--mount", "sh", "-c", script.join("\n")], { encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout.trim().split("\n");
  }
  const placed = (...services: string[]): string =>
    placingUnits(services.flatMap((one) => backupUnits(job(one), "Etc/UTC")));

  test("are there for each service, and gone with it", () => {
    expect(hostAfter(placed("one", "two"), placed("two"))).toEqual(
      [
        ...["daemon-reload", RECOVER, "enable --now homelab-backup-one.timer", "restart homelab-backup-one.timer"],
        ...["enable --now homelab-backup-two.timer", "restart homelab-backup-two.timer"],
        ...["disable --now -- homelab-backup-one.timer", "daemon-reload", RECOVER],
        ...["enable --now homelab-backup-two.timer", "restart homelab-backup-two.timer"],
      ]
        .map((words) => `systemctl ${words}`)
        .concat([
          ...[
            "homelab-backup-two.service",
            "homelab-backup-two.timer",
            "homelab-backup.slice",
            "homelab-recover-backups.service",
            "other.timer",
          ],
        ]),
    );
  });

  test("are gone with the agent, and no other one is", () => {
    expect(hostAfter(placed("one"), removingUnits()).slice(-1)).toEqual(["other.timer"]);
    expect(hostAfter(placed()).slice(-3)).toEqual([
      "homelab-backup.slice",
      "homelab-recover-backups.service",
      "other.timer",
    ]);
    expect(hostAfter(removingUnits()).slice(-1)).toEqual(["other.timer"]);
  });
});

suite("systemd", missing(["systemd-analyze"]), () => {
  test("knows the times of its timers", () => {
    const [{ timer } = { timer: "" }] = backupUnits(job("one", ["02:30", "14:00"]), "Europe/Berlin");
    const times = [...timer.matchAll(/OnCalendar=(.*)/g)].map(([, time]) => time ?? "");

    expect(times).toHaveLength(2);
    for (const time of times) {
      const { status, stdout } = spawnSync("systemd-analyze", ["calendar", time], { encoding: "utf8" });
      expect([status, stdout]).toEqual([0, expect.stringContaining(`Normalized form: ${time}`)]);
    }
  });
});

test("a drill is on a day of its own, three hours after the backup, and not where it is left out", () => {
  const drillOf = (service: string, drill: BackupJob["drill"]): readonly string[] =>
    backupUnits(job(service, ["02:30"], drill), "Etc/UTC")
      .slice(1)
      .map(({ name, timer }) => `${name} ${/OnCalendar=(.*)/.exec(timer)?.[1]}`);
  const services = Array.from({ length: 100 }, (_, index) => `s${index}`);

  expect(drillOf("wiki", "never")).toEqual([]);
  expect(drillOf("wiki", "month")).toEqual([
    expect.stringMatching(/^homelab-drill-wiki \*-\*-(0[1-9]|1\d|2[0-8]) 05:[345]\d:\d\d Etc\/UTC$/),
  ]);
  expect(drillOf("wiki", "week")).toEqual([
    expect.stringMatching(/^homelab-drill-wiki (Mon|Tue|Wed|Thu|Fri|Sat|Sun) 05:[345]\d:\d\d Etc\/UTC$/),
  ]);
  const days = new Set(services.flatMap((one) => drillOf(one, "month")).map((one) => one.split(" ")[1]));
  expect(days.size).toBeGreaterThan(20);
});
