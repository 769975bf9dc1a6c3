import { TerraformStack, type App } from "cdktf";
import {
  Backup,
  Companion,
  ConfigFile,
  Content,
  Duration,
  Generations,
  Hardening,
  HomelabService,
  Host,
  HostPath,
  Image,
  Ingress,
  Need,
  Port,
  PostgresServer,
  Probe,
  Reload,
  Route,
  Secret,
  SecretFile,
  Size,
  StorageLayout,
  Tmpfs,
  Volume,
  Zone,
  type HomelabServiceProps,
  type Parts,
} from "../../../constructs";
import type { Homelab } from "../../../stacks";
import {
  addresses,
  errorOf,
  host,
  labels,
  placement,
  scriptOf,
  synthesize,
  synthesizeLab,
} from "../../support/synthesis";

const basic = { image: "example/app:1.0.0", health: Probe.none("test") } as const;

function declare<P extends Parts>(
  lab: Homelab,
  props: Partial<HomelabServiceProps<P>> = {},
  name = "app",
  on = "app-01",
): HomelabService<P> {
  return new HomelabService<P>(lab.host(on), name, { ...basic, ...props });
}

function containerOf<P extends Parts>(props: Partial<HomelabServiceProps<P>> = {}): any {
  const { stacks } = synthesizeLab((lab) => declare(lab, props));
  return stacks["app-01"]?.resource.docker_container?.app;
}

describe("a container", () => {
  test("has what nobody can forget", () => {
    expect(containerOf()).toMatchObject({
      name: "app",
      restart: "unless-stopped",
      security_opts: ["no-new-privileges:true"],
      log_driver: "json-file",
      log_opts: { "max-file": "3", "max-size": "10m" },
      networks_advanced: [{ name: "app" }],
      destroy_grace_seconds: 30,
      wait: false,
      env: ["TZ=Etc/UTC"],
    });
  });

  test("waits for its health check, for five minutes at most", () => {
    const container = containerOf({ port: 80, health: Probe.http("/up") });

    expect(container).toMatchObject({
      wait: true,
      wait_timeout: 300,
      healthcheck: { interval: "30s", start_period: "1m0s" },
    });
  });

  test("has limits, with swap pinned to memory", () => {
    const container = containerOf({ resources: { memory: Size.mebibytes(256), cpus: 1.5, pids: 100 } });

    expect(container).toMatchObject({
      memory: 256,
      memory_swap: 256,
      cpus: "1.5",
      ulimit: [{ name: "nproc", soft: 100, hard: 100 }],
    });
  });

  test("has devices and capabilities in the form that the provider reads back", () => {
    const container = containerOf({
      devices: ["/dev/dri", "/dev/a:/dev/b:r"],
      capabilities: ["net_admin", "CAP_SYS_TIME"],
    });

    expect(container.devices).toEqual([
      { host_path: "/dev/dri", container_path: "/dev/dri", permissions: "rwm" },
      { host_path: "/dev/a", container_path: "/dev/b", permissions: "r" },
    ]);
    expect(container.capabilities.add).toEqual(["CAP_NET_ADMIN", "CAP_SYS_TIME"]);
  });

  test("drops everything when it is hardened", () => {
    const container = containerOf({ hardening: Hardening.strict() });

    expect(container).toMatchObject({ read_only: true, capabilities: { drop: ["ALL"] }, tmpfs: { "/tmp": "" } });
  });

  test("joins no network when it shares the host's", () => {
    const container = containerOf({ networkMode: "host" });

    expect(container.network_mode).toBe("host");
    expect(container.networks_advanced).toBeUndefined();
  });

  test("takes its environment and command from what its parts hand out", () => {
    const container = containerOf({
      parts: { data: Volume.at("/data"), scratch: Tmpfs.at("/scratch"), none: Backup.none("test") },
      environment: ({ data, scratch }) => ({
        DATA: data.path,
        SCRATCH: scratch.path,
        PORT: 80,
        ON: true,
        OFF: undefined,
      }),
      command: ({ data }) => ["serve", data.path],
    });

    expect(container.env).toEqual(["DATA=/data", "ON=true", "PORT=80", "SCRATCH=/scratch", "TZ=Etc/UTC"]);
    expect(container.command).toEqual(["serve", "/data"]);
  });

  test("publishes ports where they are asked for, in the daemon's order", () => {
    const container = containerOf({
      parts: {
        b: Port.publish(443, { on: "everywhere" }),
        a: Port.publish(22, { as: 2222 }),
        c: Port.publish(53, { protocol: "udp", on: "loopback" }),
      },
    });

    expect(container.ports).toEqual([
      { internal: 22, external: 2222, ip: "192.168.1.11", protocol: "tcp" },
      { internal: 53, external: 53, ip: "127.0.0.1", protocol: "udp" },
      { internal: 443, external: 443, ip: "0.0.0.0", protocol: "tcp" },
    ]);
  });

  test("shares a host path, read-only unless said", () => {
    const container = containerOf({
      parts: {
        media: HostPath.at("/media", { from: "/mnt/nas" }),
        scans: HostPath.at("/in", { from: "/mnt/scans", writable: true }),
      },
    });

    expect(container.mounts).toEqual([
      { target: "/in", source: "/mnt/scans", type: "bind", read_only: false },
      { target: "/media", source: "/mnt/nas", type: "bind", read_only: true },
    ]);
  });

  test("can be reached for what the library has no option for", () => {
    const { stacks } = synthesizeLab((lab) => {
      declare(lab).container.addOverride("shm_size", 64);
    });

    expect(stacks["app-01"]?.resource.docker_container?.app.shm_size).toBe(64);
  });

  test("takes labels and variables that are added later", () => {
    const { stacks } = synthesizeLab((lab) => {
      const service = declare(lab);
      service.addLabel("com.example.team", "blue");
      service.addEnvironment("LATE", "1");
    });

    expect(labels(stacks["app-01"]?.resource.docker_container?.app)).toMatchObject({ "com.example.team": "blue" });
    expect(stacks["app-01"]?.resource.docker_container?.app.env).toContain("LATE=1");
  });
});

describe("the fingerprint", () => {
  const fingerprint = (props: Partial<HomelabServiceProps<Parts>>): string | undefined =>
    labels(containerOf(props))["homelab.fingerprint"];
  const volumes = (...paths: string[]): Parts => ({
    ...Object.fromEntries(paths.map((path, index) => [`v${index}`, Volume.at(path)])),
    none: Backup.none("test"),
  });

  test.each<[string, Partial<HomelabServiceProps<Parts>>, Partial<HomelabServiceProps<Parts>>]>([
    ["a mount's path", { parts: volumes("/a") }, { parts: volumes("/b") }],
    [
      "a mount's source",
      { parts: { m: HostPath.at("/m", { from: "/a" }) } },
      { parts: { m: HostPath.at("/m", { from: "/b" }) } },
    ],
    [
      "whether a mount can be written",
      { parts: { m: HostPath.at("/m", { from: "/a" }) } },
      { parts: { m: HostPath.at("/m", { from: "/a", writable: true }) } },
    ],
    ["a health check", { health: Probe.command(["a"]) }, { health: Probe.command(["b"]) }],
    ["the removal of a health check", { health: Probe.command(["a"]) }, {}],
    [
      "a temporary file system",
      { parts: { t: Tmpfs.at("/t") } },
      { parts: { t: Tmpfs.at("/t", { size: Size.mebibytes(1) }) } },
    ],
    ["the removal of the command", { command: ["a"] }, {}],
    ["the removal of the user", { user: "1:1" }, {}],
  ])("changes with %s, which the provider would not carry out", (_what, before, after) => {
    expect(fingerprint(before)).not.toBe(fingerprint(after));
  });

  test("does not change with the order of the parts, nor with what replaces the container anyway", () => {
    const one = fingerprint({ parts: { a: HostPath.at("/a", { from: "/x" }), b: HostPath.at("/b", { from: "/y" }) } });
    const two = fingerprint({ parts: { b: HostPath.at("/b", { from: "/y" }), a: HostPath.at("/a", { from: "/x" }) } });

    expect(one).toBe(two);
    expect(fingerprint({ user: "1:1" })).toBe(fingerprint({ user: "2:2" }));
  });

  test("covers what an override sets, on the resource or on its stack", () => {
    const { stacks } = synthesizeLab((lab) => {
      declare(lab);
      declare(lab, {}, "other").container.addOverride("init", true);
      TerraformStack.of(declare(lab, {}, "third")).addOverride("resource.docker_container.third.init", true);
    });
    const { app, other, third } = stacks["app-01"]?.resource.docker_container ?? {};

    expect([app.init, other.init, third.init]).toEqual([undefined, true, true]);
    expect(labels(app)["homelab.fingerprint"]).not.toBe(labels(other)["homelab.fingerprint"]);
    expect(labels(third)["homelab.fingerprint"]).toBe(labels(other)["homelab.fingerprint"]);
  });

  test("changes with the generation of a secret that is read at the start", () => {
    const of = (generation: number): string | undefined => {
      const { stacks } = synthesizeLab(
        (lab) => declare(lab, { user: "1:1", parts: { key: SecretFile.generated({ length: 32 }) } }),
        {
          generations: Generations.inMemory({ "webservices.app.key": generation }),
        },
      );
      return labels(stacks["app-01"]?.resource.docker_container?.app)["homelab.fingerprint"];
    };

    expect(of(1)).not.toBe(of(2));
  });
});

describe("a companion", () => {
  test("is on the network of its service only, and healthy before it", () => {
    const { stacks } = synthesizeLab((lab) =>
      declare(lab, {
        port: 80,
        parts: { web: Route.in(lab.zone("example.com")), queue: Companion.redis({ image: "redis:7.4.1" }) },
        environment: ({ queue }) => ({ REDIS: queue.url }),
      }),
    );
    const { app, app_queue: queue } = stacks["app-01"]?.resource.docker_container ?? {};

    expect(queue).toMatchObject({ name: "app-queue", networks_advanced: [{ name: "app" }], wait: true });
    expect(app.depends_on).toContain("docker_container.app_queue");
    expect(app.env).toContain("REDIS=redis://app-queue:6379");
    expect(queue.ports).toBeUndefined();
  });

  test("keeps its data under keys of its own", () => {
    const { stacks, manifest } = synthesizeLab((lab) =>
      declare(lab, {
        user: "1000:1000",
        parts: { db: Companion.postgres({ image: "postgres:17.2" }), nightly: Backup.nightly() },
        environment: ({ db }) => ({ PASSWORD_FILE: db.passwordFile(), NAME: db.name }),
      }),
    );

    expect(addresses(stacks["app-01"])).toContain("docker_volume.app_db_data");
    expect(Object.keys(manifest.ledger)).toEqual(["app/db/data"]);
    expect(manifest.services[0]?.backups[0]?.holders).toEqual(["app/db/data"]);
    expect(manifest.services[0]?.secrets.map(({ name }) => name)).toEqual(["webservices.app.db_pass"]);
    expect(stacks["app-01"]?.resource.docker_container?.app.env).toContain("PASSWORD_FILE=/run/secrets/db_pass");
  });

  test("fails beside a service that shares the host's network", () => {
    expect(
      errorOf((lab) =>
        declare(lab, { networkMode: "host", parts: { queue: Companion.redis({ image: "redis:7.4.1" }) } }),
      ),
    ).toContain(`service "app", companion "queue": service "app" shares the host's network`);
  });
});

test("an image without a version says why in the manifest", () => {
  const image = Image.latest("example/app", { reason: "it has no versions" });
  const companion = Companion.container({ ...basic, image, port: 1 });

  const { manifest } = synthesizeLab((lab) => declare(lab, { image, parts: { companion } }));

  expect(manifest.services[0]).toMatchObject({
    unpinned: "it has no versions",
    companions: [{ image: "example/app:latest", unpinned: "it has no versions" }],
  });
});

test.each([
  ["relocatoin:data", `remove it, or name one of "relocation:data"`],
  ["relocation:files", `remove it, or name one of "relocation:data"`],
  ["mount-path:/date", `remove it, or name one of "mount-path:/data"`],
  ["mount-path:worker./srv", `remove it, or name one of "mount-path:worker./data"`],
  ["host-privilege:mount /ect", `remove it, or name one of "host-privilege:mount /etc"`],
  ["host-privilege:mount /dev", `remove it, or name one of "host-privilege:mount /etc"`],
  ["host-privilege:worker.mount /var/run/docker.sock", `remove it, or name one of "host-privilege:`],
  [
    "no-backup",
    `remove it, or name one of "host-privilege:mount /etc", "host-privilege:worker.mount /run/docker.sock", "mount-path:/data", "mount-path:/etc-of-host", "mount-path:worker./data", "mount-path:worker./socket", "relocation:data", "relocation:worker.data"`,
  ],
])("fails for a reason that nothing asks for: %s", (rule, advice) => {
  const socket = HostPath.at("/socket", { from: "/run/docker.sock", reason: "it lists containers" });
  const parts = {
    data: Volume.at("/data"),
    etc: HostPath.at("/etc-of-host", { from: "/etc", writable: true, reason: "it edits settings" }),
    worker: Companion.container({ ...basic, port: 1, parts: { data: Volume.at("/data"), socket } }),
    none: Backup.none("test"),
  };

  expect(errorOf((lab) => declare(lab, { parts, acknowledge: { [rule]: "test" } }))).toContain(
    `service "app": acknowledge("${rule}") is a reason that nothing asks for: ${advice}`,
  );
});

test("in a stack of one's own each finding is told once", () => {
  const build = (app: App) => {
    const stack = new TerraformStack(app, "own");
    const own = new Host(stack, "host", host("app-01", 11));
    new Zone(stack, "example.com", { zoneId: "0".repeat(32), ingress: Ingress.direct() });
    PostgresServer.existing(stack, "main", { host: "db.example.org" });
    new HomelabService(own, "app", { ...basic, parts: { data: Volume.at("/data") } });
  };
  let message = "";

  try {
    synthesize(build);
  } catch (error) {
    message = (error as Error).message;
  }

  expect(message.match(/keeps data \(data\) that nobody backs up/g)).toHaveLength(1);
});

test("a port keeps its guard when another host's service asks for the address", () => {
  const { manifest } = synthesizeLab((lab) => {
    declare(lab, { port: 80, parts: { api: Port.publish(80, { guard: "a token" }) } }).reachableFrom(
      lab.host("app-02"),
    );
  });

  expect(manifest.services[0]?.ports).toEqual([
    {
      part: "api, reachableFromLan()",
      container: "app",
      internal: 80,
      external: 80,
      ip: "192.168.1.11",
      protocol: "tcp",
      guard: "a token",
    },
  ]);
});

describe("a need", () => {
  test("joins the network of the other service and waits for it", () => {
    const { stacks } = synthesizeLab((lab) => {
      const other = declare(lab, { port: 80 }, "other");
      declare(lab, { needs: [other], environment: { OTHER: other.reachableFrom(lab.host("app-01")).url } });
    });
    const { app, other } = stacks["app-01"]?.resource.docker_container ?? {};

    expect(app.networks_advanced).toEqual([{ name: "app" }, { name: "other" }]);
    expect(app.depends_on).toContain("docker_container.other");
    expect(app.env).toContain("OTHER=http://other:80");
    expect(app.lifecycle).toBeUndefined();
    expect(other.ports).toBeUndefined();
  });

  test("restarts with the other service when it says so", () => {
    const { stacks, manifest } = synthesizeLab((lab) =>
      declare(lab, { needs: [Need.of(declare(lab, {}, "other"), { restart: true })] }),
    );

    expect(stacks["app-01"]?.resource.docker_container?.app.lifecycle).toEqual({
      replace_triggered_by: ["docker_container.other.id"],
    });
    expect(manifest.services.find(({ name }) => name === "app")?.needs).toEqual([{ service: "other", restart: true }]);
  });

  test("across hosts is an order of stacks and a port on the LAN", () => {
    const { stacks, dependencies } = synthesizeLab((lab) => {
      const other = declare(lab, { port: 80 }, "other", "app-02");
      declare(lab, { needs: [other], environment: { OTHER: other.reachableFrom(lab.host("app-01")).url } });
    });

    expect(dependencies["app-01"]).toContain("app-02");
    expect(stacks["app-01"]?.resource.docker_container?.app.env).toContain("OTHER=http://192.168.1.12:80");
    expect(stacks["app-02"]?.resource.docker_container?.other.ports).toEqual([
      { internal: 80, external: 80, ip: "192.168.1.12", protocol: "tcp" },
    ]);
  });

  test("fails in a circle of hosts", () => {
    const message = errorOf((lab) => {
      const one = declare(lab, { port: 1 }, "one");
      const two = declare(lab, { port: 1, needs: [one] }, "two", "app-02");
      declare(lab, { needs: [two] }, "three");
    });

    expect(message).toContain(`service "three": stack "app-01" would have to be deployed after "app-02"`);
  });
});

describe("files", () => {
  test("are copied in, and their text is literal", () => {
    const container = containerOf({
      parts: { config: ConfigFile.at("/etc/app.yml", Content.text("a: ${HOME} %{if}\n")) },
    });

    expect(container.upload).toEqual([{ file: "/etc/app.yml", content: "a: $${HOME} %%{if}\n", permissions: "0644" }]);
  });

  test("that reload are mounted as a directory, never as files", () => {
    const { stacks } = synthesizeLab((lab) =>
      declare(lab, {
        parts: {
          config: ConfigFile.at("/etc/app/app.yml", Content.text("a: 1\n"), { onChange: Reload.signal("HUP") }),
        },
      }),
    );
    const { docker_container, null_resource } = stacks["app-01"]?.resource ?? {};

    expect(docker_container?.app.mounts).toEqual([
      { target: "/etc/app", source: "/var/lib/homelab/app/etc-app", type: "bind", read_only: true },
    ]);
    expect(docker_container?.app.depends_on).toContain("null_resource.app_etc_app");
    expect(null_resource?.app_etc_app.triggers["file app.yml"]).toMatch(/^sha256:[0-9a-f]{64}, 0:0, 0644$/);
    expect(scriptOf(null_resource?.app_etc_app)).toContain(`kill -s HUP "$(docker inspect -f '{{.State.Pid}}' app)"`);
  });

  test("fail on a read-only root, where nothing can be copied in", () => {
    expect(
      errorOf((lab) =>
        declare(lab, { hardening: Hardening.strict(), parts: { config: ConfigFile.at("/a.yml", Content.text("")) } }),
      ),
    ).toContain(`part "config" copies a file into a container whose root is read-only: give it 'onChange'`);
  });

  test("with secrets are owned by who reads them, and in no trigger, label or variable", () => {
    const { stacks } = synthesizeLab((lab) =>
      declare(lab, {
        user: "1000:1000",
        parts: {
          key: SecretFile.generated({ length: 32 }),
          cert: SecretFile.at("/etc/app/tls.key", Secret.named("tlsKey"), { mode: "0440" }),
        },
      }),
    );
    const { null_resource: placed } = stacks["app-01"]?.resource ?? {};

    expect(placed?.app_run_secrets.triggers["file key"]).toBe("generation 1, 1000:1000, 0400");
    expect(placed?.app_etc_app.triggers["file tls.key"]).toBe("generation 1, 1000:1000, 0440");
    expect(placement(placed?.app_run_secrets)).toEqual({
      key: { owner: "1000:1000", mode: "0400", content: '${base64encode(join("", [var.webservices_app_key]))}' },
    });
    expect(stacks["app-01"]?.variable.webservices_app_key).toEqual({
      type: "string",
      sensitive: true,
      ephemeral: true,
    });
  });

  test("with secrets fail when nobody knows who reads them", () => {
    expect(errorOf((lab) => declare(lab, { parts: { key: SecretFile.generated({ length: 32 }) } }))).toBe(
      `service "app": nobody knows who reads the secret file of part "key": set 'user' of the service, or 'fileOwner', for example "1000:1000", or "0:0" for an image that starts as root`,
    );
  });

  test("fail when two parts place the same one", () => {
    const message = errorOf((lab) =>
      declare(lab, {
        user: "1:1",
        parts: { a: SecretFile.at("/s/key", Secret.named("a")), b: SecretFile.at("/s/key", Secret.named("b")) },
      }),
    );

    expect(message).toContain(`parts "a" and "b" both place a file "key" in one directory`);
  });
});

test("a secret in an environment variable says why, and rests in the state under another variable", () => {
  const { stacks, manifest } = synthesizeLab((lab) =>
    declare(lab, {
      parts: { token: Secret.asEnvironment({ reason: "the image reads no file" }) },
      environment: ({ token }) => ({ TOKEN: token.value }),
    }),
  );

  expect(stacks["app-01"]?.resource.docker_container?.app.env).toContain(
    "TOKEN=${var.webservices_app_token_persisted}",
  );
  expect(stacks["app-01"]?.variable).toEqual({ webservices_app_token_persisted: { type: "string", sensitive: true } });
  expect(manifest.services[0]?.secrets).toEqual([
    {
      part: "token",
      container: "app",
      name: "webservices.app.token",
      generation: 1,
      persisted: "the image reads no file",
    },
  ]);
});

test("an image that has no versions needs a reason", () => {
  const { manifest } = synthesizeLab((lab) =>
    declare(lab, { image: Image.latest("example/app", { reason: "upstream tags nothing" }) }),
  );

  expect(manifest.services[0]?.image).toBe("example/app:latest");
});

describe("the environment of a lab", () => {
  test("suffixes stacks and physical names", () => {
    const { stacks } = synthesizeLab(
      (lab) =>
        declare(lab, {
          port: 80,
          parts: { web: Route.in(lab.zone("example.com")), data: Volume.at("/d"), none: Backup.none("test") },
        }),
      {},
      { environment: "staging" },
    );

    expect(Object.keys(stacks).sort()).toEqual([
      "app-01-staging",
      "app-02-staging",
      "edge-staging",
      "monitoring-staging",
      "postgres-main-staging",
    ]);
    expect(stacks["app-01-staging"]?.resource.docker_container?.app).toMatchObject({
      name: "app-staging",
      mounts: [{ source: "app_data-staging" }],
      networks_advanced: [{ name: "app-staging" }, { name: "proxy-staging" }],
    });
  });
});

describe("what no service can be", () => {
  test.each<[string, (lab: Homelab) => unknown, string]>([
    [
      "an image without a version",
      (lab) => declare(lab, { image: "redis" }),
      `an image must name its version, for example "redis:1.2.3", got "redis"`,
    ],
    ["a bad name", (lab) => declare(lab, {}, "My App"), `service "My App": 'name' must be lowercase letters`],
    [
      "two of one name",
      (lab) => [declare(lab), declare(lab, {}, "app", "app-02")],
      `service "app" is declared twice, in app-01/Host/app and in app-02/Host/app`,
    ],
    [
      "a bad part key",
      (lab) => declare(lab, { parts: { "a-b": Tmpfs.at("/t") } }),
      `service "app": 'parts' must be a camelCase word, for example "data", got "a-b"`,
    ],
    [
      "a port out of range",
      (lab) => declare(lab, { port: 65_536 }),
      `service "app": 'port' must be a whole number from 1 to 65535, got 65536`,
    ],
    [
      "a relative mount",
      (lab) => declare(lab, { parts: { t: Tmpfs.at("tmp") } }),
      `part "t": 'path' must be an absolute path`,
    ],
    [
      "two parts at one path",
      (lab) => declare(lab, { parts: { a: Tmpfs.at("/t"), b: Tmpfs.at("/t") } }),
      `service "app": parts "a" and "b" both claim the path "/t"`,
    ],
    [
      "two parts with one variable",
      (lab) => declare(lab, { environment: { TZ: "Asia/Tokyo" } }),
      `"the service" and "environment" both set the variable "TZ", to "Etc/UTC" and "Asia/Tokyo"`,
    ],
    [
      "two ports at one place",
      (lab) => declare(lab, { parts: { a: Port.publish(1, { as: 9 }), b: Port.publish(2, { as: 9 }) } }),
      `"a" and "b" both publish the port "192.168.1.11:9/tcp", of the container's ports 1 and 2: give one of them another`,
    ],
    [
      "two guards before one port",
      (lab) =>
        declare(lab, { parts: { a: Port.publish(9, { guard: "a token" }), b: Port.publish(9, { guard: "a VPN" }) } }),
      `service "app": "a" and "b" say of the port "192.168.1.11:9/tcp" that "a token" and "a VPN" stand before it: remove 'guard' from one`,
    ],
    [
      "a user by name",
      (lab) => declare(lab, { user: "www-data" }),
      `service "app": 'user' must be a numeric user and group, for example "1000:1000", got "www-data"`,
    ],
    [
      "an empty word in a command",
      (lab) => declare(lab, { command: ["a", ""] }),
      `'command' must not contain an empty word`,
    ],
    [
      "a device that is none",
      (lab) => declare(lab, { devices: ["dri"] }),
      `'devices' must be "host[:container[:permissions]]"`,
    ],
    [
      "a limit of nothing",
      (lab) => declare(lab, { resources: { cpus: 0 } }),
      `'resources.cpus' must be a number above zero`,
    ],
    [
      "a variable that is none",
      (lab) => declare(lab, { environment: { "A B": 1 } }),
      `'environment' must be letters, digits and underscores`,
    ],
    [
      "a port on the host's network",
      (lab) => declare(lab, { networkMode: "host", parts: { p: Port.publish(1) } }),
      `part "p" needs a network or a published port`,
    ],
    [
      "a service without a port that is needed",
      (lab) => declare(lab, { environment: { X: declare(lab, {}, "other").reachableFrom(lab.host("app-01")).url } }),
      `service "other" has no 'port'`,
    ],
    [
      "data that nobody backs up",
      (lab) => declare(lab, { parts: { data: Volume.at("/data") } }),
      `service "app" keeps data (data) that nobody backs up: add a part Backup.nightly(), or Backup.none("reason")`,
    ],
    [
      "a backup of nothing",
      (lab) => declare(lab, { parts: { nightly: Backup.nightly({ keep: { daily: 0, weekly: 0, monthly: 0 } }) } }),
      `'keep' keeps no copy at all`,
    ],
    [
      "a backup without what isn't there",
      (lab) =>
        declare(lab, { parts: { data: Volume.at("/d"), nightly: Backup.nightly({ exclude: { dta: "typo" } }) } }),
      `'exclude' names "dta", which keeps no data; what does: "data"`,
    ],
    [
      "a time of day that is none",
      (lab) => declare(lab, { parts: { nightly: Backup.nightly({ at: "25:00" }) } }),
      `'at' must be a time of day, for example "02:30", got "25:00"`,
    ],
    [
      "a short generated secret",
      () => SecretFile.generated({ length: 8 }),
      `must be a whole number from 16 to 1024, got 8`,
    ],
    [
      "a period that isn't whole seconds",
      (lab) => declare(lab, { stopGracePeriod: Duration.milliseconds(1) }),
      "a whole number of seconds is needed here, got 1ms",
    ],
  ])("fails for %s", (_what, make, message) => {
    expect(errorOf(make)).toContain(message);
  });

  test("reports what is wrong with several services at once", () => {
    const message = errorOf((lab) => {
      declare(lab, { parts: { data: Volume.at("/data") } }, "one");
      declare(lab, { parts: { data: Volume.at("/data") } }, "two", "app-02");
    });

    expect(message).toContain('service "one" keeps data');
    expect(message).toContain('service "two" keeps data');
  });
});

test("adding a volume, reordering parts and editing a path change no other address", () => {
  const before = synthesizeLab((lab) =>
    declare(lab, { parts: { a: Volume.at("/a"), b: Volume.at("/b"), none: Backup.none("test") } }),
  );
  const after = synthesizeLab((lab) =>
    declare(lab, {
      parts: { c: Volume.at("/c"), none: Backup.none("test"), b: Volume.at("/elsewhere"), a: Volume.at("/a") },
    }),
  );

  expect(addresses(after.stacks["app-01"]).filter((address) => address !== "docker_volume.app_c")).toEqual(
    addresses(before.stacks["app-01"]),
  );
});

test("a host with folders makes them, links them and mounts them", () => {
  const storage = StorageLayout.serviceFolders("/mnt/data/services", { linkFrom: "/srv" });
  const { stacks } = synthesizeLab(
    (lab) =>
      declare(lab, { user: "33:33", parts: { data: Volume.at("/data", { mode: "0700" }), none: Backup.none("test") } }),
    {
      hosts: [host("app-01", 11, { storage })],
    },
  );
  const { null_resource: folder, docker_container: container } = stacks["app-01"]?.resource ?? {};
  const script = scriptOf(folder?.app_data);

  expect(container?.app.mounts[0]).toMatchObject({ source: "/mnt/data/services/app/data", type: "bind" });
  expect(script).toContain("walk /mnt/data/services/app/data look");
  expect(script).toMatch(/chown -h -- 33:33 .*\n.*chmod -- 0700/);
  expect(script).toContain("walk /srv make\nname=app\n");
  expect(script).toContain("ln -sfn -T -- /mnt/data/services/app ");
  expect(folder?.app_data.lifecycle).toBeUndefined();
});

describe("the uid of the deploy user", () => {
  const at = (uid?: number) => ({
    hosts: [host("app-01", 1, { ssh: { user: "deploy", hostKey: `ssh-ed25519 ${"A".repeat(68)}`, uid } })],
  });

  test.each<[string, Partial<HomelabServiceProps<Parts>>, string]>([
    ["a container", { user: "870:1" }, `service "app": 'user' is "870:1"`],
    ["files", { fileOwner: "870" }, `service "app": 'fileOwner' is "870"`],
    [
      "a secret file",
      { parts: { key: SecretFile.at("/run/key", Secret.named("webservices.app.key"), { owner: "870:870" }) } },
      `service "app", part "key": 'owner' is "870:870"`,
    ],
    [
      "a volume",
      { parts: { data: Volume.at("/data", { owner: "870:870" }) } },
      `service "app", part "data": 'owner' is "870:870"`,
    ],
    [
      "a companion",
      { parts: { web: Companion.container({ ...basic, port: 80, user: "870:870" }) } },
      `service "app", companion "web": 'user' is "870:870"`,
    ],
  ])("is refused for %s", (_what, props, message) => {
    expect(errorOf((lab) => declare(lab, props), at())).toBe(
      `${message}, the uid of the deploy user "deploy" of host "app-01", who is root in effect: take another one here, or another 'ssh.uid' of the host`,
    );
  });

  test("is the one that the inventory says, and of no matter where root deploys", () => {
    expect(errorOf((lab) => declare(lab, { user: "1000:1000" }), at(1000))).toContain("'user' is \"1000:1000\"");
    synthesizeLab((lab) => declare(lab, { user: "870:1" }), at(1000));
    const root = { user: "root", hostKey: `ssh-ed25519 ${"A".repeat(68)}` };
    synthesizeLab((lab) => declare(lab, { user: "870:1" }), { hosts: [host("app-01", 1, { ssh: root })] });
    expect(errorOf(() => undefined, at(0))).toContain("'ssh.uid' must be a whole number from 1 to 65533");
  });
});
