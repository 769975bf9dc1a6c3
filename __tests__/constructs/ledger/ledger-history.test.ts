import { Volume as DockerVolume } from "@cdktf/provider-docker/lib/volume";
import { TerraformStack } from "cdktf";
import {
  Backup,
  Companion,
  ConfigFile,
  Content,
  Generations,
  HomelabService,
  Host,
  Lab,
  Ledger,
  PostgresDatabase,
  Probe,
  Reload,
  SecretFile,
  StorageLayout,
  Volume,
  type HomelabServiceProps,
  type LedgerEntry,
  type LedgerSecret,
  type Parts,
} from "../../../constructs";
import type { Homelab } from "../../../stacks";
import {
  addresses,
  errorOf,
  host,
  synthesize,
  synthesizeLab,
  type StackJson,
  type Synthesis,
} from "../../support/synthesis";
import { renamed } from "../../support/renamed";

const basic = { image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") } as const;
type Props = Partial<HomelabServiceProps<Parts>> & { readonly on?: string; readonly noData?: true };
type Services = Readonly<Record<string, Props>>;

/** Services by their names; unless they say more, each has a volume, a database with a role of its own and a key. */
function declare(lab: Homelab, services: Services): void {
  for (const [name, { on = "app-01", noData, parts, ...props }] of Object.entries(services)) {
    const key = SecretFile.generated({ length: 32 });
    const db = PostgresDatabase.on(lab.postgres("main"), { application: "separate" });
    const own: Parts = noData ? { key } : { data: Volume.at("/data"), db, key, none: Backup.none("test") };
    new HomelabService(lab.host(on), name, { ...basic, ...props, parts: parts ?? own });
  }
}

interface Step extends Synthesis {
  readonly ledger: Ledger;
}

/** Synthesizes one commit after another, with one ledger and one list of generations. */
function history(...commits: readonly Services[]): Step[] {
  return historyFrom({}, ...commits);
}

function historyFrom(
  entries: Readonly<Record<string, LedgerEntry | LedgerSecret>>,
  ...commits: readonly Services[]
): Step[] {
  const [ledger, generations] = [Ledger.inMemory(entries), Generations.inMemory()];
  return commits.map((services) => ({
    ...synthesizeLab((lab) => declare(lab, services), { ledger, generations }),
    ledger: ledger.copy(),
  }));
}

/** What a deployment leaves: names of what holds data, by address, and what it would have destroyed. */
interface Deployed {
  readonly state: ReadonlyMap<string, string>;
  readonly destroyed: readonly string[];
}

const HOLDING = /^(docker_volume|postgresql_(database|role))\./;

/** Deploys a stack as Terraform does: moves, forgets, and destroys what is not declared. */
function deploy(stack: StackJson | undefined, before: ReadonlyMap<string, string>): Deployed {
  const declared = addresses(stack);
  const state = new Map(before);
  for (const { from, to } of ordered(stack?.moved ?? [])) {
    expect(declared).not.toContain(from); // Terraform: "Moved object still exists"
    const held = state.get(from);
    if (held === undefined || state.has(to)) continue;
    state.delete(from);
    state.set(to, held);
  }
  for (const { from } of stack?.removed ?? []) {
    expect(declared).not.toContain(from); // Terraform: "Removed resource still exists"
    state.delete(from);
  }
  const destroyed = [...state.keys()].filter((address) => !declared.includes(address) && HOLDING.test(address));
  const left = declared.map((address): [string, string] => {
    const [type = "", name = ""] = address.split(".");
    return [address, stack?.resource[type]?.[name].name ?? ""];
  });
  for (const [address, name] of left)
    if (HOLDING.test(address) && state.has(address)) expect([address, state.get(address)]).toEqual([address, name]);
  return { state: new Map(left), destroyed };
}

/** Moves in the order in which Terraform does them; each has one way from and one way to it. */
function ordered(moves: readonly { readonly from: string; readonly to: string }[]): typeof moves {
  for (const end of ["from", "to"] as const) {
    const all = moves.map((move) => move[end]);
    expect(new Set(all).size).toBe(all.length);
  }
  return moves;
}

/** What is destroyed when the commits are deployed, any of them left out. */
function destroyedIn(steps: readonly Step[]): string[] {
  return ["app-01", "app-02", "postgres-main"].flatMap((name) =>
    Array.from({ length: 2 ** (steps.length - 1) }, (_, chosen) => {
      const deployed = steps.filter((_step, index) => index === steps.length - 1 || (chosen >> index) & 1);
      let state: ReadonlyMap<string, string> = new Map();
      return deployed.flatMap((step) => {
        const found = deploy(step.stacks[name], state);
        state = found.state;
        return found.destroyed;
      });
    }).flat(),
  );
}

function mounts(step: Step | undefined, service: string): string[] {
  const containers = Object.values<any>({
    ...step?.stacks["app-01"]?.resource.docker_container,
    ...step?.stacks["app-02"]?.resource.docker_container,
  });
  const { mounts = [] } = containers.find(({ name }) => name === service) ?? {};
  return mounts.filter(({ type }: any) => type === "volume").map(({ source }: any) => source);
}

function secrets(step: Step | undefined, service: string): string[] {
  const found = step?.manifest.services.find(({ name }) => name === service);
  return [...new Set(found?.secrets.map(({ name }) => name))].sort();
}

function database(step: Step | undefined, service: string): string | undefined {
  return step?.manifest.services.find(({ name }) => name === service)?.databases[0]?.name;
}

const renamedPart = (former?: string) => ({
  parts: { files: renamed(former, Volume.at("/data")), none: Backup.none("test") },
});
const onePart = { parts: { data: Volume.at("/data"), none: Backup.none("test") } };

test.each<[string, readonly Services[], string]>([
  ["is tidied away", [{ git: {} }, { forge: { formerly: "git" } }, { forge: {} }], "forge"],
  [
    "is followed by another one",
    [{ git: {} }, { forge: { formerly: "git" } }, { tool: { formerly: "forge" } }, { tool: {} }],
    "tool",
  ],
  ["changes its mind", [{ git: {} }, { forge: { formerly: "git" } }, { tool: { formerly: "git" } }], "tool"],
  ["is taken back", [{ git: {} }, { forge: { formerly: "git" } }, { git: { formerly: "forge" } }, { git: {} }], "git"],
])("a rename that %s keeps data, roles and secrets, whichever commit was deployed last", (_what, commits, service) => {
  const steps = history(...commits);
  const last = steps.at(-1);

  expect(destroyedIn(steps)).toEqual([]);
  expect(mounts(last, service)).toEqual(["git_data"]);
  expect(database(last, service)).toBe("git");
  expect(secrets(last, service)).toEqual(["webservices.git.db_pass", "webservices.git.key"]);
  expect(last?.ledger.tryGet(`${service}/data`)?.address).toBe("docker_volume.git_data");
});

test("a part that is renamed, and its rename tidied away, keeps its data", () => {
  const steps = history({ git: onePart }, { git: renamedPart("data") }, { git: renamedPart() });

  expect(destroyedIn(steps)).toEqual([]);
  expect(mounts(steps.at(-1), "git")).toEqual(["git_data"]);
});

test("two services that swap their names keep what is theirs, also when that stays in the code", () => {
  const swapped: Services = { one: { formerly: "two" }, two: { formerly: "one" } };
  const steps = history({ one: {}, two: {} }, swapped, swapped, { one: {}, two: {} });

  expect(destroyedIn(steps)).toEqual([]);
  for (const step of steps.slice(1)) {
    expect([mounts(step, "one"), mounts(step, "two")]).toEqual([["two_data"], ["one_data"]]);
    expect([database(step, "one"), database(step, "two")]).toEqual(["two", "one"]);
    expect(secrets(step, "one")).toEqual(["webservices.two.db_pass", "webservices.two.key"]);
  }
});

test("two parts that swap their keys keep what is theirs", () => {
  const pair = (one?: string, two?: string) => ({
    parts: {
      one: renamed(one, Volume.at("/one")),
      two: renamed(two, Volume.at("/two")),
      first: renamed(one && "second", SecretFile.generated({ length: 32 })),
      second: renamed(one && "first", SecretFile.generated({ length: 32 })),
      none: Backup.none("test"),
    },
  });
  const steps = history({ app: pair() }, { app: pair("two", "one") }, { app: pair("two", "one") }, { app: pair() });

  expect(destroyedIn(steps)).toEqual([]);
  for (const step of steps.slice(1)) {
    expect(mounts(step, "app")).toEqual(["app_two", "app_one"]);
    expect(step.manifest.services[0]?.secrets.map(({ part, name }) => [part, name])).toEqual([
      ["first", "webservices.app.second"],
      ["second", "webservices.app.first"],
    ]);
  }
});

test("a role that was left before a rename is found again by its database's whole key", () => {
  const db = (lab: Homelab, readOnlyRole: boolean, former?: string) => ({
    parts: {
      db: renamed(former, PostgresDatabase.on(lab.postgres("main"), { readOnlyRole })),
      none: Backup.none("test"),
    },
  });
  const ledger = Ledger.inMemory();
  const declared = (services: (lab: Homelab) => Services) => (lab: Homelab) => declare(lab, services(lab));
  synthesizeLab(
    declared((lab) => ({ git: db(lab, true) })),
    { ledger },
  );
  synthesizeLab(
    declared((lab) => ({ git: db(lab, false) })),
    { ledger },
  );
  synthesizeLab(
    declared((lab) => ({ forge: { ...db(lab, false), formerly: "git" } })),
    { ledger },
  );

  const again = declared((lab) => ({ forge: { ...db(lab, true), formerly: "git" } }));
  expect(errorOf(again, { ledger: ledger.copy() })).toContain(
    `role "git_readonly" on database server "main" is that of "git/db.readonly" in the ledger: if it is the same, say so with 'formerly'`,
  );
  const { stacks } = synthesizeLab(
    declared((lab) => ({ forge: db(lab, true, "git/db") })),
    { ledger },
  );

  expect(stacks["postgres-main"]?.resource.postgresql_role?.git_db_readonly).toMatchObject({
    name: "git_readonly",
    login: true,
  });
});

test("a chain of names that is moved on at once keeps what is theirs", () => {
  const moved: Services = { two: { formerly: "one" }, three: { formerly: "two" } };
  const steps = history({ one: {}, two: {} }, moved, moved, { two: {}, three: {} });

  expect(destroyedIn(steps)).toEqual([]);
  expect([mounts(steps.at(-1), "two"), mounts(steps.at(-1), "three")]).toEqual([["one_data"], ["two_data"]]);
});

test("a new service that takes the name of a renamed one gets addresses and secrets of its own", () => {
  const named = {
    parts: {
      data: Volume.at("/data", { name: "new-git" }),
      key: SecretFile.generated({ length: 32 }),
      none: Backup.none("test"),
    },
  };
  const together: Services = { forge: { formerly: "git" }, git: named };
  const steps = history({ git: {} }, together, together, { git: named, forge: {} });

  expect(destroyedIn(steps)).toEqual([]);
  for (const step of steps.slice(1)) {
    expect([mounts(step, "forge"), mounts(step, "git")]).toEqual([["git_data"], ["new-git"]]);
    expect(step.ledger.tryGet("git/data")?.address).toBe("docker_volume.git_data_2");
    expect([secrets(step, "forge"), secrets(step, "git")]).toEqual([
      ["webservices.git.db_pass", "webservices.git.key"],
      ["webservices.git.key_2"],
    ]);
  }
});

test("a service without data keeps its secrets, as a rename is tidied away and its name taken", () => {
  const stateless = { noData: true } as const;
  const steps = history(
    { git: stateless },
    { forge: { ...stateless, formerly: "git" } },
    { tool: { ...stateless, formerly: "forge" } },
    { tool: stateless, git: stateless },
  );

  expect(secrets(steps.at(-1), "tool")).toEqual(["webservices.git.key"]);
  expect(secrets(steps.at(-1), "git")).toEqual(["webservices.git.key_2"]);
  expect(Object.fromEntries(steps.at(-1)?.ledger.secrets ?? [])).toEqual({
    "git/secret:key": { kind: "secret", name: "webservices.git.key_2" },
    "tool/secret:key": {
      kind: "secret",
      name: "webservices.git.key",
      formerKeys: ["git/secret:key", "forge/secret:key"],
    },
  });
});

test("a companion keeps volume, database and password when its rename is tidied away", () => {
  const own = (key: string, former?: string) => ({
    parts: {
      [key]: renamed(former, Companion.postgres({ image: "postgres:17.2" })),
      none: Backup.none("test"),
    },
  });
  const steps = history(
    { app: own("db") },
    { library: { ...own("store", "db"), formerly: "app" } },
    { library: own("store") },
  );

  const container = steps.at(-1)?.stacks["app-01"]?.resource.docker_container?.library_store;
  expect(destroyedIn(steps)).toEqual([]);
  expect(mounts(steps.at(-1), "library-store")).toEqual(["app_db_data"]);
  expect(container.env).toContain("POSTGRES_DB=app");
  expect(secrets(steps.at(-1), "library")).toEqual(["webservices.app.db_pass"]);
});

test("data moves into a companion, and to another service, by its whole key", () => {
  const inCompanion = (former?: string) => ({
    parts: {
      queue: Companion.container({
        ...basic,
        port: 1,
        parts: { data: renamed(former, Volume.at("/data")) },
      }),
      none: Backup.none("test"),
    },
  });
  const steps = history({ app: onePart }, { app: inCompanion("app/data") }, { app: inCompanion() });
  const other = history({ app: onePart, tool: { noData: true } }, { tool: { ...renamedPart("app/data") } });

  expect(destroyedIn(steps)).toEqual([]);
  expect(mounts(steps.at(-1), "app-queue")).toEqual(["app_data"]);
  expect(destroyedIn(other)).toEqual([]);
  expect(mounts(other.at(-1), "tool")).toEqual(["app_data"]);
});

test("what came by its whole key may get more data, while the code still says where it came from", () => {
  const queue = (more: Parts) => ({
    parts: {
      queue: renamed(
        "app/queue",
        Companion.container({ ...basic, port: 1, parts: { data: Volume.at("/d"), ...more } }),
      ),
      none: Backup.none("test"),
    },
  });
  const own = {
    parts: {
      queue: Companion.container({ ...basic, port: 1, parts: { data: Volume.at("/d") } }),
      none: Backup.none("test"),
    },
  };
  const steps = history(
    { app: own, tool: { noData: true } },
    { app: { noData: true }, tool: queue({}) },
    { app: { noData: true }, tool: queue({ more: Volume.at("/more") }) },
  );

  expect(destroyedIn(steps)).toEqual([]);
  expect(mounts(steps.at(-1), "tool-queue")).toEqual(["app_queue_data", "tool_queue_more"]);
});

test("a lab without a ledger yet believes a whole key", () => {
  expect(mounts(history({ tool: renamedPart("git/data") })[0], "tool")).toEqual(["tool_files"]);
});

test("two services that gave one another a part and exchange their names keep their own data and secrets", () => {
  const data = (former?: string): Parts => ({
    data: renamed(former, Volume.at("/data")),
    key: SecretFile.generated({ length: 32 }),
    none: Backup.none("test"),
  });
  const given = (former?: string): Parts => ({
    more: renamed(former, Volume.at("/more")),
    token: renamed(former?.replace("spare", "spareKey"), SecretFile.generated({ length: 32 })),
    none: Backup.none("test"),
  });
  const spare = { spare: Volume.at("/spare"), spareKey: SecretFile.generated({ length: 32 }) };
  const steps = history(
    { git: { parts: { ...data(), ...spare } }, forge: { parts: {} } },
    { git: { parts: data() }, forge: { parts: given("git/spare") } },
    { forge: { formerly: "git", parts: data() }, git: { formerly: "forge", parts: given() } },
    { forge: { parts: data() }, git: { parts: given() } },
  );

  expect(destroyedIn(steps)).toEqual([]);
  expect(steps[1]?.ledger.tryGet("forge/more")).toMatchObject({ formerKeys: ["git/spare"], movedFrom: "git/spare" });
  for (const step of steps.slice(2)) {
    expect(mounts(step, "forge")).toEqual(["git_data"]);
    expect(mounts(step, "git")).toEqual(["git_spare"]);
    expect([secrets(step, "forge"), secrets(step, "git")]).toEqual([
      ["webservices.git.key"],
      ["webservices.git.spare_key"],
    ]);
  }
});

test("data that goes to another host and comes back is at its old place, and only the other copy is forgotten", () => {
  const acknowledge = { "relocation:data": "by tar" };
  const there = { ...onePart, on: "app-02", acknowledge };
  const back = { ...onePart, acknowledge: { "relocation:data": "by tar, back again" } };
  const steps = history({ app: onePart }, { app: there }, { app: back });
  const last = steps.at(-1);

  expect(destroyedIn(steps)).toEqual([]);
  expect(last?.stacks["app-01"]?.removed).toBeUndefined();
  expect(last?.stacks["app-02"]?.removed).toEqual([{ from: "docker_volume.app_data", lifecycle: { destroy: false } }]);
  expect(last?.ledger.tryGet("app/data")).toEqual({
    kind: "volume",
    host: "app-01",
    address: "docker_volume.app_data",
    name: "app_data",
    previous: [{ host: "app-02", address: "docker_volume.app_data", name: "app_data" }],
    relocation: "by tar, back again",
  });
});

test("a reason for one move is none for the next, and may stay in the code", () => {
  const acknowledge = { "relocation:data": "by tar" };
  const there = { ...onePart, on: "app-02", acknowledge };
  const steps = history({ app: onePart }, { app: there }, { app: there });

  expect(steps[2]?.ledger.toString()).toBe(steps[1]?.ledger.toString());
  expect(errorOf((lab) => declare(lab, { app: { ...onePart, acknowledge } }), { ledger: steps[2]?.ledger })).toContain(
    `copy the data, then say how in acknowledge("relocation:data", "…"), in other words than "by tar", which is of the move before`,
  );
});

test("a return to where a copy was left has to be acknowledged, and says that the copy is old", () => {
  const [, moved] = history(
    { app: onePart },
    { app: { ...onePart, on: "app-02", acknowledge: { "relocation:data": "by tar" } } },
  );

  expect(errorOf((lab) => declare(lab, { app: onePart }), { ledger: moved?.ledger })).toContain(
    'to volume "app_data" on host "app-01", which has what was left there when it moved away: copy the data',
  );
});

const volume = (address: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  kind: "volume",
  host: "app-01",
  address: `docker_volume.${address}`,
  name: "git_data",
  ...more,
});

describe("a state that an older version left", () => {
  test("is moved on from each address, also when the rename is tidied away", () => {
    const steps = historyFrom(
      { "forge/data": volume("forge_data") },
      { forge: { ...onePart, formerly: "git" } },
      { forge: onePart },
      { tool: { ...onePart, formerly: "forge" } },
    );

    for (const { stacks } of steps)
      expect(stacks["app-01"]?.moved).toContainEqual({
        from: "docker_volume.git_data",
        to: "docker_volume.forge_data",
      });
    for (const { stacks } of steps)
      expect(deploy(stacks["app-01"], new Map([["docker_volume.git_data", "git_data"]])).destroyed).toEqual([]);
  });

  test("is forgotten at each address when the holder is removed", () => {
    const [, last] = historyFrom(
      { "forge/data": volume("forge_data") },
      { forge: { ...onePart, formerly: "git" } },
      {},
    );

    expect(last?.stacks["app-01"]?.removed).toEqual([
      { from: "docker_volume.forge_data", lifecycle: { destroy: false } },
      { from: "docker_volume.git_data", lifecycle: { destroy: false } },
    ]);
  });

  test("has its role moved to where it is released", () => {
    const role: LedgerEntry = {
      kind: "role",
      server: "main",
      address: "postgresql_role.forge_db_owner",
      formerAddresses: ["postgresql_role.git_db_owner"],
      name: "git",
    };
    const [last] = historyFrom({ "forge/db.owner": role }, {});

    expect(last?.stacks["postgres-main"]?.moved).toEqual([
      { from: "postgresql_role.git_db_owner", to: "postgresql_role.forge_db_owner" },
    ]);
    expect(last?.stacks["postgres-main"]?.resource.postgresql_role?.forge_db_owner.login).toBe(false);
  });

  test("is left where the ledger knows that the name was another's", () => {
    const entries = { "forge/data": volume("forge_data"), "git/data": volume("git_data", { name: "other" }) };
    const [last] = historyFrom(entries, { forge: onePart, git: onePart });

    expect(last?.stacks["app-01"]?.moved).toBeUndefined();
    expect(mounts(last, "git")).toEqual(["other"]);
  });
});

test("a folder's former address is left to what else has it by now: its resource holds nothing", () => {
  const folder = (name: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
    kind: "folder",
    host: "app-01",
    address: `null_resource.${name}`,
    name: "/opt/homelab/data/app/data",
    ...more,
  });
  const formerAddresses = ["null_resource.one", "null_resource.app_etc_app"];
  const ledger = Ledger.inMemory({ "app/data": folder("app_data", { formerAddresses }) });
  const settings = ConfigFile.at("/etc/app/conf", Content.text("a"), { onChange: Reload.restart() });

  const { stacks } = synthesizeLab(
    (lab) =>
      new HomelabService(lab.host("app-01"), "app", {
        ...basic,
        parts: { data: Volume.at("/data"), settings, none: Backup.none("test") },
      }),
    { ledger, hosts: [host("app-01", 11, { storage: StorageLayout.optHomelab() })] },
  );

  expect(addresses(stacks["app-01"])).toContain("null_resource.app_etc_app");
  expect(stacks["app-01"]?.moved).toEqual([{ from: "null_resource.one", to: "null_resource.app_data" }]);
});

test("what belongs to a database stays at its address: a grant made again would be taken away after it was given", () => {
  const steps = history({ git: {} }, { forge: { formerly: "git" } }, { forge: {} });
  const grants = (step: Step | undefined): string[] =>
    addresses(step?.stacks["postgres-main"]).filter((address) => /grant|privileges/.test(address));

  expect(grants(steps[0])).toContain("postgresql_grant.git_db_app_connect");
  for (const step of steps) expect(grants(step)).toEqual(grants(steps[0]));
  const [older] = historyFrom(
    {
      "forge/db": { kind: "database", server: "main", address: "postgresql_database.forge_db", name: "git" },
    },
    { forge: { formerly: "git" } },
  );
  expect(older?.stacks["postgres-main"]?.moved).toContainEqual({
    from: "postgresql_grant.git_db_app_connect",
    to: "postgresql_grant.forge_db_app_connect",
  });
});

test("the same synthesis again changes nothing in the ledger", () => {
  const commits: readonly Services[] = [
    { one: { formerly: "older" }, two: {} },
    { one: { formerly: "two" }, two: { formerly: "one" } },
    { three: { formerly: "one" }, two: { formerly: "one" }, one: { noData: true } },
  ];
  const steps = history(...commits.flatMap((commit) => [commit, commit, commit]));

  for (const [index, { ledger }] of steps.entries())
    expect(ledger.toString()).toBe(steps[index - (index % 3)]?.ledger.toString());
});

const git = volume("git_data");

describe("fails, and leaves the ledger as it was,", () => {
  test.each<[string, Services, Record<string, LedgerEntry>, string]>([
    [
      "for a 'formerly' that the history does not bear out",
      { forge: { ...onePart, formerly: "git" } },
      { "forge/data": volume("forge_data", { name: "forge_data" }), "git/data": git },
      `service "forge": part "data": 'formerly' says that "forge/data" was "git/data", and the ledger has both, each of its own: remove 'formerly', or let go of "forge/data": where it was never deployed take its line out, else remove the part from the code, synthesize, and run "homelab retire forge/data"`,
    ],
    [
      "for a 'formerly' that names what another service has",
      { git: onePart, forge: { ...onePart, formerly: "git" } },
      { "git/data": git },
      `service "forge": part "data": 'formerly' says that "forge/data" was "git/data", which service "git": part "data" has: remove 'formerly', or, where service "git": part "data" is new and takes the name, declare what was renamed before it`,
    ],
    [
      "for two that were the same",
      { forge: { ...onePart, formerly: "git" }, tool: { ...onePart, formerly: "git" } },
      { "git/data": git },
      `service "tool": part "data": "forge/data" and "tool/data" were both "git/data", as 'formerly' says: remove it from one of them`,
    ],
    [
      "for a name that a renamed holder has",
      { git: onePart },
      { "forge/data": { ...git, formerKeys: ["git/data"] } },
      `service "git": part "data": volume "git_data" on host "app-01" is that of "forge/data" in the ledger, which was "git/data": if it is the same, say so with 'formerly', else give it a 'name' of its own or another key, or let go of what nothing declares any more with "homelab retire forge/data"`,
    ],
    [
      "for a name that a released holder has",
      { app: { parts: { data: Volume.at("/data", { name: "git_data" }), none: Backup.none("test") } } },
      { "git/data": git },
      `service "app": part "data": volume "git_data" on host "app-01" is that of "git/data" in the ledger: if it is the same, say so with 'formerly', else give it a 'name' of its own`,
    ],
    [
      "for a name that a holder has left elsewhere",
      {
        app: { parts: { data: Volume.at("/data", { name: "git_data" }), none: Backup.none("test") } },
        git: { ...onePart, on: "app-02" },
      },
      {
        "git/data": { ...git, host: "app-02", previous: [{ host: "app-01", address: git.address, name: "git_data" }] },
      },
      `volume "git_data" on host "app-01" is that of "git/data" in the ledger`,
    ],
    [
      "for a rename to the key of what was retired",
      { git: { ...onePart, formerly: "wiki" } },
      { "git/data": { ...git, retired: true }, "wiki/data": volume("wiki_data", { name: "wiki_data" }) },
      `part "data" would be volume "git_data", and "git/data" of the ledger was retired with that key or name`,
    ],
    [
      "for data that a branch added under the name before, where nothing says any more that it was renamed",
      { forge: {} },
      {
        "forge/data": { ...git, formerKeys: ["git/data"] },
        "git/db": { kind: "database", server: "main", address: "postgresql_database.git_db", name: "git" },
      },
      `service "forge": part "db": "forge/db" is new, and "git/db" was left behind under the name before: if it is the same, say formerly("git/db", …) of the part itself; if not, give it another key, or let go of what was left with "homelab retire git/db"`,
    ],
    [
      "for a whole key that is mistyped",
      { tool: renamedPart("gti/data") },
      { "git/data": git },
      `service "tool": part "files": formerly("gti/data", …) is of nothing that the ledger has or had, so that "tool/files" would start empty: name "git/data", or remove formerly() if it is new`,
    ],
    [
      "for a whole key of a companion that is like none",
      { tool: { parts: { db: renamed("wiki/db", Companion.postgres({ image: "postgres:17.2" })) } } },
      { "git/data": git },
      `service "tool": part "db.data": formerly("wiki/db", …) is of nothing that the ledger has or had, so that "tool/db/data" would start empty: name a key of the ledger, or remove formerly() if it is new`,
    ],
    [
      "for data that a rename left behind",
      { forge: { formerly: "git" } },
      {
        "forge/data": { ...git, formerKeys: ["git/data"] },
        "git/db": { kind: "database", server: "main", address: "postgresql_database.git_db", name: "git" },
      },
      `service "forge": part "db": "forge/db" is new, and "git/db" was left behind under the name before: if it is the same, say formerly("git/db", …) of the part itself; if not, give it another key, or let go of what was left with "homelab retire git/db"`,
    ],
  ])("%s", (_what, services, entries, message) => {
    const ledger = Ledger.inMemory(entries);
    const before = ledger.toString();

    expect(errorOf((lab) => declare(lab, services), { ledger })).toContain(message);
    expect(ledger.toString()).toBe(before);
  });

  test("for a resource at an address by which a state may know data", () => {
    const entries = { "git/data": volume("git_data", { formerAddresses: ["docker_volume.own"] }) };

    expect(
      errorOf(
        (lab) => {
          declare(lab, { git: onePart });
          new DockerVolume(TerraformStack.of(lab.host("app-01")), "own", { name: "own" });
        },
        { ledger: Ledger.inMemory(entries) },
      ),
    ).toContain(
      'stack "app-01": "app-01/own" would have the address docker_volume.own, by which a state may know the data of "git/data" in the ledger, rename it',
    );
  });

  test("for a database named as the server's administrator", () => {
    const postgres = { main: { host: "db.example.org", adminRole: "keeper" } };

    expect(errorOf((lab) => declare(lab, { keeper: {} }), { postgres })).toContain(
      `service "keeper", part "db": role "keeper" is the administrator of database server "main", give the database another 'name'`,
    );
  });

  test("for roles of a released database, which are names as well", () => {
    const [, last] = history({ "shop-app": {} }, {});

    expect(errorOf((lab) => declare(lab, { shop: {} }), { ledger: last?.ledger })).toContain(
      `service "shop": part "db.app": role "shop_app" on database server "main" is that of "shop-app/db.owner" in the ledger`,
    );
  });

  test("for a folder in that of a released holder", () => {
    const entry: LedgerEntry = { kind: "folder", host: "app-01", address: "null_resource.git_data", name: "/srv/git" };
    const parts = { data: Volume.at("/data", { name: "/srv/git/sub" }), none: Backup.none("test") };
    const hosts = [host("app-01", 11, { storage: StorageLayout.serviceFolders("/mnt/data") })];

    expect(
      errorOf((lab) => declare(lab, { app: { parts } }), {
        ledger: Ledger.inMemory({ "git/data": entry }),
        hosts,
      }),
    ).toContain(
      `folder "/srv/git/sub" on host "app-01" is, holds or lies in "/srv/git" of "git/data" in the ledger: if it is the same, say so with 'formerly', else give it`,
    );
  });

  test("for a secret that is known by both names", () => {
    const generations = Generations.inMemory({ "webservices.git.key": 1, "webservices.forge.key": 2 });

    expect(errorOf((lab) => declare(lab, { forge: { noData: true, formerly: "git" } }), { generations })).toContain(
      `service "forge": its secret "key" was "webservices.git.key", as 'formerly' says, and is known as "webservices.forge.key" as well: remove 'formerly' to keep the latter`,
    );
  });
});

test("in a stack of one's own what holds data keeps its address as well", () => {
  const ledger = Ledger.inMemory();
  const own = (name: string, formerly?: string): StackJson | undefined =>
    synthesize((app) => {
      Lab.of(app).configure({ ledger });
      const box = new Host(new TerraformStack(app, "own"), "box", host("box", 1));
      new HomelabService(box, name, { ...basic, ...onePart, formerly });
    }).stacks.own;

  const volumes = (stack: StackJson | undefined) =>
    addresses(stack).filter((address) => address.startsWith("docker_volume."));
  const first = volumes(own("git"));

  expect(first).toHaveLength(1);
  expect(volumes(own("forge", "git"))).toEqual(first);
  expect(volumes(own("forge"))).toEqual(first);
  expect(ledger.tryGet("forge/data")).toMatchObject({ address: first[0], name: "git_data" });
});

test("a database that goes to another server and comes back has its old names there, and its roles log in", () => {
  const on = (server: string) => (lab: Homelab) =>
    declare(lab, {
      app: {
        parts: { db: PostgresDatabase.on(lab.postgres(server)), none: Backup.none("test") },
        acknowledge: { "relocation:db": `by pg_dump, to ${server}` },
      },
    });
  const ledger = Ledger.inMemory();
  const postgres = { main: { host: "db.example.org" }, other: { host: "db2.example.org" } };

  const [, there, back] = ["main", "other", "main"].map((server) => synthesizeLab(on(server), { ledger, postgres }));

  expect(there?.stacks["postgres-main"]?.resource.postgresql_role?.app_db_owner.login).toBe(false);
  expect(back?.stacks["postgres-main"]?.resource.postgresql_role?.app_db_owner.login).toBe(true);
  expect(back?.stacks["postgres-main"]?.removed).toBeUndefined();
  expect(back?.stacks["postgres-other"]?.resource.postgresql_role?.app_db_owner.login).toBe(false);
  expect(back?.stacks["postgres-other"]?.removed).toEqual([
    { from: "postgresql_database.app_db", lifecycle: { destroy: false } },
  ]);
});
