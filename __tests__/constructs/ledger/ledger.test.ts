import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  Backup,
  Generations,
  HomelabService,
  Ledger,
  PostgresDatabase,
  Probe,
  SecretFile,
  StorageLayout,
  Volume,
  type HomelabServiceProps,
  type LedgerEntry,
  type Parts,
  type VolumeOptions,
} from "../../../constructs";
import type { Homelab } from "../../../stacks";
import { addresses, errorOf, host, synthesizeLab, type Synthesis } from "../../support/synthesis";
import { renamed } from "../../support/renamed";

const basic = { image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") } as const;

function parts(lab: Homelab): Parts {
  return { data: Volume.at("/data"), db: PostgresDatabase.on(lab.postgres("main")), none: Backup.none("test") };
}

function declare(
  lab: Homelab,
  props: Partial<HomelabServiceProps<Parts>> = {},
  name = "app",
  on = "app-01",
): HomelabService {
  return new HomelabService(lab.host(on), name, { ...basic, parts: parts(lab), ...props });
}

const recorded: Record<string, LedgerEntry> = {
  "app/data": { kind: "volume", host: "app-01", address: "docker_volume.app_data", name: "app_data" },
  "app/db": { kind: "database", server: "main", address: "postgresql_database.app_db", name: "app" },
  "app/db.owner": { kind: "role", server: "main", address: "postgresql_role.app_db_owner", name: "app" },
};

function withLedger(
  entries: Record<string, LedgerEntry>,
  declared: (lab: Homelab) => unknown,
): Synthesis & { readonly ledger: Ledger } {
  const ledger = Ledger.inMemory(entries);
  return { ...synthesizeLab((lab) => void declared(lab), { ledger }), ledger };
}

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-ledger-"));
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
  jest.restoreAllMocks();
});

function inCi<T>(value: string | undefined, run: () => T): T {
  const before = process.env.CI;
  if (value === undefined) delete process.env.CI;
  else process.env.CI = value;
  try {
    return run();
  } finally {
    if (before === undefined) delete process.env.CI;
    else process.env.CI = before;
  }
}

describe("a holder of data", () => {
  test("is added by a person's synthesis, which says so", () => {
    const file = path.join(folder, "ledger.json");

    inCi(undefined, () => synthesizeLab((lab) => void declare(lab), { ledger: Ledger.fromFile(file) }));

    expect(JSON.parse(fs.readFileSync(file, "utf8"))).toEqual({ version: 2, ...recorded });
    expect(process.stderr.write).toHaveBeenCalledWith(
      `${file} changed, commit it: added app/data, app/db.owner, app/db\n`,
    );
  });

  test("fails in CI, with the line to add, and nothing is written", () => {
    const file = path.join(folder, "ledger.json");

    const message = inCi("true", () => errorOf((lab) => declare(lab), { ledger: Ledger.fromFile(file) }));

    expect(message).toContain(
      `service "app": "app/data" is not in ${file}, add the line ,"app/data":${JSON.stringify(recorded["app/data"])}`,
    );
    expect(message).toContain(`"app/db"`);
    expect(fs.existsSync(file)).toBe(false);
  });

  test("keeps the name that it was first given", () => {
    const frozen = { ...recorded, "app/data": { ...recorded["app/data"], name: "old-name" } as LedgerEntry };

    const { stacks } = withLedger(frozen, declare);

    expect(stacks["app-01"]?.resource.docker_volume?.app_data.name).toBe("old-name");
    expect(stacks["app-01"]?.resource.docker_container?.app.mounts[0].source).toBe("old-name");
  });

  test("can't be destroyed or replaced by a plan", () => {
    const { stacks } = withLedger(recorded, declare);

    expect(stacks["app-01"]?.resource.docker_volume?.app_data.lifecycle).toEqual({
      prevent_destroy: true,
      ignore_changes: ["labels", "driver_opts"],
    });
    expect(stacks["postgres-main"]?.resource.postgresql_database?.app_db.lifecycle).toEqual({ prevent_destroy: true });
    expect(stacks["postgres-main"]?.resource.postgresql_role?.app_db_owner.lifecycle).toEqual({
      prevent_destroy: true,
    });
  });
});

describe("what is removed from the code", () => {
  test("is forgotten by Terraform and stays where it is", () => {
    const { stacks, manifest, ledger } = withLedger(recorded, () => undefined);

    expect(stacks["app-01"]?.removed).toEqual([{ from: "docker_volume.app_data", lifecycle: { destroy: false } }]);
    expect(stacks["postgres-main"]?.removed).toEqual([
      { from: "postgresql_database.app_db", lifecycle: { destroy: false } },
    ]);
    expect(manifest.ledger["app/data"]).toEqual({ ...recorded["app/data"], released: true });
    expect([...ledger.entries.keys()]).toEqual(Object.keys(recorded));
  });

  test("lets go of an extension, on which tables may depend", () => {
    const address = "postgresql_extension.app_db_extension_citext";
    const extension: LedgerEntry = { kind: "extension", server: "main", address, name: "app.citext" };
    const { stacks } = withLedger({ ...recorded, "app/db.extension.citext": extension }, declare);

    expect(stacks["postgres-main"]?.removed).toEqual([{ from: address, lifecycle: { destroy: false } }]);
  });

  test("leaves its role without the right to log in", () => {
    const { stacks } = withLedger(recorded, () => undefined);

    expect(stacks["postgres-main"]?.resource.postgresql_role).toEqual({
      app_db_owner: {
        name: "app",
        login: false,
        skip_drop_role: true,
        skip_reassign_owned: true,
        lifecycle: { prevent_destroy: true },
      },
    });
  });

  test("comes back under its old name", () => {
    const { stacks } = withLedger(
      { ...recorded, "app/data": { ...recorded["app/data"], name: "old" } as LedgerEntry },
      declare,
    );

    expect(stacks["app-01"]?.removed).toBeUndefined();
    expect(stacks["app-01"]?.resource.docker_volume?.app_data.name).toBe("old");
  });

  test("fails when its host left the inventory as well", () => {
    expect(errorOf(() => undefined, { ledger: Ledger.inMemory(recorded), hosts: [host("app-02", 12)] })).toContain(
      `the ledger: "app/data" holds data on host "app-01", which is not in the lab: put it back, or retire the data with "homelab retire app/data"`,
    );
  });
});

describe("what is renamed", () => {
  test("keeps addresses and names of what holds data, and moves everything else", () => {
    const { stacks, ledger } = withLedger(recorded, (lab) => declare(lab, { formerly: "app" }, "tool"));

    expect(addresses(stacks["app-01"])).toContain("docker_volume.app_data");
    expect(stacks["app-01"]?.resource.docker_container?.tool.mounts[0].source).toBe("app_data");
    expect(stacks["postgres-main"]?.resource.postgresql_database?.app_db.name).toBe("app");
    expect(stacks["app-01"]?.moved).toEqual(
      expect.arrayContaining([
        { from: "docker_container.app", to: "docker_container.tool" },
        { from: "docker_network.app_network", to: "docker_network.tool_network" },
      ]),
    );
    expect(JSON.stringify([stacks["app-01"]?.moved, stacks["postgres-main"]?.moved])).not.toMatch(
      /docker_volume|postgresql_(database|role)\./,
    );
    expect(stacks["app-01"]?.removed).toBeUndefined();
    expect(Object.fromEntries(ledger.entries)).toEqual({
      "tool/data": { ...recorded["app/data"], formerKeys: ["app/data"] },
      "tool/db": { ...recorded["app/db"], formerKeys: ["app/db"] },
      "tool/db.owner": { ...recorded["app/db.owner"], formerKeys: ["app/db.owner"] },
    });
  });

  test("as a part moves nothing", () => {
    const { stacks, ledger } = withLedger(recorded, (lab) =>
      declare(lab, {
        parts: {
          files: renamed("data", Volume.at("/data")),
          main: renamed("db", PostgresDatabase.on(lab.postgres("main"))),
          none: Backup.none("test"),
        },
      }),
    );

    expect(stacks["app-01"]?.moved).toBeUndefined();
    expect(stacks["app-01"]?.resource.docker_volume?.app_data.name).toBe("app_data");
    expect(addresses(stacks["postgres-main"])).toEqual(
      expect.arrayContaining(["postgresql_database.app_db", "postgresql_role.app_db_owner"]),
    );
    expect([...ledger.entries.keys()]).toEqual(["app/files", "app/main", "app/main.owner"]);
  });

  test("keeps the secrets under the name that the store knows", () => {
    const generations = Generations.inMemory({ "webservices.app.key": 3 });

    const { manifest } = synthesizeLab(
      (lab) => void declare(lab, { formerly: "app", parts: { key: SecretFile.generated({ length: 32 }) } }, "tool"),
      { generations },
    );

    expect(manifest.services[0]?.secrets).toMatchObject([{ name: "webservices.app.key", generation: 3 }]);
  });
});

describe("a relocation", () => {
  test("names what it holds as the new place does, and leaves the old name where it was", () => {
    const hosts = [
      host("app-01", 11, { storage: StorageLayout.optHomelab() }),
      host("app-02", 12, { storage: StorageLayout.serviceFolders("/mnt/data") }),
    ];
    const before = "/opt/homelab/data/app/data";
    const ledger = Ledger.inMemory({
      ...recorded,
      "app/data": { kind: "folder", host: "app-01", address: "null_resource.app_data", name: before },
    });

    synthesizeLab((lab) => declare(lab, { acknowledge: { "relocation:data": "copied" } }, "app", "app-02"), {
      hosts,
      ledger,
    });

    expect(ledger.tryGet("app/data")).toMatchObject({
      host: "app-02",
      name: "/mnt/data/app/data",
      previous: [{ host: "app-01", name: before }],
    });
  });

  test("fails until somebody says how the data follows", () => {
    expect(errorOf((lab) => declare(lab, {}, "app", "app-02"), { ledger: Ledger.inMemory(recorded) })).toContain(
      `service "app": part "data" moves from volume "app_data" on host "app-01" to volume "app_data" on host "app-02", which starts empty: copy the data, then say how in acknowledge("relocation:data", "…")`,
    );
  });

  test("fails for another storage layout on the same host", () => {
    expect(
      errorOf((lab) => declare(lab), {
        ledger: Ledger.inMemory(recorded),
        hosts: [host("app-01", 11, { storage: StorageLayout.optHomelab() })],
      }),
    ).toContain(
      'moves from volume "app_data" on host "app-01" to folder "/opt/homelab/data/app/data" on host "app-01"',
    );
  });

  describe("to another layout of folders", () => {
    const folder: LedgerEntry = {
      kind: "folder",
      host: "app-01",
      address: "null_resource.app_data",
      name: "/mnt/old/app/data",
    };
    const own = (options: VolumeOptions = {}) => ({
      parts: { data: Volume.at("/data", options), none: Backup.none("test") },
    });
    const on = (root: string, ledger = Ledger.inMemory({ "app/data": folder })) => ({
      ledger,
      hosts: [host("app-01", 11, { storage: StorageLayout.serviceFolders(root) })],
    });

    test.each(["/srv/new", "/mnt", "/mnt/old/app"])("fails for %s", (root) => {
      expect(errorOf((lab) => declare(lab, own()), on(root))).toContain(
        `service "app": part "data" moves from folder "/mnt/old/app/data" on host "app-01" to folder "${root}/app/data" on host "app-01", which starts empty: copy the data, then say how in acknowledge("relocation:data", "…"), or leave it where it is by 'name'`,
      );
    });

    test("is done when somebody says how, and remembers the old place", () => {
      const ledger = Ledger.inMemory({ "app/data": folder });
      const acknowledge = { "relocation:data": "by tar" };

      const { stacks } = synthesizeLab((lab) => declare(lab, { ...own(), acknowledge }), on("/srv/new", ledger));
      synthesizeLab((lab) => declare(lab, { ...own(), acknowledge }), on("/srv/new", ledger));

      expect(stacks["app-01"]?.resource.null_resource?.app_data.triggers.path).toBe("/srv/new/app/data");
      expect(ledger.tryGet("app/data")).toMatchObject({
        name: "/srv/new/app/data",
        previous: [{ name: "/mnt/old/app/data" }],
      });
    });

    test("is none where the service was renamed or the folder is named", () => {
      const renamed = synthesizeLab((lab) => declare(lab, { ...own(), formerly: "app" }, "tool"), on("/mnt/old"));
      const named = synthesizeLab((lab) => declare(lab, own({ name: "/mnt/old/app/data" })), on("/srv/new"));

      expect(renamed.stacks["app-01"]?.resource.null_resource?.app_data.triggers.path).toBe("/mnt/old/app/data");
      expect(named.stacks["app-01"]?.resource.null_resource?.app_data.triggers.path).toBe("/mnt/old/app/data");
    });
  });

  test("leaves the old copy where it was, also at later syntheses", () => {
    const acknowledge = { "relocation:data": "copied with rsync" };
    const { ledger } = withLedger(recorded, (lab) => declare(lab, { acknowledge }, "app", "app-02"));

    const { stacks, manifest } = synthesizeLab((lab) => void declare(lab, { acknowledge }, "app", "app-02"), {
      ledger,
    });

    expect(ledger.tryGet("app/data")).toMatchObject({
      host: "app-02",
      previous: [{ host: "app-01", address: "docker_volume.app_data", name: "app_data" }],
    });
    expect(stacks["app-01"]?.removed).toEqual([{ from: "docker_volume.app_data", lifecycle: { destroy: false } }]);
    expect(addresses(stacks["app-02"])).toContain("docker_volume.app_data");
    expect(manifest.services[0]?.acknowledged).toEqual(acknowledge);
  });

  test("replaces nothing outside of its two hosts", () => {
    const other = (lab: Homelab): HomelabService => new HomelabService(lab.host("app-01"), "other", basic);
    const before = withLedger(recorded, (lab) => [declare(lab), other(lab)]);
    const after = withLedger(recorded, (lab) => [
      declare(lab, { acknowledge: { "relocation:data": "copied" } }, "app", "app-02"),
      other(lab),
    ]);

    expect(after.stacks["postgres-main"]).toEqual(before.stacks["postgres-main"]);
    expect(after.stacks["app-01"]?.resource.docker_container?.other).toEqual(
      before.stacks["app-01"]?.resource.docker_container?.other,
    );
  });
});

test("an address is the one that the ledger has, whatever the code would call it", () => {
  const elsewhere = { ...recorded["app/data"], address: "docker_volume.elsewhere" } as LedgerEntry;

  const { stacks } = withLedger({ ...recorded, "app/data": elsewhere }, declare);

  expect(addresses(stacks["app-01"])).toContain("docker_volume.elsewhere");
  expect(addresses(stacks["app-01"])).not.toContain("docker_volume.app_data");
});

describe("a file", () => {
  test("of generations fails for what is none", () => {
    const file = path.join(folder, "secrets.json");
    fs.writeFileSync(file, '{"version": 1, "generations": {"a.b": 0}}');

    expect(() => Generations.fromFile(file)).toThrow(
      'the generation of "a.b" must be a whole number above zero, got 0',
    );
  });

  test("of generations is written sorted, and in CI asked for", () => {
    const file = path.join(folder, "secrets.json");
    const build = (lab: Homelab): unknown => declare(lab, { parts: { key: SecretFile.generated({ length: 32 }) } });

    const message = inCi("true", () => errorOf(build, { generations: Generations.fromFile(file) }));
    inCi(undefined, () => synthesizeLab((lab) => void build(lab), { generations: Generations.fromFile(file) }));

    expect(message).toContain(`secret "webservices.app.key" is not in ${file}, add the line "webservices.app.key": 1`);
    expect(Object.keys(JSON.parse(fs.readFileSync(file, "utf8")).generations)).toEqual([
      "homelab.postgres.main.admin_pass",
      "webservices.app.key",
    ]);
  });
});
