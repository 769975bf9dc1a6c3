import { chosen } from "../../cli/guard";
import { Backup, HomelabService, Ledger, PostgresDatabase, Probe, Volume, type LedgerEntry } from "../../constructs";
import { deedOf, refusal } from "../../deploy/guard";
import type { StateResource } from "../../deploy/stack-state";
import type { Homelab } from "../../stacks";
import { synthesizeLab } from "../support/synthesis";

test.each<[string, ReturnType<typeof deedOf>]>([
  ["cdktf deploy app-01", "deploys"],
  ["npx cdktf apply", "deploys"],
  ["cdktf watch", "deploys"],
  ["npm run lab:deploy", "deploys"],
  ["./scripts/deploy.sh now", "deploys"],
  ["sh -c 'cd out && terraform apply'", "deploys"],
  ["terraform -chdir=cdktf.out/stacks/app-01 apply -auto-approve", "deploys"],
  ["cdktf destroy app-01", "destroys"],
  ["terraform apply -destroy", "destroys"],
  ["cdktf diff app-01", undefined],
  ["terraform -chdir=/home/deploy/lab/cdktf.out/stacks/app-01 plan", undefined],
  ["terraform plan -destroy", undefined],
  ["psql", undefined],
])("%s is a command that %s", (line, deed) => {
  expect(deedOf(line.split(" "))).toBe(deed);
});

test.each([
  ["cdktf deploy app-01", ["app-01"]],
  ["cdktf deploy app-*", ["app-01", "app-02"]],
  ["terraform -chdir=cdktf.out/stacks/edge/ apply", ["edge"]],
  ["cdktf deploy", ["app-01", "app-02", "edge"]],
])("%s is for %j", (line, stacks) => {
  expect(chosen(["app-01", "app-02", "edge"], line.split(" "))).toEqual(stacks);
});

const state = (...resources: [address: string, attributes: Readonly<Record<string, unknown>>][]): StateResource[] =>
  resources.map(([address, attributes]) => ({ address, type: address.split(".")[0] ?? "", instances: [attributes] }));

const volume = (name: string): [string, Readonly<Record<string, unknown>>] => [`docker_volume.${name}`, { name }];

function refused(
  deed: "deploys" | "destroys",
  stack: string,
  resources: readonly StateResource[],
  options: { ledger?: Record<string, LedgerEntry>; declare?: (lab: Homelab) => void; change?: object } = {},
): string[] {
  const { stacks, manifest } = synthesizeLab((lab) => options.declare?.(lab), {
    ledger: Ledger.inMemory(options.ledger ?? {}),
  });
  const document = { ...stacks[stack], ...options.change };
  return refusal(deed, { name: stack, folder: "", document }, resources, manifest);
}

const wiki = (lab: Homelab): void => {
  new HomelabService(lab.host("app-01"), "wiki", {
    ...{ image: "example/app:1.0.0", user: "1:1", health: Probe.none("test") },
    parts: { media: Volume.at("/data"), db: PostgresDatabase.on(lab.postgres("main")), none: Backup.none("test") },
  });
};
const entry: LedgerEntry = { kind: "volume", host: "app-01", address: "docker_volume.wiki_media", name: "wiki_media" };

describe("a deployment", () => {
  test("is refused where the state has data of which the code knows nothing", () => {
    expect(
      refused("deploys", "app-01", state(volume("wiki_media"), ["docker_container.wiki", { name: "wiki" }])),
    ).toEqual([
      'stack "app-01" has volume "wiki_media" (docker_volume.wiki_media), of which this code knows nothing, so that Terraform would destroy it: merge the commit that declared it, or have it found again with "homelab ledger --recover", and if it may go "homelab retire" it then',
    ]);
  });

  test("is refused for databases, their roles and extensions, and for folders", () => {
    const [said = ""] = refused(
      "deploys",
      "postgres-main",
      state(
        ["postgresql_database.wiki_db", { name: "wiki" }],
        ["postgresql_role.wiki_db_owner", { name: "wiki" }],
        ["postgresql_extension.wiki_db_extension_citext", { name: "citext", database: "wiki" }],
        ["null_resource.wiki_media", { triggers: { path: "/mnt/data/wiki/media", host: "192.168.1.11" } }],
        ["null_resource.wiki", { triggers: { path: "/mnt/data/wiki/.homelab", "file a": "1" } }],
      ),
    );

    for (const what of ['database "wiki"', 'role "wiki"', 'extension "wiki.citext"', 'folder "/mnt/data/wiki/media"'])
      expect(said).toContain(what);
    expect(said).not.toContain(".homelab");
  });

  test("goes on where all of it is declared, released or retired", () => {
    const found = state(volume("wiki_media"));

    expect(refused("deploys", "app-01", found, { declare: wiki })).toEqual([]);
    expect(refused("deploys", "app-01", found, { ledger: { "wiki/media": entry } })).toEqual([]);
    expect(refused("deploys", "app-01", found, { ledger: { "wiki/media": { ...entry, retired: true } } })).toEqual([]);
    expect(
      refused("deploys", "app-01", state(volume("old_media")), {
        ledger: { "wiki/media": { ...entry, formerAddresses: ["docker_volume.old_media"], retired: true } },
      }),
    ).toEqual([]);
  });

  test("goes on for what was retired in the stack of a database server that ran on a host", () => {
    const retired = { ...entry, stack: "postgres-main", retired: true } as const;
    const lab = { ledger: { "postgres-main/data": retired } };

    expect(refused("deploys", "postgres-main", state(volume("wiki_media")), lab)).toEqual([]);
    expect(refused("deploys", "app-01", state(volume("wiki_media")), lab)).toHaveLength(1);
  });

  test("is refused for what was retired elsewhere", () => {
    const ledger = { "wiki/media": { ...entry, host: "app-02", retired: true } as const };

    expect(refused("deploys", "app-01", state(volume("wiki_media")), { ledger })).toHaveLength(1);
  });

  test("follows what is moved, as far as nothing is in the way", () => {
    const moved = [
      { from: "docker_volume.a", to: "docker_volume.b" },
      { from: "docker_volume.b", to: "docker_volume.wiki_media" },
    ];
    const options = { declare: wiki, change: { moved } };

    expect(refused("deploys", "app-01", state(volume("a")), options)).toEqual([]);
    const [said = "", ...others] = refused("deploys", "app-01", state(volume("a"), volume("wiki_media")), options);
    expect(said).toContain('has volume "a" (docker_volume.a), of which');
    expect(others).toEqual([]);
  });

  test("is refused where a removal destroys", () => {
    const removed = (destroy: boolean): object => ({ removed: [{ from: "docker_volume.a", lifecycle: { destroy } }] });

    expect(refused("deploys", "app-01", state(volume("a")), { change: removed(false) })).toEqual([]);
    expect(refused("deploys", "app-01", state(volume("a")), { change: removed(true) })).toHaveLength(1);
  });
});

describe("destroying a stack", () => {
  test("is refused while it has data, also what is declared", () => {
    const [said = ""] = refused("destroys", "app-01", state(volume("wiki_media")), { declare: wiki });

    expect(said).toContain(
      'stack "app-01" has volume "wiki_media" (docker_volume.wiki_media), which "destroy" would destroy',
    );
  });

  test("goes on for what was retired, and for folders, whose content stays", () => {
    const ledger = { "wiki/media": { ...entry, retired: true } as const };
    const folder: [string, Readonly<Record<string, unknown>>] = ["null_resource.a", { triggers: { path: "/mnt/a" } }];

    expect(refused("destroys", "app-01", state(volume("wiki_media"), folder), { ledger })).toEqual([]);
  });
});
