import {
  Backup,
  HomelabService,
  Ledger,
  PostgresDatabase,
  Probe,
  StorageLayout,
  Volume,
  type LedgerEntry,
  type RunPostgres,
} from "../../../constructs";
import type { Homelab, HomelabConfig, HomelabOptions } from "../../../stacks";
import { errorOf, host, synthesizeLab, type StackJson } from "../../support/synthesis";
import { renamed } from "../../support/renamed";

const KEY = "postgres-main/data";
const ADDRESS = "docker_volume.postgres_main_data";
const hosts = [host("app-01", 11), host("app-02", 12)] as const;
const image = "docker.io/library/postgres:17.2";

const run = (on = hosts[0], more: Partial<RunPostgres> = {}): HomelabConfig["postgres"] => ({
  main: { on, image, ...more },
});
const elsewhere: HomelabConfig["postgres"] = { main: { host: "db.example.org" } };

type Lab = HomelabOptions & Partial<HomelabConfig>;

/** The stacks of a lab whose ledger is what earlier ones left. */
function stacksOf(ledger: Ledger, { environment, ...lab }: Lab, declare: (lab: Homelab) => void = () => undefined) {
  return synthesizeLab(declare, { ledger, hosts: [...hosts], ...lab }, { environment }).stacks;
}

function entry(ledger: Ledger, key = KEY): LedgerEntry | undefined {
  return ledger.entries.get(key);
}

function released(stack: StackJson | undefined): string[] {
  return (stack?.removed ?? []).map(({ from, lifecycle }: { from: string; lifecycle: { destroy: boolean } }) => {
    expect(lifecycle).toEqual({ destroy: false });
    return from;
  });
}

/** The host whose engine a stack reaches. */
function engine(stack: StackJson | undefined): string | undefined {
  return /192\.168\.1\.\d+/.exec(JSON.stringify(stack?.provider.docker ?? ""))?.[0];
}

/** A service by the name that a database server's has. */
function declareService(name: string, former?: string): (lab: Homelab) => void {
  return (lab) => {
    new HomelabService(lab.host("app-01"), name, {
      image: "example/app:1.0.0",
      user: "1:1",
      health: Probe.none("test"),
      parts: { data: renamed(former, Volume.at("/data")), none: Backup.none("test") },
    });
  };
}

describe("the volume of a database server that the lab runs", () => {
  test("is in the ledger with the stack that has it", () => {
    const ledger = Ledger.inMemory();

    const stacks = stacksOf(ledger, { postgres: run() });

    expect(entry(ledger)).toEqual({
      ...{ kind: "volume", host: "app-01", stack: "postgres-main" },
      ...{ address: ADDRESS, name: "postgres_main_data" },
    });
    expect(released(stacks["app-01"])).toEqual([]);
  });

  test("is let go of in that stack when the server is one that exists", () => {
    const ledger = Ledger.inMemory();
    stacksOf(ledger, { postgres: run() });
    const before = ledger.toString();

    const stacks = stacksOf(ledger, { postgres: elsewhere });

    expect(released(stacks["postgres-main"])).toEqual([ADDRESS]);
    expect(released(stacks["app-01"])).toEqual([]);
    expect(ledger.toString()).toBe(before);
  });

  test("leaves that stack the engine on which its container has to be removed, until it is retired and gone", () => {
    const ledger = Ledger.inMemory();
    stacksOf(ledger, { postgres: run(hosts[1]) });

    const after = stacksOf(ledger, { postgres: elsewhere });
    const known = entry(ledger);
    if (known) ledger.set(KEY, { ...known, retired: true });
    const retired = stacksOf(ledger, { postgres: elsewhere });
    ledger.delete(KEY);
    const gone = stacksOf(ledger, { postgres: elsewhere });

    expect([after, retired, gone].map((stacks) => engine(stacks["postgres-main"]))).toEqual([
      "192.168.1.12",
      "192.168.1.12",
      undefined,
    ]);
    expect([after, retired].map((stacks) => released(stacks["postgres-main"]))).toEqual([[ADDRESS], []]);
  });

  test("is found again by a server that the lab runs once more", () => {
    const ledger = Ledger.inMemory();
    stacksOf(ledger, { postgres: run() });
    const before = ledger.toString();
    stacksOf(ledger, { postgres: elsewhere });

    const stacks = stacksOf(ledger, { postgres: run() });

    expect(stacks["postgres-main"]?.resource.docker_volume).toHaveProperty("postgres_main_data");
    expect(released(stacks["postgres-main"])).toEqual([]);
    expect(ledger.toString()).toBe(before);
  });

  test("is in the stack of its environment", () => {
    const ledger = Ledger.inMemory();
    stacksOf(ledger, { postgres: run(), environment: "staging" });

    const stacks = stacksOf(ledger, { postgres: elsewhere, environment: "staging" });

    expect(entry(ledger)).toMatchObject({ host: "app-01", stack: "postgres-main-staging" });
    expect(released(stacks["postgres-main-staging"])).toEqual([ADDRESS]);
  });

  test("stays in the ledger when the server is gone with its stack, and comes back with it", () => {
    const ledger = Ledger.inMemory();
    stacksOf(ledger, { postgres: run() });
    const before = ledger.toString();

    const gone = stacksOf(ledger, { postgres: {} });
    const back = stacksOf(ledger, { postgres: elsewhere });

    expect(Object.keys(gone)).not.toContain("postgres-main");
    expect(released(gone["app-01"])).toEqual([]);
    expect(released(back["postgres-main"])).toEqual([ADDRESS]);
    expect(ledger.toString()).toBe(before);
  });

  test("gets another address beside the one that it left when the server moves to another host", () => {
    const ledger = Ledger.inMemory();
    stacksOf(ledger, { postgres: run() });

    const stacks = stacksOf(ledger, { postgres: run(hosts[1], { relocation: "copied by rsync" }) });

    expect(Object.keys(stacks["postgres-main"]?.resource.docker_volume ?? {})).toEqual(["postgres_main_data_2"]);
    expect(released(stacks["postgres-main"])).toEqual([ADDRESS]);
    expect(engine(stacks["postgres-main"])).toBe("192.168.1.12");
    expect(entry(ledger)).toMatchObject({
      ...{ host: "app-02", stack: "postgres-main", address: `${ADDRESS}_2`, name: "postgres_main_data" },
      previous: [{ host: "app-01", stack: "postgres-main", address: ADDRESS, name: "postgres_main_data" }],
    });
  });

  test("is known by its first address when the server moves back", () => {
    const ledger = Ledger.inMemory();
    stacksOf(ledger, { postgres: run() });
    stacksOf(ledger, { postgres: run(hosts[1], { relocation: "copied by rsync" }) });

    const stacks = stacksOf(ledger, { postgres: run(hosts[0], { relocation: "copied back" }) });

    expect(Object.keys(stacks["postgres-main"]?.resource.docker_volume ?? {})).toEqual(["postgres_main_data"]);
    expect(released(stacks["postgres-main"])).toEqual([`${ADDRESS}_2`]);
  });

  test("fails to move once more with what was said of the move before", () => {
    const ledger = Ledger.inMemory();
    const said = { relocation: "copied by rsync" };
    stacksOf(ledger, { postgres: run() });
    stacksOf(ledger, { postgres: run(hosts[1], said) });
    const before = ledger.toString();

    expect(errorOf(() => undefined, { ledger, hosts: [...hosts], postgres: run(hosts[0], said) })).toContain(
      `which has what was left there when it moved away: copy the data, then say how in 'relocation' of the database server, in other words than "copied by rsync", which is of the move before`,
    );
    expect(ledger.toString()).toBe(before);
  });

  test("fails to move to another host until somebody says how its data follows", () => {
    const ledger = Ledger.inMemory();
    stacksOf(ledger, { postgres: run() });

    expect(errorOf(() => undefined, { ledger, hosts: [...hosts], postgres: run(hosts[1]) })).toContain(
      `service "postgres-main": part "data" moves from volume "postgres_main_data" on host "app-01" to volume "postgres_main_data" on host "app-02", which starts empty: copy the data, then say how in 'relocation' of the database server`,
    );
  });

  test("goes over to another service, and its old stack lets go of it", () => {
    const ledger = Ledger.inMemory();
    stacksOf(ledger, { postgres: run() });

    const stacks = stacksOf(ledger, { postgres: elsewhere }, declareService("db", KEY));

    expect(stacks["app-01"]?.resource.docker_volume?.postgres_main_data).toBeUndefined();
    expect(Object.values<{ name: string }>(stacks["app-01"]?.resource.docker_volume ?? {})).toEqual([
      expect.objectContaining({ name: "postgres_main_data" }),
    ]);
    expect(released(stacks["postgres-main"])).toEqual([ADDRESS]);
    expect(entry(ledger, "db/data")).toMatchObject({
      ...{ host: "app-01", name: "postgres_main_data", formerKeys: [KEY] },
      previous: [{ host: "app-01", stack: "postgres-main", address: ADDRESS, name: "postgres_main_data" }],
    });
  });

  test("has a folder as well, which no state destroys", () => {
    const ledger = Ledger.inMemory();
    const inFolders = host("app-01", 11, { storage: StorageLayout.serviceFolders("/srv/data") });
    const lab = { hosts: [inFolders, hosts[1]] };
    stacksOf(ledger, { ...lab, postgres: run(inFolders) });

    const stacks = stacksOf(ledger, { ...lab, postgres: elsewhere });

    expect(entry(ledger)).toMatchObject({ kind: "folder", stack: "postgres-main" });
    expect(engine(stacks["postgres-main"])).toBe("192.168.1.11");
    expect(released(stacks["postgres-main"])).toEqual([]);
  });

  test("has a folder at another address on another host, where it has to be made", () => {
    const ledger = Ledger.inMemory();
    const storage = StorageLayout.serviceFolders("/srv/data");
    const [one, two] = [host("app-01", 11, { storage }), host("app-02", 12, { storage })];
    stacksOf(ledger, { hosts: [one, two], postgres: run(one) });

    stacksOf(ledger, { hosts: [one, two], postgres: run(two, { relocation: "copied by rsync" }) });

    expect(entry(ledger)).toMatchObject({ host: "app-02", address: "null_resource.postgres_main_data_2" });
  });
});

describe("a line that an earlier version wrote without a stack", () => {
  const old: LedgerEntry = { kind: "volume", host: "app-01", address: ADDRESS, name: "postgres_main_data" };

  test("stays as it is, and is guarded in both stacks that may have it", () => {
    const ledger = Ledger.inMemory({ [KEY]: old });
    const before = ledger.toString();

    const declared = stacksOf(ledger, { postgres: run() });
    const after = stacksOf(ledger, { postgres: elsewhere });

    expect(declared["postgres-main"]?.resource.docker_volume).toHaveProperty("postgres_main_data");
    expect(released(declared["app-01"])).toEqual([ADDRESS]);
    expect(["app-01", "postgres-main"].map((name) => released(after[name]))).toEqual([[ADDRESS], [ADDRESS]]);
    expect(engine(after["postgres-main"])).toBe("192.168.1.11");
    expect(ledger.toString()).toBe(before);
  });

  test("may be that of a service on the host, by the name that a server's would have", () => {
    const ledger = Ledger.inMemory({ [KEY]: old });
    const before = ledger.toString();

    const stacks = stacksOf(ledger, { postgres: elsewhere }, declareService("postgres-main"));

    expect(stacks["app-01"]?.resource.docker_volume).toHaveProperty("postgres_main_data");
    expect(released(stacks["postgres-main"])).toEqual([ADDRESS]);
    expect(ledger.toString()).toBe(before);
  });

  test("keeps its address from whatever comes in either stack", () => {
    const ledger = Ledger.inMemory({ [KEY]: { ...old, host: "app-02" } });

    stacksOf(ledger, { postgres: run(hosts[0], { relocation: "copied by rsync" }) });

    expect(entry(ledger)).toMatchObject({ host: "app-01", address: `${ADDRESS}_2` });
  });

  test("is that of a server in two stacks after the server was another service", () => {
    const ledger = Ledger.inMemory({ [KEY]: old });

    const stacks = stacksOf(ledger, { postgres: elsewhere }, declareService("db", KEY));

    expect(Object.keys(stacks["app-01"]?.resource.docker_volume ?? {})).toEqual(["postgres_main_data"]);
    expect(released(stacks["postgres-main"])).toEqual([ADDRESS]);
  });
});

test("what is in a database server's stack by itself stays there, whoever runs the server", () => {
  const ledger = Ledger.inMemory();
  const declare = (lab: Homelab): void => {
    new HomelabService(lab.host("app-01"), "git", {
      image: "example/app:1.0.0",
      user: "1:1",
      health: Probe.none("test"),
      parts: { db: PostgresDatabase.on(lab.postgres("main")), none: Backup.none("test") },
    });
  };
  stacksOf(ledger, { postgres: run() }, declare);

  const stacks = stacksOf(ledger, { postgres: elsewhere });

  expect(released(stacks["postgres-main"])).toEqual([ADDRESS, "postgresql_database.git_db"]);
  expect(stacks["postgres-main"]?.resource.postgresql_role).toHaveProperty("git_db_owner");
});
