import { Backup, HomelabService, Probe, Reload, ConfigFile, Content, StorageLayout, Volume } from "../../../constructs";
import type { Homelab } from "../../../stacks";
import { errorOf, host, synthesizeLab } from "../../support/synthesis";

const storage = StorageLayout.serviceFolders("/mnt/data/services", { linkFrom: "/srv" });

function declare(folders: Readonly<Record<string, string | undefined>>): (lab: Homelab) => void {
  return (lab) => {
    for (const [service, name] of Object.entries(folders)) {
      new HomelabService(lab.host("app-01"), service, {
        image: "example/app:1",
        health: Probe.none("test"),
        parts: {
          ...(name !== "-" && { data: Volume.at("/data", { name }) }),
          config: ConfigFile.at("/etc/app/app.conf", Content.text("x"), { onChange: Reload.watched() }),
          none: Backup.none("test"),
        },
      });
    }
  };
}

const refusal = (folders: Readonly<Record<string, string | undefined>>): string =>
  errorOf(declare(folders), { hosts: [host("app-01", 11, { storage })] });

test.each([
  "/",
  "/etc",
  "/etc/app",
  "/usr/local/share",
  "/var/lib",
  "/var/lib/docker/volumes/app/_data",
  "/root",
  "/root/.ssh",
  "/home/deploy",
  "/home/deploy/.ssh",
])("a volume in %s is refused, which root runs or obeys", (name) => {
  expect(refusal({ app: name })).toBe(
    `service "app", part "data": ${JSON.stringify(name)} would be a folder of the container's, and root on host "app-01" runs or obeys what lies there: choose another 'name', or another root of the layout`,
  );
});

const END =
  ", and a container could lead root from the one into the other: choose another 'name', or another root of the layout";

test.each([
  ["/mnt/data/services/app", "holds", "/mnt/data/services/app/.homelab", 'the files of service "app"'],
  ["/mnt/data/services/app/.homelab", "is", "/mnt/data/services/app/.homelab", 'the files of service "app"'],
  ["/mnt/data/services/app/.homelab/x", "lies in", "/mnt/data/services/app/.homelab", 'the files of service "app"'],
  ["/mnt", "holds", "/mnt/data/services/app/.homelab", 'the files of service "app"'],
  ["/srv/app/data", "lies in", "/srv/app", 'the link of service "app"'],
])("a volume in %s is refused, which %s what the service has", (name, relation, other, of) => {
  expect(refusal({ app: name })).toBe(
    `service "app", part "data": ${JSON.stringify(name)}, for part "data" of service "app", ${relation} ${JSON.stringify(other)}, which is for ${of}${END}`,
  );
});

test("a volume is refused that holds what another service has, whichever is declared first", () => {
  expect(refusal({ other: undefined, app: "/mnt/data/services/other" })).toContain(
    'which is for the files of service "other"',
  );
  expect(refusal({ app: "/mnt/data/services/other", other: "-" })).toBe(
    `service "other", part "config": "/mnt/data/services/other/.homelab", for the files of service "other", lies in "/mnt/data/services/other", which is for part "data" of service "app"${END}`,
  );
  expect(refusal({ app: "/mnt/data/own/other/sub", other: "/mnt/data/own/other" })).toContain(
    '"/mnt/data/own/other", for part "data" of service "other", holds "/mnt/data/own/other/sub", which is for part "data" of service "app"',
  );
});

test("a service can't be called like what the library keeps on every host", () => {
  const declared = declare({ records: "-" });

  expect(errorOf(declared, { hosts: [host("app-01", 11)] })).toContain(
    'service "records", part "config": "/var/lib/homelab/records", for the files of service "records", is "/var/lib/homelab/records", which is for the records of what was placed',
  );
});

test("folders beside each other are everybody's own", () => {
  const declared = declare({ app: undefined, "app-2": "/mnt/data/services/app-data", photos: "/mnt/photos" });

  expect(() => synthesizeLab(declared, { hosts: [host("app-01", 11, { storage })] })).not.toThrow();
});
