import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Container } from "@cdktf/provider-docker/lib/container";
import { TerraformStack, type App, type TerraformResource } from "cdktf";
import {
  Access,
  Backup,
  Companion,
  ConfigFile,
  Content,
  Generations,
  HomelabService,
  Ingress,
  Ledger,
  Need,
  type Parts,
  Port,
  PostgresDatabase,
  Probe,
  Reload,
  Route,
  SecretFile,
  StorageLayout,
  UptimeMonitor,
  Volume,
} from "../../constructs";
import { Homelab, type HomelabConfig } from "../../stacks";
import { exposures, offlinePlan, type PlanReport } from "../../testing";
import { labTests } from "../../docs/examples/lab-test";
import "../../testing/jest";
import { missing, suite } from "../support/programs";
import { host, inventory, synthesize } from "../support/synthesis";
import { renamed } from "../support/renamed";

interface Declared {
  readonly name?: string;
  readonly host?: string;
  readonly formerly?: string;
  readonly image?: string;
  readonly health?: Probe;
  readonly label?: string;
  readonly access?: Access;
  readonly server?: string;
  readonly parts?: Parts;
  readonly acknowledge?: Readonly<Record<string, string>>;
}

const family = Access.twoFactor("group:family");

/** An archive with everything that a service can have. */
function archive(lab: Homelab, changes: Declared = {}): HomelabService {
  const { name = "archive", image = "example/archive:1.0.0", server = "main", label = "docs" } = changes;
  return new HomelabService(lab.host(changes.host ?? "app-01"), name, {
    image,
    port: 80,
    user: "1000:1000",
    health: changes.health ?? Probe.http("/health"),
    formerly: changes.formerly,
    acknowledge: changes.acknowledge,
    parts: {
      web: Route.in(lab.zone("example.com"), { label, access: changes.access ?? family }),
      db: PostgresDatabase.on(lab.postgres(server)),
      key: SecretFile.generated({ length: 64 }),
      queue: Companion.redis({ image: "docker.io/library/redis:7.4.1" }),
      nightly: Backup.nightly(),
      up: UptimeMonitor.http(lab.monitoring),
      ...(changes.parts ?? { data: Volume.at("/data") }),
    },
    environment: ({ db }) => ({ DATABASE_PASSWORD_FILE: db.passwordFile() }),
  });
}

function wiki(
  lab: Homelab,
  parts: Parts = { data: Volume.at("/var/wiki") },
  needs: (HomelabService | Need)[] = [],
  { name = "wiki", formerly }: { readonly name?: string; readonly formerly?: string } = {},
): HomelabService {
  return new HomelabService(lab.host("app-01"), name, {
    formerly,
    image: "example/wiki:1",
    port: 8080,
    health: Probe.none("a test"),
    needs,
    parts: { ...parts, none: Backup.none("a test") },
  });
}

type Declare = (lab: Homelab) => void;

function lab(declare: Declare, overrides: Partial<HomelabConfig> = {}): (app: App) => void {
  return (app) =>
    declare(
      new Homelab(
        app,
        inventory({
          postgres: {
            main: { host: "db.example.org", backedUpBy: "the tests" },
            other: { host: "db2.example.org", backedUpBy: "the tests" },
          },
          ...overrides,
        }),
      ),
    );
}

const plan = (base: Declare, head: Declare): Promise<PlanReport> => offlinePlan(lab(head), { base: lab(base) });
const causes = (report: PlanReport): readonly string[] =>
  report.services.flatMap(({ restarts }) => restarts.flatMap((restart) => restart.causes));
const both: Declare = (home) => {
  archive(home);
  wiki(home);
};

suite("a plan against an earlier lab", missing(["terraform"]), () => {
  jest.setTimeout(60_000);

  test("is empty where nothing but the order changed", async () => {
    const { data, ...rest } = { data: Volume.at("/data"), more: Volume.at("/more") };
    const found = await plan(
      (home) => archive(home, { parts: { data, ...rest } }),
      (home) => archive(home, { parts: { ...rest, data } }),
    );

    expect(found).toChangeNothing();
    expect(found.headline).toBe("Nothing changes.");
  });

  test("restarts one service alone for its image, and says so", async () => {
    const found = await plan(both, (home) => {
      archive(home, { image: "example/archive:1.1.0" });
      wiki(home);
    });

    expect(found).toRestartOnly("archive");
    expect(found).toDestroyNothing();
    expect(found).toKeepData();
    expect(found).not.toExpose("docs.example.com");
    expect(causes(found)).toEqual(["image example/archive:1.0.0 → example/archive:1.1.0"]);
    expect(found.headline).toBe("No data is lost; archive restarts.");
    expect(found.steps.map(({ command }) => command)).toEqual([
      "npx cdktf deploy app-01 --ignore-missing-stack-dependencies",
    ]);
  });

  test.each<[string, Declared, readonly string[]]>([
    ["a label", { label: "papers" }, ["label traefik.http.routers.archive_web.rule"]],
    ["a health check", { health: Probe.http("/healthy") }, ["health check"]],
    ["a mount", { parts: { data: Volume.at("/data"), more: Volume.at("/more") } }, ["mount /more"]],
    [
      "a file that is read at the start",
      { parts: { data: Volume.at("/data"), settings: ConfigFile.at("/etc/archive.conf", Content.text("a = 2\n")) } },
      ["config file /etc/archive.conf"],
    ],
  ])("names %s as what restarts a service", async (_what, changes, expected) => {
    const settings = ConfigFile.at("/etc/archive.conf", Content.text("a = 1\n"));
    const parts = changes.parts && "settings" in changes.parts ? { data: Volume.at("/data"), settings } : undefined;

    const found = await plan(
      (home) => archive(home, { parts }),
      (home) => archive(home, changes),
    );

    expect(found).toRestartOnly("archive");
    expect(found).toKeepData();
    expect(causes(found)).toEqual(expected);
  });

  test("says that a file restarts the program that reads it at its start only", async () => {
    const reading = (text: string, onChange: Reload): Declare => {
      const config = ConfigFile.at("/etc/wiki/wiki.conf", Content.text(text), { onChange });
      return (home) => void wiki(home, { config });
    };
    const [restarts, reloads] = [
      await plan(reading("a", Reload.restart()), reading("b", Reload.restart())),
      await plan(reading("a", Reload.watched()), reading("b", Reload.watched())),
    ];

    expect(restarts.headline).toContain("wiki restarts");
    expect(restarts.services[0]?.restarts).toEqual([{ container: "wiki", causes: ["file wiki.conf"] }]);
    expect(reloads.headline).toContain("wiki changes without a restart");
  });

  test("names the generation of a secret, and who has to set its value", async () => {
    const { generations: _generations, ...rest } = inventory();
    const generation = async (number: number) =>
      offlinePlan(
        lab((home) => archive(home), {
          ...rest,
          generations: Generations.inMemory({ "webservices.archive.key": number }),
        }),
        { base: lab((home) => archive(home)) },
      );

    const found = await generation(2);

    expect(found).toRestartOnly("archive");
    expect(causes(found)).toEqual(["secret file /run/secrets/key, generation 1 → 2"]);
    expect(found.secrets).toEqual([
      {
        name: "webservices.archive.key",
        variable: "TF_VAR_webservices_archive_key",
        stacks: ["app-01"],
        why: "new generation",
      },
    ]);
  });

  test("says that a new password is two deployments, and what fails between them", async () => {
    const { generations: _generations, ...rest } = inventory();
    const declared = (number: number) =>
      lab((home) => archive(home), {
        ...rest,
        postgres: { main: { host: "db.example.org", backedUpBy: "the tests" } },
        generations: Generations.inMemory({ "webservices.archive.db_pass": number }),
      });

    const found = await offlinePlan(declared(2), { base: declared(1) });

    expect(found.steps.map(({ command }) => /deploy (\S+)/.exec(command)?.[1])).toEqual(["postgres-main", "app-01"]);
    expect(found.steps[0]?.why).toBe(
      "archive; new passwords: open connections of archive stay, and new ones fail from here until app-01 is deployed as well, so deploy that right after this",
    );
  });

  test("restarts who asked to restart with what it needs, and names who is interrupted", async () => {
    const needing =
      (image: string, restart: boolean): Declare =>
      (home) => {
        const needed = archive(home, { image });
        wiki(home, {}, [Need.of(needed, { restart })]);
      };

    const together = await plan(needing("example/archive:1", true), needing("example/archive:2", true));
    const apart = await plan(needing("example/archive:1", false), needing("example/archive:2", false));

    expect(together).toRestartOnly("archive", "wiki");
    expect(causes(together)).toContain("archive, which it restarts with");
    expect(apart).toRestartOnly("archive");
    expect(apart.services.find(({ service }) => service === "archive")?.dependents).toEqual(["wiki"]);
  });

  test("moves the addresses of a renamed service, and keeps what it holds", async () => {
    const found = await plan(both, (home) => {
      archive(home, { name: "library", formerly: "archive" });
      wiki(home);
    });

    expect(found).toKeepData();
    expect(found).toRestartOnly("library");
    expect(found.services.map(({ service, change, renamedFrom }) => [service, change, renamedFrom])).toEqual([
      ["library", "renamed", "archive"],
    ]);
    expect(found.data).toEqual([]);
    expect(found.headline).toContain("archive becomes library");
  });

  test("tells a rename that was not declared from what it would do", async () => {
    const found = await plan(both, (home) => {
      archive(home, { name: "library" });
      wiki(home);
    });

    expect(found).not.toKeepData();
    expect(found.data.find(({ holder }) => holder === "archive/data")).toMatchObject({
      risk: "starts-empty",
      message:
        'library starts on the new, empty volume library_data, and archive_data is left behind: if it was renamed, say formerly: "archive"',
    });
    expect(found.headline).toMatch(/^DATA IS LEFT BEHIND by archive\/data, archive\/db;/);
  });

  test("tells a renamed part from a lost one", async () => {
    const moved = await plan(
      (home) => archive(home),
      (home) => archive(home, { parts: { files: renamed("data", Volume.at("/data")) } }),
    );
    const lost = await plan(
      (home) => archive(home),
      (home) => archive(home, { parts: { files: Volume.at("/data") } }),
    );

    expect(moved).toKeepData();
    expect(moved).toDestroyNothing();
    expect(lost).not.toKeepData();
    expect(lost.data[0]?.message).toContain('say formerly("data", …)');
  });

  test("tells whose a resource is by who made it, not by what it is called", async () => {
    const declared =
      (image: string): Declare =>
      (home) => {
        wiki(home, {}, [], { name: "data" });
        archive(home, { image, label: "data" });
      };

    const report = await plan(declared("example/archive:1"), declared("example/archive:2"));
    const all = await offlinePlan(lab(declared("example/archive:1")), { base: "none" });

    expect(report.services.map(({ service }) => service)).toEqual(["archive"]);
    const serviceOf = (address: string) => all.resources.find((resource) => resource.address === address)?.service;
    expect(serviceOf("docker_volume.archive_data")).toBe("archive");
    expect(serviceOf("cloudflare_dns_record.data_example_com_a")).toBe("archive");
    expect(serviceOf("postgresql_database.archive_db")).toBe("archive");
    expect(serviceOf("docker_container.data")).toBe("data");
  });

  test("tells a renamed companion from a lost one, and keeps its data through a chain of names", async () => {
    const postgres = (former?: string) =>
      renamed(former, Companion.postgres({ image: "docker.io/library/postgres:17.2" }));
    const base: Declare = (home) => wiki(home, { db: postgres() });

    const moved = await plan(base, (home) =>
      wiki(home, { store: postgres("db") }, [], { name: "pages", formerly: "wiki" }),
    );
    const lost = await plan(base, (home) => wiki(home, { store: postgres() }));

    expect(moved).toKeepData();
    expect(moved.resources.filter(({ kind }) => kind === "created" || kind === "destroyed")).toEqual([]);
    expect(moved.resources).toContainEqual(
      expect.objectContaining({
        address: "docker_container.pages_store",
        previousAddress: "docker_container.wiki_db",
      }),
    );
    expect(lost).not.toKeepData();
    expect(lost.data[0]?.message).toContain('say formerly("db", …)');
  });

  test("stops a service that moves, copies its data and then starts it", async () => {
    const acknowledge = { "relocation:data": "copied by hand, see the plan" };
    const found = await plan(both, (home) => {
      archive(home, { host: "app-02", acknowledge });
      wiki(home);
    });

    expect(found).not.toKeepData();
    expect(found.services[0]).toMatchObject({
      service: "archive",
      change: "relocated",
      host: "app-02",
      relocatedFrom: "app-01",
    });
    expect(found.data).toMatchObject([{ holder: "archive/data", risk: "relocated", place: "host app-02" }]);
    const steps = found.steps.map(({ command }) => command.replace(/ --ignore.*/, ""));
    expect(steps[0]).toBe("ssh deploy@192.168.1.11 'docker stop archive archive-queue'");
    expect(steps.at(1)).toContain("ssh deploy@192.168.1.11 'sudo tar --numeric-owner -C");
    expect(steps.slice(2)).toEqual(["npx cdktf deploy app-02", "npx cdktf deploy edge", "npx cdktf deploy app-01"]);
  });

  test("tells a service that is renamed and moves at once", async () => {
    const acknowledge = { "relocation:data": "copied by hand, see the plan" };
    const found = await plan(both, (home) => {
      archive(home, { name: "library", formerly: "archive", host: "app-02", acknowledge });
      wiki(home);
    });

    expect(found.services).toMatchObject([
      { service: "library", change: "relocated", renamedFrom: "archive", relocatedFrom: "app-01" },
    ]);
    expect(found.data).toMatchObject([{ risk: "relocated", holder: "library/data", place: "host app-02" }]);
    expect(found.steps[0]?.command).toBe("ssh deploy@192.168.1.11 'docker stop archive archive-queue'");
    expect(found.steps.find(({ why }) => why.startsWith("copies volume"))?.command).toMatch(
      /docker volume inspect .* archive_data\).* \| ssh deploy@192\.168\.1\.12 'docker volume create library_data/,
    );
  });

  test("copies what a folder holds with a command that does so, to another host and into a volume's place", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-copy-"));
    try {
      const place = (name: string): string => path.join(folder, name);
      const layout = (name: string) => StorageLayout.serviceFolders(place(name));
      const hosts = [
        host("app-01", 11, { storage: layout("old place") }),
        host("app-02", 12, { storage: layout("new") }),
      ];
      const acknowledge = { "relocation:data": "by the command of the plan" };
      const found = await offlinePlan(
        lab((home) => archive(home, { host: "app-02", acknowledge }), { hosts }),
        {
          base: lab((home) => archive(home), { hosts }),
        },
      );
      const from = place("old place/archive/data");
      fs.mkdirSync(from, { recursive: true });
      fs.writeFileSync(path.join(from, ".hidden $(touch broken)"), "kept", { mode: 0o640 });
      // Both hosts are this machine: ssh hands its words to a shell, and root needs no sudo.
      fs.mkdirSync(place("bin"));
      fs.writeFileSync(place("bin/ssh"), '#!/bin/sh\nshift\nexec sh -c "$*"\n', { mode: 0o755 });
      fs.writeFileSync(place("bin/sudo"), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });

      const copy = found.steps.find(({ why }) => why.startsWith("copies folder"))?.command ?? "false";
      execFileSync("sh", ["-c", copy], {
        cwd: folder,
        env: { ...process.env, PATH: `${place("bin")}:${process.env.PATH ?? ""}` },
      });

      const copied = place("new/archive/data/.hidden $(touch broken)");
      expect(fs.readFileSync(copied, "utf8")).toBe("kept");
      expect(fs.statSync(copied).mode & 0o777).toBe(0o640);
      expect(fs.readdirSync(folder).sort()).toEqual(["bin", "new", "old place"]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  test("copies data that stays on its host and is kept in another way", async () => {
    const folders = [
      host("app-01", 11, { storage: StorageLayout.serviceFolders("/srv/services") }),
      host("app-02", 12),
    ];
    const acknowledge = { "relocation:data": "by the command of the plan" };
    const found = await offlinePlan(
      lab((home) => archive(home, { acknowledge }), { hosts: folders }),
      {
        base: lab((home) => archive(home)),
      },
    );

    expect(found.data).toMatchObject([{ risk: "relocated", holder: "archive/data", kind: "folder" }]);
    expect(found.steps.map(({ command }) => command.replace(/ --ignore.*/, ""))).toEqual([
      "ssh deploy@192.168.1.11 'docker stop archive archive-queue'",
      expect.stringMatching(
        /^ssh deploy@192.168.1.11 'sudo tar .*docker volume inspect .* \| ssh deploy@192.168.1.11 'sudo mkdir -p/,
      ),
      "npx cdktf deploy app-01",
    ]);
  });

  test("copies data to another layout of folders on the same host", async () => {
    const at = (root: string) => ({
      hosts: [host("app-01", 11, { storage: StorageLayout.serviceFolders(root) }), host("app-02", 12)],
    });
    const acknowledge = { "relocation:data": "by the command of the plan" };

    const found = await offlinePlan(
      lab((home) => archive(home, { acknowledge }), at("/srv/new")),
      { base: lab((home) => archive(home), at("/srv/old")) },
    );

    expect(found.data).toMatchObject([{ risk: "relocated", holder: "archive/data", name: "/srv/new/archive/data" }]);
    expect(found.steps[1]?.command).toMatch(/-C \/srv\/old\/archive\/data .*-C \/srv\/new\/archive\/data /);
  });

  test("copies a database that moves to another server after it was made there", async () => {
    const acknowledge = { "relocation:db": "dumped and restored", "relocation:db.owner": "made anew" };
    const found = await plan(
      (home) => archive(home),
      (home) => archive(home, { server: "other", acknowledge }),
    );

    const steps = found.steps.map(({ command }) => command.replace(/ --ignore.*/, ""));
    expect(steps).toEqual([
      "ssh deploy@192.168.1.11 'docker stop archive archive-queue'",
      "npx cdktf deploy postgres-other",
      "pg_dump -h db.example.org -p 5432 -U postgres -Fc archive | pg_restore -h db2.example.org -p 5432 -U postgres --no-owner --role archive -d archive",
      "ssh deploy@192.168.1.11 'docker start archive archive-queue'",
      "npx cdktf deploy postgres-main",
    ]);
  });

  test("lets go of what a removed service held, and finds it when it comes back", async () => {
    const removed = await plan(both, (home) => wiki(home));
    const gone: Declare = (home) => wiki(home);

    expect(removed).toKeepData();
    expect(removed.data.map(({ risk, name }) => [risk, name])).toEqual([
      ["released", "archive_data"],
      ["released", "archive"],
    ]);
    expect(removed.services[0]).toMatchObject({ service: "archive", change: "removed" });
    expect(removed.addresses.map(({ change, address }) => `${change} ${address}`)).toContain(
      "vanishes https://docs.example.com",
    );
    expect(removed.steps.map(({ command }) => /deploy (\S+)/.exec(command)?.[1] ?? "stop")).toEqual([
      "monitoring",
      "edge",
      "app-01",
      "postgres-main",
    ]);

    const ledger = Ledger.inMemory();
    const first = (declare: Declare) => lab(declare, { ledger: Ledger.inMemory(Object.fromEntries(ledger.entries)) });
    synthesize(lab(both, { ledger }));
    const back = await offlinePlan(first(both), { base: first(gone) });

    expect(back).toKeepData();
    expect(back).toExpose("docs.example.com");
    expect(back.services[0]).toMatchObject({ service: "archive", change: "returns" });
    expect(back.data.map(({ risk, name }) => [risk, name])).toEqual([
      ["returns", "archive_data"],
      ["returns", "archive"],
    ]);
    expect(back.steps[0]?.command).toBe(
      `TF_VAR_homelab_adopt='["postgresql_database.archive_db"]' npx cdktf deploy postgres-main --ignore-missing-stack-dependencies`,
    );
  });

  test("tells access that widens from access that narrows, and who may pass", async () => {
    const change = (before: Access, after: Access) =>
      plan(
        (home) => archive(home, { access: before }),
        (home) => archive(home, { access: after }),
      );

    const wider = await change(family, Access.oneFactor("group:family", "group:friends"));
    const narrower = await change(Access.oneFactor(), family);
    const open = await change(family, Access.public({ reason: "everybody may read" }));
    const hook = await change(family, family.bypass(["/hook"], { reason: "its callers have a token" }));

    expect(wider.access).toEqual([
      {
        address: "docs.example.com",
        service: "archive",
        part: "web",
        container: "archive",
        change: "widens",
        before: ["group:family with two factors"],
        after: ["group:family with one factor", "group:friends with one factor"],
        becomesPublic: false,
      },
    ]);
    expect(narrower.access).toMatchObject([
      { change: "narrows", before: ["everybody with an account with one factor"] },
    ]);
    expect(narrower).not.toExpose("docs.example.com");
    expect(open.access).toMatchObject([
      { change: "widens", after: ["everybody without signing in"], becomesPublic: true },
    ]);
    expect(open.headline).toContain("docs.example.com becomes PUBLIC");
    expect(hook.access).toMatchObject([{ address: "docs.example.com/hook", change: "widens", becomesPublic: true }]);
  });

  test("tells a published port that the internet reaches from one of the LAN", async () => {
    const port =
      (on: "lan" | "everywhere"): Declare =>
      (home) =>
        wiki(home, { ssh: Port.publish(22, { as: 2222, on }) });

    const lan = await plan((home) => wiki(home, {}), port("lan"));
    const open = await plan(port("lan"), port("everywhere"));

    expect(exposures(lan)).toEqual([]);
    expect(exposures(open)).toEqual(["app-01:2222/tcp"]);
    expect(open.headline).toContain("app-01:2222/tcp becomes PUBLIC");
  });

  test("says that a monitor goes with what it recorded", async () => {
    const found = await plan(both, (home) => wiki(home));

    expect(found.notes).toEqual([
      "uptimekuma_monitor_http.archive_up of monitoring goes with everything that it recorded",
    ]);
  });

  test("names data that is destroyed although Terraform would refuse the plan", async () => {
    const keepless = (head: boolean) => (app: App) => {
      const home = new Homelab(app, inventory());
      const service = archive(home);
      if (!head) return;
      // What only an escape hatch can do: another address for the volume, and no word to Terraform of the old one.
      const volume = service.node.findChild("data").node.findChild("Resource") as TerraformResource;
      volume.addOverride("name", "another-name");
    };

    const found = await offlinePlan(keepless(true), { base: keepless(false) });

    expect(found).not.toKeepData();
    expect(found).not.toDestroyNothing();
    expect(found.data).toMatchObject([
      {
        risk: "destroyed",
        holder: "archive/data",
        message: "volume archive_data is destroyed and made anew, empty; Terraform refuses this plan (prevent_destroy)",
      },
    ]);
    expect(found.headline).toMatch(/^DATA IS DESTROYED: volume archive_data;/);
  });

  test("says what the docker provider would plan and never do", async () => {
    const bare = (command: string) => (app: App) => {
      const home = new Homelab(app, inventory());
      const stack = TerraformStack.of(home.host("app-01"));
      new Container(stack, "bare", {
        name: "bare",
        image: "example/bare:1",
        healthcheck: { test: ["CMD", command] },
      });
    };

    const found = await offlinePlan(bare("new"), { base: bare("old") });

    expect(found).toRestartOnly();
    expect(found.notes).toEqual([
      expect.stringMatching(
        /^docker_container.bare of app-01: the docker provider plans a change of healthcheck in place and never carries it out/,
      ),
    ]);
  });

  test("notices a holder that is no longer backed up", async () => {
    const excluded = { nightly: Backup.nightly({ exclude: { data: "made again" } }), data: Volume.at("/data") };

    const found = await plan(
      (home) => archive(home),
      (home) => archive(home, { parts: excluded }),
    );

    expect(found.data).toMatchObject([{ risk: "not-backed-up", holder: "archive/data" }]);
  });

  test("tells a host that left the inventory from one whose services left", async () => {
    const gone = lab((home) => wiki(home), { hosts: [host("app-01", 11)] });

    const found = await offlinePlan(gone, { base: lab((home) => wiki(home)) });

    expect(found.steps).toMatchObject([{ command: "npx cdktf destroy app-02 --ignore-missing-stack-dependencies" }]);
    expect(found.notes).toEqual([expect.stringMatching(/^the code no longer has stack app-02/)]);
    expect(found.headline).toBe("No data is lost; stack app-02 is no longer in the code.");
    expect(found).not.toChangeNothing();
  });

  test("leaves folders of the host alone that a removed service held", async () => {
    const hosts = [host("app-01", 11, { storage: StorageLayout.serviceFolders("/srv/services") }), host("app-02", 12)];
    const found = await offlinePlan(
      lab((home) => wiki(home), { hosts }),
      { base: lab(both, { hosts }) },
    );

    expect(found).toKeepData();
    expect(found.resources.filter(({ kind }) => kind === "released").map(({ address }) => address)).toEqual([
      "null_resource.archive_data",
      "postgresql_database.archive_db",
      "postgresql_role.archive_db_owner",
    ]);
  });

  test("counts what is new against an empty lab", async () => {
    const found = await offlinePlan(lab(both), { base: "none" });

    expect(found).toDestroyNothing();
    expect(found).toExpose("docs.example.com");
    expect(found.services.map(({ service, change }) => `${service} ${change}`)).toEqual([
      "archive added",
      "wiki added",
    ]);
    expect(found.secrets.map(({ name }) => name)).toContain("webservices.archive.db_pass");
  });

  test("fails an expectation with what it found", async () => {
    const found = await plan(both, (home) => {
      archive(home, { image: "example/archive:2.0.0" });
      wiki(home);
    });

    expect(() => expect(found).toRestartOnly("wiki")).toThrow(
      "expected the plan to restart wiki and nothing else\n  archive restarts: archive, image example/archive:1.0.0 → example/archive:2.0.0",
    );
    expect(() => expect(found).not.toKeepData()).toThrow("expected the plan not to keep all data");
    expect(() => expect(found).toExpose("x.example.com")).toThrow("expected the plan to expose x.example.com");
  });

  test("goes through an ingress that changes as addresses that change", async () => {
    const through = { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.through(host("app-02", 12)) } };
    const found = await offlinePlan(lab(both, { zones: through }), { base: lab(both) });

    expect(found).toRestartOnly();
    expect(found.addresses).toMatchObject([
      {
        change: "changes",
        address: "A docs.example.com",
        before: "203.0.113.11, proxied",
        after: "203.0.113.12, proxied",
      },
    ]);
  });
});

suite("the tests of the guide", missing(["terraform"]), labTests);
