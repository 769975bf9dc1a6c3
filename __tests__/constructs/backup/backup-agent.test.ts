import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { parse } from "yaml";
import {
  Backup,
  Drill,
  BackupAgent,
  BackupEngine,
  Companion,
  HomelabService,
  HostPath,
  PostgresDatabase,
  Probe,
  Repository,
  Size,
  StorageLayout,
  Volume,
  type BackupAgentProps,
  type BackupOptions,
  type HostProps,
  type Parts,
} from "../../../constructs";
import { serviceConf } from "../../../constructs/backup/service-conf";
import type { BackupJob } from "../../../constructs/backup/backup-job";
import { backupAgent } from "../../../services";
import type { Homelab, HomelabConfig } from "../../../stacks";
import { anyText } from "../../support/any-text";
import { missing, suite } from "../../support/programs";
import {
  errorOf,
  host,
  placedFiles,
  scriptOf,
  synthesizeLab,
  placedWords,
  type Synthesis,
} from "../../support/synthesis";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT";
const alone = { backedUpBy: undefined } as unknown as Partial<HostProps>;
const app01 = host("app-01", 11, { ...alone, timeZone: "Europe/Berlin" });
const app02 = host("app-02", 12, alone);
const offsite = Repository.ssh({ host: "backup.example.org", user: "lab", path: "backups", hostKey: HOST_KEY });
const disk = Repository.local("/mnt/backup");
const run = { main: { on: app01, image: "docker.io/library/postgres:17.2" } };
const inventory: Partial<HomelabConfig> = { hosts: [app01, app02], postgres: run };
const borgmatic = BackupEngine.borgmatic({ image: "example/borgmatic:2.1.10" });
const restic = BackupEngine.restic({ image: "example/restic:0.19.1" });

function declare(lab: Homelab, name: string, parts: Parts, on = "app-01", image = "example/app:1.0.0"): void {
  new HomelabService(lab.host(on), name, { image, port: 80, health: Probe.none("a test"), parts });
}

/** A lab with an agent on its first host, whatever is declared before or after it. */
function labOf(
  parts: (lab: Homelab) => Parts,
  agent: Partial<BackupAgentProps> = {},
  config: Partial<HomelabConfig> = {},
): Synthesis {
  return synthesizeLab(
    (lab) => {
      new BackupAgent(lab.host("app-01"), { engine: borgmatic, repositories: { disk, offsite }, ...agent });
      declare(lab, "app", parts(lab));
    },
    { ...inventory, ...config },
  );
}

function filesOf(lab: Synthesis, stack = "app-01"): Record<string, string> {
  const found = Object.entries(placedFiles(lab.stacks[stack])).filter(([file]) => file.startsWith("/etc/homelab/b"));
  return Object.fromEntries(found.map(([file, text]) => [file.replace("/etc/homelab/", ""), text]));
}

const conf = (lab: Synthesis, stack?: string, service = "app"): string[] =>
  (filesOf(lab, stack)[`backup/${service}.conf`] ?? "").trim().split("\n");

test("a service's configuration has what it keeps, databases as dumps in place of their files", () => {
  const lab = labOf((home) => ({
    data: Volume.at("/data"),
    cache: Volume.at("/cache"),
    db: PostgresDatabase.on(home.postgres("main")),
    own: Companion.postgres({ image: "docker.io/library/postgres:17.2", database: "shop" }),
    queue: Companion.redis({ image: "docker.io/library/redis:7.4.1", persistence: "volume" }),
    nightly: Backup.nightly({
      exclude: { cache: "made again" },
      before: [["app", 'say it\'s "so"']],
      after: [["true"]],
      quiesce: "pause",
      keep: { daily: 3, yearly: 1 },
    }),
  }));

  expect(conf(lab)).toEqual([
    "service app app",
    "keep 3 4 6 1",
    "quiesce pause",
    "container app-queue",
    "container app-own",
    "container app",
    "volume data app_data",
    "postgres db postgres-main app app postgres",
    "postgres own.data app-own shop shop shop",
    "redis queue.data app-queue",
    `command_before app app 'say it'\\''s "so"'`,
    "command_after app true",
  ]);
  expect(lab.manifest.services.find(({ name }) => name === "app")?.backups[0]).toMatchObject({ quiesce: "pause" });
});

test("folders are told by their path", () => {
  const storage = StorageLayout.serviceFolders("/srv/lab files");
  const hosts = [{ ...app01, storage }, app02];
  const lab = labOf(() => ({ data: Volume.at("/data"), nightly: Backup.nightly() }), {}, { hosts, postgres: {} });

  expect(conf(lab)).toContain("folder data '/srv/lab files/app/data'");
});

test("a database on another host is dumped there, in a folder of its own, and nothing is stopped for it", () => {
  const lab = synthesizeLab((home) => {
    for (const name of ["app-01", "app-02"]) backupAgent(home.host(name), { repositories: { offsite } });
    const nightly = Backup.nightly({ quiesce: "stop" });
    declare(home, "app", { data: Volume.at("/d"), db: PostgresDatabase.on(home.postgres("main")), nightly }, "app-02");
  }, inventory);

  expect(conf(lab, "app-02")).toEqual([
    ...["service app app", "keep 7 4 6 0", "quiesce stop", "container app", "volume data app_data"],
  ]);
  expect(conf(lab, "app-01")).toEqual([
    ...["service app app@app-01", "keep 7 4 6 0", "quiesce none", "postgres db postgres-main app app postgres"],
  ]);
  expect(lab.manifest.backupAgents?.map(({ host, services }) => [host, services])).toEqual([
    ["app-01", ["app"]],
    ["app-02", ["app"]],
  ]);
});

test("an environment keeps its copies apart from another one's", () => {
  const lab = synthesizeLab(
    (home) => {
      backupAgent(home.host("app-01"), { repositories: { offsite } });
      declare(home, "app", { data: Volume.at("/data"), nightly: Backup.nightly() });
    },
    inventory,
    { environment: "staging" },
  );

  expect(conf(lab, "app-01-staging")[0]).toBe("service app app-staging");
});

test("two backups of a service are one job, which keeps as much as the one that keeps most", () => {
  const lab = labOf(() => ({
    data: Volume.at("/data"),
    nightly: Backup.nightly({ at: "02:00", keep: { monthly: 1 } }),
    noon: Backup.nightly({ at: "12:00", keep: { daily: 2, monthly: 3 } }),
  }));

  expect(conf(lab)[1]).toBe("keep 7 4 3 0");
  const { triggers } = lab.stacks["app-01"]?.resource.null_resource?.backup_agent_units;
  expect(triggers["homelab-backup-app"].match(/OnCalendar=\*-\*-\* \d\d/g)).toHaveLength(2);
});

test("what holds for a host is in one file, and the keys of its repositories are secrets that the lab makes", () => {
  const limits = { memory: Size.gibibytes(1), cpus: 0.5, bandwidth: Size.mebibytes(2) };
  const lab = labOf(() => ({ data: Volume.at("/data"), nightly: Backup.nightly() }), limits);

  expect(filesOf(lab)["backup/lab.conf"]?.split("\n")).toEqual([
    "host app-01",
    "engine borgmatic example/borgmatic:2.1.10",
    "repository disk local /mnt/backup",
    "repository offsite ssh ssh://lab@backup.example.org:22/./backups",
    "limits 1073741824 0.5 2048",
    "",
  ]);
  expect(filesOf(lab)["backup-keys/offsite.known_hosts"]).toBe(`backup.example.org ${HOST_KEY}\n`);
  const keys = lab.manifest.directories.find(({ path }) => path === "/etc/homelab/backup-keys");
  expect(keys?.files.map(({ name, mode, owner, version }) => [name, mode, owner, version])).toEqual([
    ["disk.pass", "0400", "0:0", "generation 1"],
    ["offsite.known_hosts", "0400", "0:0", undefined],
    ["offsite.pass", "0400", "0:0", "generation 1"],
    ["offsite.ssh_key", "0400", "0:0", "generation 1"],
  ]);
  const secrets = lab.manifest.secrets.filter(({ name }) => name.startsWith("homelab.backup."));
  expect(secrets.map(({ name, shape, persisted }) => [name, shape, persisted])).toEqual([
    ["homelab.backup.disk.key", { length: 64 }, {}],
    ["homelab.backup.offsite.key", { length: 64 }, {}],
    ["homelab.backup.offsite.ssh_key", { keyPair: "rsa-4096" }, {}],
  ]);
  expect(placedWords(lab.stacks["app-01"]?.resource.null_resource?.backup_agent_keys).join(" ")).toContain(
    "var.homelab_backup_disk_key",
  );
});

test("restic reaches what borgmatic does not, with what the store lets it in by", () => {
  const repositories = {
    bucket: Repository.s3({ endpoint: "https://s3.example.com/", bucket: "lab", prefix: "a/b" }),
    rest: Repository.rest("https://backup.example.com:8000/lab/"),
    absolute: Repository.ssh({ host: "2001:db8::1", user: "lab", path: "/srv/x", hostKey: HOST_KEY, port: 2222 }),
  };
  const lab = labOf(() => ({ data: Volume.at("/d"), nightly: Backup.nightly() }), { engine: restic, repositories });

  expect(filesOf(lab)["backup/lab.conf"]).toContain(
    [
      "repository bucket s3 s3:https://s3.example.com/lab/a/b",
      "repository rest rest rest:https://backup.example.com:8000/lab",
      "repository absolute ssh 'sftp://lab@[2001:db8::1]:2222//srv/x'",
    ].join("\n"),
  );
  expect(filesOf(lab)["backup-keys/absolute.known_hosts"]).toBe(`[2001:db8::1]:2222 ${HOST_KEY}\n`);
  expect(Object.keys(filesOf(lab)).filter((name) => name.includes("borgmatic"))).toEqual([]);
  const words = placedWords(lab.stacks["app-01"]?.resource.null_resource?.backup_agent_keys).join(" ");
  expect(words).toContain('"AWS_ACCESS_KEY_ID=", var.homelab_backup_bucket_access_key_id, "\\n"');
  expect(words).toContain('"RESTIC_REST_PASSWORD=", var.homelab_backup_rest_password');
});

test("borgmatic copies what is declared, from where the container of the engine has it, and fails for what is missing", () => {
  const lab = labOf((home) => ({
    data: Volume.at("/data"),
    db: PostgresDatabase.on(home.postgres("main")),
    nightly: Backup.nightly(),
  }));

  const [local, remote] = ["disk", "offsite"].map((name) =>
    parse(filesOf(lab)[`backup/app.borgmatic.${name}.yaml`] ?? ""),
  );
  expect(local).toMatchObject({
    source_directories: ["/source/parts/data", "/source/dumps"],
    source_directories_must_exist: true,
    repositories: [{ path: "/repository", label: "disk" }],
    borg_exit_codes: [1, 102, 104, 105, 106].map((code) => ({ code, treat_as: "error" })),
    keep_daily: 7,
  });
  expect(local).not.toHaveProperty("ssh_command");
  expect(remote.repositories).toEqual([{ path: "ssh://lab@backup.example.org:22/./backups/app", label: "offsite" }]);
  expect(remote.ssh_command).toContain("StrictHostKeyChecking=yes");
});

suite("borgmatic", missing(["borgmatic"]), () => {
  test("takes its configurations", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-"));
    try {
      const lab = labOf(() => ({ data: Volume.at("/data"), nightly: Backup.nightly() }), {
        bandwidth: Size.mebibytes(1),
      });
      for (const [file, text] of Object.entries(filesOf(lab)))
        if (file.endsWith(".yaml")) fs.writeFileSync(path.join(folder, path.basename(file)), text);
      const env = { ...process.env, HOME: folder };
      const words = ["config", "validate", "--config", folder];
      const { status, stdout, stderr } = spawnSync("borgmatic", words, { encoding: "utf8", env });

      expect([status, stdout + stderr]).toEqual([0, expect.not.stringMatching(/deprecated|warning/i)]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

describe("its timers", () => {
  const unitsOf = (on: string, services: readonly string[], at?: string): any => {
    const lab = synthesizeLab((home) => {
      backupAgent(home.host(on), { repositories: { offsite } });
      for (const name of services) declare(home, name, { data: Volume.at("/d"), nightly: Backup.nightly({ at }) }, on);
    }, inventory);
    return lab.stacks[on]?.resource.null_resource?.backup_agent_units;
  };
  const timesOf = (unit: any): string[] =>
    Object.entries<string>(unit.triggers).flatMap(([name, text]) =>
      name.startsWith("homelab-backup-") ? [/OnCalendar=(.*)/.exec(text)?.[1] ?? ""] : [],
    );

  test("begin within twenty minutes from the declared time, in the host's time zone, each at another moment", () => {
    const times = ["app-01", "app-02"].flatMap((on) => timesOf(unitsOf(on, ["one", "two", "three"], "23:55")));

    expect(new Set(times.map((time) => time.split(" ")[1])).size).toBe(6);
    expect(times.map((time) => time.split(" ")[2])).toEqual([
      ...["Europe/Berlin", "Europe/Berlin", "Europe/Berlin", "Etc/UTC", "Etc/UTC", "Etc/UTC"],
    ]);
    for (const time of times) expect(time).toMatch(/^\*-\*-\* (23:5[5-9]|00:(0\d|1[0-4])):\d\d /);
  });

  test("make up for a run that was missed, and are the only ones of the agent", () => {
    const unit = unitsOf("app-01", ["one"]);

    expect(unit.triggers["homelab-backup-one"]).toContain("Persistent=true");
    const script = scriptOf(unit);
    expect(script).toContain("in homelab-backup-one.timer|homelab-drill-one.timer) continue ;; esac");
    expect(script).toContain("systemctl enable --now homelab-backup-one.timer");
    expect(script).toContain("CPUWeight=20");
  });
});

describe("drills", () => {
  const drillOf = (parts: Parts): string | undefined => {
    const lab = synthesizeLab((home) => {
      backupAgent(home.host("app-01"), { repositories: { offsite } });
      declare(home, "wiki", { data: Volume.at("/d"), nightly: Backup.nightly(), ...parts });
    }, inventory);
    const { triggers } = lab.stacks["app-01"]?.resource.null_resource?.backup_agent_units;
    return /OnCalendar=(\S+)/.exec(triggers["homelab-drill-wiki"] ?? "")?.[1];
  };

  test.each([
    ["each month for a service that says nothing", {}, /^\*-\*-\d\d$/],
    ["each month", { drill: Drill.monthly() }, /^\*-\*-\d\d$/],
    ["each week", { drill: Drill.weekly() }, /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/],
  ])("are %s", (_, parts, day) => {
    expect(drillOf(parts)).toMatch(day);
  });

  test("are left out for a reason, and said once", () => {
    expect(drillOf({ drill: Drill.none("it has 4 TB") })).toBeUndefined();
    expect(() => Drill.none(" ")).toThrow("Drill.none(): 'reason' must say why");
    expect(() => drillOf({ drill: Drill.weekly(), more: Drill.monthly() })).toThrow(
      'service "wiki", part "more": part "drill" says already how often it is rehearsed: remove one',
    );
  });
});

describe("a lab without", () => {
  const nightly = Backup.nightly();
  const keeps = { data: Volume.at("/data"), nightly };

  test("an agent on the host of a service, or of its database, is refused", () => {
    const parts = (home: Homelab): Parts => ({ ...keeps, db: PostgresDatabase.on(home.postgres("main")) });
    expect(errorOf((home) => declare(home, "app", parts(home), "app-02"), inventory)).toBe(
      ["app-02, data", "app-01, db"]
        .map((where) => where.split(", "))
        .map(
          ([on, part]) =>
            `service "app": nothing on host "${on}" carries out Backup.nightly(), and ${part} would not be backed up: add backupAgent(host, { … }) for that host, say in 'backedUpBy' of the host who does, or leave the data out with a reason, by 'exclude' or Backup.none("reason")`,
        )
        .join("\n"),
    );
  });

  test("one is fine where somebody else backs the host up, where nothing is kept, and where all is left out", () => {
    const fine = (parts: Parts, config: Partial<HomelabConfig> = inventory): Synthesis =>
      synthesizeLab((home) => declare(home, "app", parts), config);

    expect(fine({ nightly }).manifest.backupAgents).toEqual([]);
    fine({ data: Volume.at("/data"), nightly: Backup.nightly({ exclude: { data: "made again" } }) });
    const { manifest } = fine(keeps, { hosts: [host("app-01", 11)], postgres: {} });
    expect(manifest.hosts[0]?.backedUpBy).toBe("the tests");
  });

  test("anybody who dumps a database on a server elsewhere is refused", () => {
    const lab = (backedUpBy?: string): string =>
      errorOf(
        (home) => {
          backupAgent(home.host("app-01"), { repositories: { offsite } });
          declare(home, "app", { db: PostgresDatabase.on(home.postgres("main")), nightly });
          if (backedUpBy !== undefined) throw new Error("fine so far");
        },
        {
          ...inventory,
          postgres: { main: { host: "db.example.org", ...(backedUpBy !== undefined && { backedUpBy }) } },
        },
      );

    expect(lab()).toBe(
      `service "app", part "db": database server "main" is not the lab's, and nothing of the lab dumps what is on it: say in its 'backedUpBy' who backs up its databases, or leave the part out with a reason, in 'exclude' of Backup.nightly()`,
    );
    expect(lab("its provider")).toBe("fine so far");
  });

  test.each([
    ["a dump of a database", "docker.io/library/mariadb:11.4", {}, `its files are written by mariadb while they are`],
    ["a name without quotes", "example/app:1", { name: "/srv/it's" }, "has a quote in its name"],
  ])("%s is refused", (_what, image, volume, message) => {
    const storage = StorageLayout.serviceFolders("/srv");
    expect(
      errorOf(
        (home) => {
          backupAgent(home.host("app-01"), { repositories: { offsite } });
          declare(home, "app", { data: Volume.at("/data", volume), nightly }, "app-01", image);
        },
        { hosts: [{ ...app01, storage }], postgres: {} },
      ),
    ).toContain(message);
  });

  test.each<[string, BackupOptions]>([
    ["a dump taken before", { before: [["dump"]] }],
    ["the container paused", { quiesce: "pause" }],
  ])("a dump that the lab knows of is fine with %s", (_what, options) => {
    synthesizeLab((home) => {
      backupAgent(home.host("app-01"), { repositories: { offsite } });
      const parts = { data: Volume.at("/data"), nightly: Backup.nightly(options) };
      declare(home, "app", parts, "app-01", "docker.io/library/mariadb:11.4");
    }, inventory);
  });
});

test("commands of a service that has nothing on its own host are refused: they would never run", () => {
  const nightly = Backup.nightly({ before: [["true"]] });
  expect(
    errorOf((home) => {
      for (const name of ["app-01", "app-02"]) backupAgent(home.host(name), { repositories: { offsite } });
      declare(home, "app", { db: PostgresDatabase.on(home.postgres("main")), nightly }, "app-02");
    }, inventory),
  ).toBe(
    `service "app": nothing of it is copied on host "app-02", so that 'before' and 'after' of Backup.nightly() would never run: remove them`,
  );
});

describe("fails for", () => {
  const agent = (props: object) => (home: Homelab) => {
    new BackupAgent(home.host("app-01"), { engine: borgmatic, repositories: { offsite }, ...props });
  };
  const bucket = Repository.s3({ bucket: "lab" });
  const folders = (parts: Parts, first: boolean) => (home: Homelab) => {
    const repositories = { disk: Repository.local("/srv/lab/app/data/copies"), offsite };
    if (!first) declare(home, "app", parts);
    backupAgent(home.host("app-01"), { repositories });
    if (first) declare(home, "app", parts);
  };
  const keeps = { data: Volume.at("/data"), nightly: Backup.nightly() };
  const laid = { hosts: [{ ...app01, storage: StorageLayout.serviceFolders("/srv/lab") }], postgres: {} };

  test.each<[string, (home: Homelab) => void, string, Partial<HomelabConfig>?]>([
    [
      "copies that all stay on the host",
      agent({ repositories: { disk } }),
      `host "app-01", backup agent: no repository outlives the host, and with it all copies would be lost: add one on another machine, for example Repository.ssh({ … }), or say why not in 'onlyLocal'`,
    ],
    ["a reason without words", agent({ repositories: { disk }, onlyLocal: " " }), "onlyLocal: 'reason' must say why"],
    ["a reason that nothing asks for", agent({ onlyLocal: "a toy" }), "'onlyLocal' is a reason that nothing asks for"],
    ["no repository", agent({ repositories: {} }), "'repositories' must name at least one"],
    [
      "what is no repository",
      agent({ repositories: { a: "/srv" } }),
      `repository "a" must be one of Repository.local()`,
    ],
    ["what is no engine", agent({ engine: "borg" }), `'engine' must be BackupEngine.borgmatic({ image }) or`],
    [
      "a repository's name",
      agent({ repositories: { "Off Site": offsite } }),
      `'repositories' must be lowercase letters`,
    ],
    [
      "borg in a bucket",
      agent({ repositories: { bucket } }),
      `repository "bucket" is "s3", and borgmatic keeps copies in`,
    ],
    [
      "one place twice",
      agent({ repositories: { a: offsite, b: offsite } }),
      `the repositories "a" and "b" are both "ssh:`,
    ],
    ["no processor", agent({ cpus: 0 }), `'cpus' must be a number above zero, for example 0.5, got 0`],
    ["two agents of a host", (home) => [1, 2].forEach(() => agent({})(home)), `backup agent: it is declared twice`],
    [
      "an agent where somebody else does it",
      agent({}),
      "remove that or the agent",
      { hosts: [host("app-01", 11)], postgres: {} },
    ],
    [
      "copies inside what they are of",
      folders(keeps, true),
      `part "data" of service "app", holds "/srv/lab/app/data/copies"`,
      laid,
    ],
    ["the same, said later", folders(keeps, false), "lies in", laid],
    ["the same, said later, with advice", folders(keeps, false), ": give the repository another folder", laid],
    [
      "copies in copies",
      agent({ repositories: { a: Repository.local("/srv/a"), b: Repository.local("/srv/a/b"), offsite } }),
      `the copies of repository "b", lies in "/srv/a"`,
    ],
    [
      "copies that a container may write to",
      (home) => {
        backupAgent(home.host("app-01"), { repositories: { disk, offsite } });
        declare(home, "app", { mnt: HostPath.at("/mnt", { from: "/mnt/backup/x", writable: true }) });
      },
      `service "app", part "mnt": the container may write to "/mnt/backup/x", and the copies of repository "disk" are in "/mnt/backup"`,
    ],
    [
      "one name for two places",
      (home) => {
        backupAgent(home.host("app-01"), { repositories: { offsite } });
        const other = Repository.ssh({ host: "other.example.org", user: "lab", path: "b", hostKey: HOST_KEY });
        backupAgent(home.host("app-02"), { repositories: { offsite: other } });
      },
      `the backup agents have more than one repository "offsite": "ssh://lab@backup.example.org:22/./backups", "ssh://lab@other.example.org:22/./b"`,
    ],
  ])("%s", (_what, lab, message, config = inventory) => {
    expect(errorOf(lab, config)).toContain(message);
  });

  test.each<[string, () => unknown, string]>([
    [
      "an engine without version",
      () => BackupEngine.restic({ image: "restic/restic" }),
      "an image must name its version",
    ],
    ["the latest engine", () => BackupEngine.borgmatic({ image: "a/b:latest" }), "an image must name its version"],
    ["a relative folder", () => Repository.local("srv"), "'path' must be an absolute path"],
    [
      "a folder of Docker",
      () => Repository.local("/var/lib/docker/volumes/a/_data/b"),
      "must not be in the folder of Docker",
    ],
    ["a folder with quotes", () => Repository.local("/srv/it's"), "must have no quotes"],
    ["a user", () => Repository.ssh({ host: "a", user: "a b", path: "b", hostKey: HOST_KEY }), "'user' must be a user"],
    [
      "a way up",
      () => Repository.ssh({ host: "a", user: "a", path: "../b", hostKey: HOST_KEY }),
      "'path' must be a folder",
    ],
    [
      "an open host",
      () => Repository.ssh({ host: "a", user: "a", path: "b", hostKey: "" }),
      "'hostKey' must be the host's",
    ],
    ["a bucket", () => Repository.s3({ bucket: "A_B" }), "'bucket' must be lowercase letters"],
    ["a prefix", () => Repository.s3({ bucket: "lab", prefix: "/a" }), "'prefix' must be words of letters"],
    ["an address", () => Repository.s3({ bucket: "lab", endpoint: "s3.example.com" }), "'endpoint' must be a URL"],
    ["a password", () => Repository.rest("https://a:b@example.com"), "'url' must not have a user or a password"],
  ])("%s", (_what, make, message) => {
    expect(make).toThrow(message);
  });

  test.each<[string, object, string]>([
    ["a way to stop", { quiesce: "kill" }, `'quiesce' must be one of "pause", "stop", got "kill"`],
    ["a period", { keep: { hourly: 3 } }, `'keep' has no "hourly", it has "daily", "monthly", "weekly", "yearly"`],
    ["a line of shell", { before: ["dump now"] }, `'before' must be a list of commands, each a list of words`],
    ["no command", { after: [[]] }, `'after' must be a list of commands`],
    ["NUL", { before: [["a\0b"]] }, "'before' must not contain NUL"],
  ])("what a backup can't have: %s", (_what, options, message) => {
    expect(errorOf((home) => declare(home, "app", { nightly: Backup.nightly(options) }), inventory)).toContain(message);
  });
});

test("a shell reads each word of a configuration as it was declared", () => {
  const word = anyText.filter((text) => !text.includes("\0"));
  const hook = fc.record({ container: word, command: fc.array(word, { minLength: 1, maxLength: 3 }) });
  const readBack = (text: string): string[][] => {
    const calls = ["service", "keep", "quiesce", "container", "volume", "folder", "command_before", "command_after"];
    const functions = calls.map((call) => `${call}() { printf '%s\\0' ${call} "$@"; printf '\\n\\0'; }\n`);
    const { stdout, stderr } = spawnSync("sh", [], { input: `${functions.join("")}${text}`, encoding: "utf8" });
    expect(stderr).toBe("");
    const words = stdout.split("\0").slice(0, -1);
    return words.reduce<string[][]>(
      (all, one) => (one === "\n" ? [...all, []] : [...all.slice(0, -1), [...(all.at(-1) ?? []), one]]),
      [[]],
    );
  };

  fc.assert(
    fc.property(word, word, fc.array(hook, { maxLength: 2 }), (name, path, hooks) => {
      fc.pre(
        [name, path, ...hooks.flatMap(({ container, command }) => [container, ...command])].every(
          (one) => one !== "\n",
        ),
      );
      const job: BackupJob = {
        ...{ service: name, host: "h", folder: name, at: ["02:30"], quiesce: "none", containers: [name] },
        drill: "month",
        keep: { daily: 1, weekly: 2, monthly: 3, yearly: 4 },
        sources: [{ kind: "folder", part: name, name: path }],
        ...{ before: hooks, after: hooks },
      };

      const calls = (which: string): string[][] =>
        hooks.map(({ container, command }) => [which, container, ...command]);
      expect(readBack(serviceConf(job)).slice(0, -1)).toEqual([
        ["service", name, name],
        ["keep", "1", "2", "3", "4"],
        ["quiesce", "none"],
        ["container", name],
        ["folder", name, path],
        ...calls("command_before"),
        ...calls("command_after"),
      ]);
    }),
    { numRuns: 60 },
  );
});
