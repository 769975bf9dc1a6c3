import { TerraformStack } from "cdktf";
import {
  Backup,
  Companion,
  HomelabService,
  HostPath,
  Probe,
  StorageLayout,
  Volume,
  type HomelabServiceProps,
  type Parts,
} from "../../constructs";
import { grantOfPath, hostPrivileges, type HostFacts } from "../../contract/host-privilege";
import { reportExposure } from "../../plan/exposure";
import { reportPlan } from "../../plan/report";
import type { Homelab } from "../../stacks";
import { errorOf, host, synthesizeLab, written } from "../support/synthesis";

const basic = { image: "example/app:1", health: Probe.none("a test") } as const;

function declare(lab: Homelab, props: Partial<HomelabServiceProps<Parts>> = {}, name = "app"): HomelabService {
  return new HomelabService(lab.host("app-01"), name, { ...basic, ...props });
}

const facts: HostFacts = {
  deployer: "deploy",
  folders: ["/srv/services"],
  others: ["other"],
  own: ["/srv/services/app"],
};

test.each<[string, boolean, string | undefined]>([
  ["/", false, "root"],
  ["/", true, "root"], // the sockets are in there
  ["/run", true, "root"],
  ["/var/run", true, "root"],
  ["/var/run/docker.sock", true, "root"],
  ["/run/docker.sock", false, "root"],
  ["/run/containerd/containerd.sock", true, "root"],
  ["/run/dbus", true, "root"],
  ["/run/udev", true, undefined],
  ["/etc", false, "root"],
  ["/etc/cron.d", false, "root"],
  ["/etc/localtime", true, undefined],
  ["/etcetera", false, undefined],
  ["/boot", false, "root"],
  ["/usr/local/bin", false, "root"],
  ["/usr/share/zoneinfo", true, undefined],
  ["/root", false, "root"],
  ["/root/.ssh", false, "root"],
  ["/root/.ssh", true, undefined],
  ["/home", false, "root"],
  ["/home/deploy", false, "root"],
  ["/home/deploy/.bashrc", false, "root"],
  ["/home/deploy/photos", false, undefined],
  ["/home/somebody", false, undefined],
  ["/var", false, "root"],
  ["/var/log", false, undefined],
  ["/var/lib/docker", false, "root"],
  ["/var/lib/docker", true, "other-services"],
  ["/var/lib/docker/volumes/other_data/_data", true, "other-services"],
  ["/var/lib/homelab/records", false, "root"],
  ["/srv", true, "other-services"],
  ["/srv/services", false, "other-services"],
  ["/srv/services/other/data", true, "other-services"],
  ["/srv/services/others", true, undefined],
  ["/srv/services/app", false, undefined],
  ["/srv/media", false, undefined],
  ["/mnt/nas", false, undefined],
  ["/proc", false, "root"],
  ["/proc", true, undefined],
])("the host's %s, read-only %s, gives %s", (path, readOnly, expected) => {
  expect(grantOfPath(path, readOnly, facts)).toBe(expected);
});

test.each<[string, { writable?: boolean }, string]>([
  ["/etc", { writable: true }, "root on host"],
  ["/run/docker.sock", {}, "root on host"],
  ["/var/lib/homelab", {}, "what other services keep and read on host"],
])("fails for a mount of %s without a reason", (from, options, what) => {
  const message = errorOf((lab) => declare(lab, { parts: { all: HostPath.at("/host", { from, ...options }) } }));

  expect(message).toContain(
    `service "app", part "all": ${JSON.stringify(from)} gives whoever is in the container ${what} "app-01": mount `,
  );
  expect(message).toContain(", or say why in 'reason'");
});

test("fails for a mount of a folder of a service that is declared later", () => {
  const storage = StorageLayout.serviceFolders("/srv/services");
  const hosts = [host("app-01", 11, { storage })];

  const message = errorOf(
    (lab) => {
      declare(lab, { parts: { all: HostPath.at("/host", { from: "/srv/services/later/data" }) } });
      declare(lab, { parts: { data: Volume.at("/data"), none: Backup.none("a test") } }, "later");
    },
    { hosts },
  );

  expect(message).toContain(
    `service "app": "mount /srv/services/later/data" gives whoever is in the container what other services keep and read on host "app-01": remove it, or say why in 'reason' of part "all"`,
  );
});

test("a service's own folders need no reason", () => {
  const storage = StorageLayout.optHomelab();
  const parts = { data: Volume.at("/data"), none: Backup.none("a test") };

  const { manifest } = synthesizeLab((lab) => declare(lab, { parts }), { hosts: [host("app-01", 11, { storage })] });

  expect(manifest.services[0]?.privileges).toEqual([]);
});

test.each<[string, Partial<HomelabServiceProps<Parts>>, (service: HomelabService) => void, string]>([
  ["privileged", {}, ({ container }) => container.addOverride("privileged", true), "privileged"],
  ["privileged by the resource", {}, ({ container }) => (container.privileged = true), "privileged"],
  ["privileged by its stack", {}, (service) => ofStack(service, "privileged", true), "privileged"],
  [
    "a mount by its stack",
    {},
    (service) => ofStack(service, "mounts", [{ type: "bind", source: "/etc", target: "/x" }]),
    "mount /etc",
  ],
  ["the host's processes", {}, ({ container }) => container.addOverride("pid_mode", "host"), "pid_mode host"],
  [
    "a mount",
    {},
    ({ container }) => container.addOverride("mounts", [{ type: "bind", source: "/etc/", target: "/x" }]),
    "mount /etc",
  ],
  [
    "a volume",
    {},
    ({ container }) =>
      container.addOverride("volumes", [{ host_path: "/run/docker.sock", container_path: "/x", read_only: true }]),
    "mount /run/docker.sock",
  ],
  [
    "a capability",
    {},
    ({ container }) => container.addOverride("capabilities.add", ["CAP_SYS_MODULE"]),
    "capability SYS_MODULE",
  ],
  ["a capability that is asked for", { capabilities: ["dac_read_search"] }, () => {}, "capability DAC_READ_SEARCH"],
  ["a disk", { devices: ["/dev/nvme0n1:/dev/x:r"] }, () => {}, "device /dev/nvme0n1"],
  ["the host's firewall", { networkMode: "host", capabilities: ["NET_ADMIN"] }, () => {}, "capability NET_ADMIN"],
])("fails for %s until somebody says why", (_what, props, change, means) => {
  const reason = "it is a test";
  const rule = `host-privilege:${means}`;

  const refused = errorOf((lab) => change(declare(lab, props)));
  const { manifest } = synthesizeLab((lab) => change(declare(lab, { ...props, acknowledge: { [rule]: reason } })));

  expect(refused).toContain(`service "app": ${JSON.stringify(means)} gives whoever is in the container `);
  expect(refused).toContain(`say why in acknowledge(${JSON.stringify(rule)}, "…")`);
  expect(manifest.services[0]?.privileges).toMatchObject([{ container: "app", means, reason }]);
});

/** What `addOverride()` of the stack does to a service's own container. */
function ofStack(service: HomelabService, attribute: string, value: unknown): void {
  const [type, name] = [service.container.terraformResourceType, service.container.friendlyUniqueId];
  TerraformStack.of(service).addOverride(`resource.${type}.${name}.${attribute}`, value);
}

test("tells all that are wrong at once, and writes no manifest", () => {
  const message = errorOf((lab) => {
    for (const name of ["one", "two"]) declare(lab, { capabilities: ["SYS_ADMIN"] }, name);
  });

  expect(message).toContain(`service "one": "capability SYS_ADMIN"`);
  expect(message).toContain(`service "two": "capability SYS_ADMIN"`);
});

test("a device is told and needs no reason, and NET_ADMIN is the container's own network", () => {
  const { manifest } = synthesizeLab((lab) => declare(lab, { devices: ["/dev/dri"], capabilities: ["NET_ADMIN"] }));

  expect(manifest.services[0]?.privileges).toEqual([{ container: "app", means: "device /dev/dri", grants: "device" }]);
});

const socket = HostPath.at("/socket", { from: "/var/run/docker.sock", reason: "it lists containers" });
const watcher = (lab: Homelab) =>
  void declare(lab, {
    parts: { docker: Companion.container({ ...basic, port: 2375, parts: { socket } }) },
  });

test("exposure says who is root, where and why", () => {
  const { entries } = reportExposure(written(synthesizeLab(watcher)));

  expect(entries.filter(({ kind }) => kind === "privilege")).toEqual([
    {
      kind: "privilege",
      address: "root on host app-01, by mount /var/run/docker.sock",
      service: "app",
      part: "docker.socket",
      container: "app-docker",
      from: "container",
      who: ["whoever is in container app-docker"],
      guard: "none: it lists containers",
      isOpen: false,
      grants: "root",
    },
  ]);
});

test("what only Terraform knows counts as the most that it can be", () => {
  const of = (attributes: object): string[] => hostPrivileges({ ...attributes }, facts).map(({ means }) => means);
  const bind = { type: "bind", source: "/etc", target: "/x" };

  expect(of({ privileged: "${var.x}", pid_mode: "${var.x}" })).toEqual(["pid_mode host", "privileged"]);
  expect(of({ privileged: "false", pid_mode: "${docker_container.x.id}" })).toEqual([]);
  expect(of({ capabilities: { add: ["${var.x}"] } })).toEqual(["capability ${VAR.X}"]);
  expect(of({ devices: [{ host_path: "${var.x}" }] })).toEqual(["device ${var.x}"]);
  expect(of({ volumes: { host_path: "${var.x}", container_path: "/x" } })).toEqual(["mount ${var.x}"]);
  expect(of({ mounts: [], dynamic: { mounts: { for_each: "${var.x}", content: bind } } })).toEqual(["mount /etc"]);
});

test("exposure tells what a container has that is no service's", () => {
  const made = synthesizeLab((lab) => {
    const stack = TerraformStack.of(declare(lab));
    stack.addOverride("resource.docker_container.raw", { name: "raw", image: "example/raw:1", privileged: true });
  });

  const { entries } = reportExposure(written(made));

  expect(entries.filter(({ kind }) => kind === "privilege")).toMatchObject([
    { address: "root on host app-01, by privileged", container: "raw", grants: "root" },
  ]);
});

test("a plan says when one appears, first after what is lost, and when one is gone", () => {
  const [without, withIt] = [synthesizeLab((lab) => declare(lab)), synthesizeLab(watcher)];
  const labOf = (made: typeof withIt) => ({ ...written(made), dependencies: {} });

  const gets = reportPlan({ base: labOf(without), head: labOf(withIt) }, { ref: "main" }, []);
  const loses = reportPlan({ base: labOf(withIt), head: labOf(without) }, { ref: "main" }, []);

  expect(gets.privileges).toEqual([
    {
      change: "appears",
      service: "app",
      part: "docker.socket",
      container: "app-docker",
      host: "app-01",
      means: "mount /var/run/docker.sock",
      grants: "root",
      reason: "it lists containers",
    },
  ]);
  expect(gets.headline).toMatch(/^No data is lost; app-docker on app-01 gets ROOT ON ITS HOST/);
  expect(loses.privileges).toMatchObject([{ change: "vanishes", container: "app-docker" }]);
  expect(loses.headline).not.toContain("ROOT");
});
