import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { homelab } from "../../cli/homelab";
import {
  Backup,
  Generations,
  HomelabService,
  HostPath,
  Ledger,
  PostgresDatabase,
  Probe,
  SecretFile,
  StorageLayout,
  Volume,
  type LedgerEntry,
  type Parts,
} from "../../constructs";
import { Backend, Homelab } from "../../stacks";
import { host, inventory } from "../support/synthesis";

let folder: string;
let printed: string[];

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-retire-"));
  for (const name of ["state", "bin", "there"]) fs.mkdirSync(path.join(folder, name));
  // Every host is this machine, with an engine and a server that have what is in files.
  place("ssh", "echo Welcome back; exec sh -s");
  place("docker", `cat "${there("volumes")}"`);
  place("psql", `cat "${there("names")}"`);
  for (const name of ["volumes", "names"]) fs.writeFileSync(there(name), "");
  jest.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  const programs = `${path.join(folder, "bin")}:${process.env.PATH ?? ""}`;
  jest.replaceProperty(process, "env", { ...process.env, CI: "", PATH: programs });
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const there = (name: string): string => path.join(folder, "there", name);
/** A program that is found before the machine's. */
function place(name: string, script: string): void {
  fs.writeFileSync(path.join(folder, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}
const ledgerFile = (): string => path.join(folder, "ledger.json");
const ledger = (): Ledger => Ledger.fromFile(ledgerFile());
const generations = (): Generations => Generations.fromFile(path.join(folder, "generations.json"));

type Services = Readonly<Record<string, { on: string; parts: Parts; formerly?: string }>>;

/** Synthesizes a lab whose first host keeps volumes, and whose second one folders. */
function synthesize(services: (lab: Homelab) => Services): Homelab {
  const app = new App({ outdir: path.join(folder, "out") });
  const lab = new Homelab(
    app,
    inventory({
      hosts: [host("app-01", 11), host("media-01", 12, { storage: StorageLayout.serviceFolders("/mnt/data") })],
      backend: Backend.local({ directory: path.join(folder, "state") }),
      ledger: ledger(),
      generations: generations(),
    }),
  );
  for (const [name, { on, parts, formerly }] of Object.entries(services(lab))) {
    new HomelabService(lab.host(on), name, {
      ...{ image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") },
      parts: { ...parts, none: Backup.none("test") },
      formerly,
    });
  }
  app.synth();
  return lab;
}

async function run(...words: string[]): Promise<string> {
  printed = [];
  await homelab().parseAsync(["--out", path.join(folder, "out"), ...words], { from: "user" });
  return printed.join("\n");
}

/** A state of a stack that has some resources. */
function deployed(stack: string, ...resources: { type: string; name: string; attributes: object }[]): void {
  const found = resources.map(({ type, name, attributes }) => ({
    mode: "managed",
    type,
    name,
    instances: [{ attributes }],
  }));
  fs.writeFileSync(path.join(folder, "state", `${stack}.tfstate`), JSON.stringify({ version: 4, resources: found }));
}

const wiki = (lab: Homelab) => ({
  wiki: { on: "app-01", parts: { media: Volume.at("/data"), db: PostgresDatabase.on(lab.postgres("main")) } },
  photos: { on: "media-01", parts: { album: Volume.at("/data") } },
});

test("what is released is retired, with how to destroy it, and its line stays until it is gone", async () => {
  synthesize(wiki);
  await expect(run("retire", "wiki")).rejects.toThrow(
    '"wiki/db", "wiki/db.owner", "wiki/media", "wiki/secret:db_pass" is still declared',
  );
  synthesize(() => ({}));

  const text = await run("retire", "wiki", "photos/album");

  expect(text).toContain("Retired in ");
  expect(text).toContain("on host app-01: docker volume rm wiki_media");
  expect(text).toContain("on host media-01: rm -r -- /mnt/data/photos/album");
  expect(text).toContain('on database server main: DROP DATABASE "wiki";');
  expect(text.indexOf("DROP DATABASE")).toBeLessThan(text.indexOf("DROP ROLE"));
  expect([...ledger().entries.keys()]).toEqual([]);
  expect([...ledger().retired.keys()]).toEqual(["photos/album", "wiki/db", "wiki/db.owner", "wiki/media"]);
  synthesize(() => ({}));
  expect(await run("ledger", "--check", "--base", "none")).toMatch(/wiki\/media +volume +app-01 +wiki_media +retired/);
});

test("what was retired leaves the ledger when it is retired again, and no state has it any more", async () => {
  synthesize(wiki);
  synthesize(() => ({}));
  await run("retire", "wiki/media");
  synthesize(() => ({}));
  deployed("app-01", { type: "docker_volume", name: "wiki_media", attributes: { name: "wiki_media" } });

  await expect(run("retire", "wiki/media")).rejects.toThrow(
    '"wiki/media" is still in the state of stack "app-01", as docker_volume.wiki_media: deploy that stack first',
  );
  deployed("app-01");
  const text = await run("retire", "wiki/media");

  expect(text).toMatch(/^Taken out of .*: wiki\/media$/);
  expect([...ledger().retired.keys()]).toEqual([]);
});

describe("what was retired, and no state has any more,", () => {
  beforeEach(async () => {
    synthesize(wiki);
    synthesize(() => ({}));
    await run("retire", "wiki", "photos");
    synthesize(() => ({}));
  });
  const album = (): string => path.join(folder, "album");

  test("stays in the ledger while a host or a database server has it", async () => {
    fs.writeFileSync(there("volumes"), 'WARNING: of the engine\n{"Name":"other"}\n{"Name":"wiki_media"}\n');
    fs.writeFileSync(there("names"), '"database postgres"\n"role wiki"\n');

    const said = run("retire", "wiki");

    await expect(said).rejects.toThrow(/^"wiki\/media" is still there, volume "wiki_media": destroy it first$/m);
    await expect(said).rejects.toThrow(/^"wiki\/db.owner" is still there, role "wiki": destroy it first$/m);
    await expect(said).rejects.toThrow(/^ {2}on host app-01: docker volume rm wiki_media$/m);
    await expect(said).rejects.toThrow(/^ {2}on database server main: DROP ROLE "wiki";$/m);
    await expect(said).rejects.not.toThrow('"wiki/db" is');
    expect([...ledger().retired.keys()]).toContain("wiki/media");
  });

  test("stays while nobody can ask whether it is there", async () => {
    place("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
    place("psql", "echo 'FATAL: password authentication failed' >&2; exit 2");

    const said = run("retire", "wiki");

    await expect(said).rejects.toThrow(
      'nothing is taken out, since nobody knows whether it is gone: host "app-01": volumes are unknown: Cannot connect to the Docker daemon',
    );
    await expect(said).rejects.toThrow('database server "main": psql says: FATAL: password authentication failed');
    // The host of folders needs no engine for them.
    expect(await run("retire", "photos")).toMatch(/^Taken out of .*: photos\/album$/);
  });

  test("stays while its folder is there, wherever that is", async () => {
    const before = ledger();
    const [key, entry] = [...before.retired].find(([, { kind }]) => kind === "folder") ?? [];
    if (key === undefined || !entry) throw new Error("there is no folder");
    before.set(key, { ...entry, name: album() });
    before.save();
    synthesize(() => ({}));
    fs.mkdirSync(album());

    await expect(run("retire", "photos")).rejects.toThrow(`folder ${JSON.stringify(album())}: destroy it first`);
    fs.rmdirSync(album());

    expect(await run("retire", "photos")).toMatch(/^Taken out of .*: photos\/album$/);
  });

  test("leaves it when its host is no longer in the lab, which is said", async () => {
    const before = ledger();
    const media = before.retired.get("wiki/media");
    if (media) before.set("wiki/media", { ...media, host: "sold-01" });
    before.save();
    synthesize(() => ({}));
    const told = jest.mocked(process.stderr.write);
    told.mockClear();

    expect(await run("retire", "wiki/media")).toContain("Taken out of ");

    expect(told.mock.calls.join()).toContain(
      'not looked at: volume "wiki_media" of "wiki/media" on host sold-01, which the lab no longer has',
    );
  });

  test("stays while the code uses it in some other way", async () => {
    synthesize(() => ({ app: { on: "app-01", parts: { media: mounting("volume", "wiki_media") } } }));

    await expect(run("retire", "wiki/media")).rejects.toThrow('which container "app" uses');
  });
});

describe("the secrets of a service", () => {
  const keyed = { key: SecretFile.generated({ length: 32 }) };
  const tool = { on: "app-01", parts: keyed };
  const renamed = { on: "app-01", parts: keyed, formerly: "tool" };

  test("are retired with it, where it has no data and where it was renamed, and told with how to remove the values", async () => {
    synthesize(() => ({ tool, other: tool }));
    synthesize(() => ({ forge: renamed, other: tool }));
    await expect(run("retire", "forge")).rejects.toThrow('"forge/secret:key" is still declared by the code');
    synthesize(() => ({}));

    const text = await run("retire", "forge", "other");

    expect(ledger().retiredSecrets).toEqual(
      new Map([
        [
          "forge/secret:key",
          { kind: "secret", name: "webservices.tool.key", formerKeys: ["tool/secret:key"], retired: true },
        ],
        ["other/secret:key", { kind: "secret", name: "webservices.other.key", retired: true }],
      ]),
    );
    expect(text).toContain("the environment may still have (which only you can look up) values of secrets");
    expect(text).toContain("take TF_VAR_webservices_tool_key out of what sets the environment");
    expect(text).toContain("homelab retire forge/secret:key other/secret:key");
    expect(text).not.toContain("Terraform");
    synthesize(() => ({}));
    await run("ledger", "--check", "--base", "none");
  });

  test("leave the ledger and the list of generations when they are retired once more", async () => {
    synthesize(() => ({ tool, other: tool }));
    synthesize(() => ({ other: tool }));
    await run("retire", "tool");

    expect(await run("retire", "tool")).toMatch(/^Taken out of .*: tool\/secret:key$/);

    expect(fs.readFileSync(ledgerFile(), "utf8")).not.toContain("secret");
    expect([...generations().entries.keys()].filter((name) => name.startsWith("webservices."))).toEqual([
      "webservices.other.key",
    ]);
  });

  test("go with the last of its data, and not before", async () => {
    const parts = { ...keyed, one: Volume.at("/one"), two: Volume.at("/two") };
    synthesize(() => ({ wiki: { on: "app-01", parts } }));
    synthesize(() => ({}));

    await run("retire", "wiki/one");
    expect([...ledger().retiredSecrets.keys()]).toEqual([]);

    await run("retire", "wiki/two");
    expect([...ledger().retiredSecrets.keys()]).toEqual(["wiki/secret:key"]);
  });

  test("stay while the code declares the service without its data", async () => {
    const parts = { ...keyed, one: Volume.at("/one") };
    synthesize(() => ({ wiki: { on: "app-01", parts } }));
    synthesize(() => ({ wiki: { on: "app-01", parts: keyed } }));

    await run("retire", "wiki/one");

    expect([...ledger().retired.keys()]).toEqual(["wiki/one"]);
    expect([...ledger().retiredSecrets.keys()]).toEqual([]);
  });
});

describe("fails, and changes nothing, for what something else uses:", () => {
  const entry = (name: string, at: Partial<LedgerEntry> = {}): LedgerEntry => ({
    ...{ kind: "volume", host: "app-01", address: `docker_volume.${name}`, name },
    ...at,
  });
  const folderEntry = (name: string, source: string): LedgerEntry =>
    entry(source, { kind: "folder", host: "media-01", address: `null_resource.${name}` });

  test.each<[string, Record<string, LedgerEntry>, Parameters<typeof synthesize>[0], string, string]>([
    [
      "a volume that a container mounts by an override",
      { "wiki/media": entry("wiki_media") },
      () => ({ app: { on: "app-01", parts: { media: mounting("volume", "wiki_media") } } }),
      "wiki/media",
      '"wiki/media" is volume "wiki_media" on app-01, which container "app" uses: remove that from the code',
    ],
    [
      "a folder in which another service has a path",
      { "wiki/media": folderEntry("wiki_media", "/mnt/data/wiki/media") },
      () => ({
        app: { on: "media-01", parts: { media: HostPath.at("/data", { from: "/mnt/data/wiki/media/2024" }) } },
      }),
      "wiki",
      '"wiki/media" is folder "/mnt/data/wiki/media" on media-01, which container "app" uses',
    ],
    [
      "a folder in which another holder is",
      {
        "wiki/media": folderEntry("wiki_media", "/mnt/data/wiki/media"),
        "docs/media": folderEntry("docs_media", "/mnt/data/wiki/media/docs"),
      },
      () => ({}),
      "wiki/media",
      '"wiki/media" is folder "/mnt/data/wiki/media" on media-01, which "docs/media" has as well: retire both, or neither',
    ],
    [
      "a role that owns a database which stays",
      {
        "wiki/db": entry("wiki", {
          kind: "database",
          host: undefined,
          server: "main",
          address: "postgresql_database.wiki_db",
        }),
        "wiki/db.owner": entry("wiki", {
          kind: "role",
          host: undefined,
          server: "main",
          address: "postgresql_role.wiki_db_owner",
        }),
      },
      () => ({}),
      "wiki/db.owner",
      '"wiki/db.owner" is role "wiki" on main, which owns "wiki/db": retire the database with it',
    ],
  ])("%s", async (_what, entries, services, key, message) => {
    const before = Ledger.fromFile(ledgerFile());
    for (const [one, value] of Object.entries({ ...entries, "other/data": entry("other") })) before.set(one, value);
    before.save();
    synthesize(services);
    const text = fs.readFileSync(ledgerFile(), "utf8");

    await expect(run("retire", "other", key)).rejects.toThrow(message);

    expect(fs.readFileSync(ledgerFile(), "utf8")).toBe(text);
  });
});

/** A part that mounts something of which the ledger knows nothing. */
function mounting(type: "volume" | "bind", source: string): Parts[string] {
  return {
    bind: (part) => {
      part.contribute({ mounts: [{ target: "/elsewhere", source, type, readOnly: true }] });
    },
  };
}
