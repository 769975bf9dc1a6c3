import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import * as fc from "fast-check";
import {
  ConfigFile,
  Content,
  Duration,
  Egress,
  HomelabService,
  Port,
  Probe,
  Reload,
  type FirewallProps,
} from "../../constructs";
import { contains } from "../../plan/address-ranges";
import { reportExposure } from "../../plan/exposure";
import { letsThrough } from "../../plan/ports";
import { Homelab } from "../../stacks";
import { Engine, engineFolder } from "../support/engine";
import { hostScripts, TerraformFolder } from "../support/host-scripts";
import { Namespaces } from "../support/namespaces";
import { waitFor } from "../support/ports";
import { missing, suite } from "../support/programs";
import { Sshd } from "../support/sshd";
import { host, inventory, placedFiles, synthesize, written, type StackJson } from "../support/synthesis";

const reason =
  missing(["nft", "terraform", "busybox", "unshare", "nsenter"], { root: true }) ??
  Engine.missing() ??
  Sshd.missing() ??
  Namespaces.missing();

const NETWORKS = [
  ...["192.168.77.0/24", "fd77::/64", "203.0.113.0/24", "203.0.113.2", "198.51.100.0/24"],
  ...["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "2001:db8::/32"],
] as const;
const networks = fc.uniqueArray(fc.constantFrom(...NETWORKS), { minLength: 1, maxLength: 3 });
const own = networks.map(([first = NETWORKS[0], ...rest]): { from: [string, ...string[]] } => ({
  from: [first, ...rest],
}));

/** Firewalls of all kinds of networks, with ports of the host and of its services for them. */
const generatedFirewall = fc.record({
  ssh: networks.map(([first = NETWORKS[0], ...rest]): [string, ...string[]] => [first, ...rest]),
  lan: networks,
  open: fc.array(
    fc.record({
      port: fc.constantFrom(9100, 9150, 8080, 8082),
      from: fc.oneof(fc.constantFrom("lan" as const, "everywhere" as const), networks),
    }),
    { maxLength: 2 },
  ),
  from: fc.record({ web: fc.oneof(fc.constant({}), own), one: fc.oneof(fc.constant({}), own) }),
});

/** A host with Docker, one in its LAN and one outside, each a network namespace: real packets, real rules. */
suite("a firewall", reason, () => {
  let folder: string;
  let net: Namespaces;
  let engine: Engine;
  let sshd: Sshd;
  let terraform: TerraformFolder;
  const inFolder = (name: string): string => path.join(folder, name);
  const children: ChildProcess[] = [];

  const HOST = "192.168.77.1";
  const LAN = ["192.168.77.0/24", "fd77::/64"];
  const FIREWALL: FirewallProps = { ssh: ["192.168.77.0/24"], lan: LAN, confirmWithin: Duration.seconds(4) };

  beforeAll(async () => {
    folder = engineFolder();
    net = new Namespaces("host");
    net.join("lan", [
      [`${HOST}/24`, "192.168.77.2/24"],
      ["fd77::1/64", "fd77::2/64"],
    ]);
    net.join("out", [
      ["203.0.113.1/24", "203.0.113.2/24"],
      ["2001:db8:77::1/64", "2001:db8:77::2/64"],
    ]);
    engine = await Engine.startIn(net.name("host"), inFolder("engine"));
    // What the deployment writes under /etc stays in a mount namespace of the host's sshd.
    fs.mkdirSync("/etc/homelab", { recursive: true });
    const mounts = ["/etc/homelab", "/etc/systemd/system"];
    const script = `${mounts.map((name) => `mount -t tmpfs tmpfs ${name}`).join(" && ")} && exec "$@"`;
    sshd = await Sshd.start(
      inFolder("sshd"),
      {},
      {
        address: "0.0.0.0",
        prefix: [...net.on("host"), "unshare", "--mount", "sh", "-c", script, "-"],
      },
    );
    terraform = new TerraformFolder(inFolder("stack"), () => sshd.environment, net.on("lan"));
    const root = inFolder("root");
    fs.mkdirSync(path.join(root, "bin"), { recursive: true });
    fs.copyFileSync("/bin/busybox", path.join(root, "bin/busybox"));
    for (const name of ["sh", "nc", "cat", "ip", "timeout", "echo"])
      fs.symlinkSync("busybox", path.join(root, "bin", name));
    await engine.importImage(root, "busybox:1");
    listen("host", 9100);
    listen("out", 9000);
  }, 120_000);

  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    sshd.stop();
    await engine.remove();
    net.remove();
    if (fs.readdirSync("/etc/homelab").length === 0) fs.rmdirSync("/etc/homelab");
  }, 60_000);

  /** Answers each connection on a host with what it is sent. */
  function listen(on: string, port: number): void {
    children.push(
      spawn("env", [...net.on(on), ..."busybox nc -ll -p".split(" "), `${port}`, "-e", "cat"], { stdio: "ignore" }),
    );
  }

  /** Whether a host gets an answer from an address. */
  function reaches(from: string, address: string, port: number): boolean {
    const script = `exec 3<>/dev/tcp/${address}/${port} && echo hi >&3 && head -1 <&3`;
    return net.run(from, `timeout 1 bash -c '${script}' 2>/dev/null`).said === "hi\n";
  }

  /** The same from inside a container. */
  async function containerReaches(name: string, address: string, port: number): Promise<boolean> {
    const command = ["sh", "-c", `echo hi | timeout 2 nc -w 1 ${address} ${port}`];
    const exec = await engine.docker.getContainer(name).exec({ Cmd: command, AttachStdout: true });
    const stream = await exec.start({});
    let said = "";
    await new Promise((resolve) => stream.on("data", (bytes: Buffer) => (said += bytes.toString())).on("end", resolve));
    return said.includes("hi");
  }

  function declared(firewall: FirewallProps | undefined, services: (lab: Homelab) => void = published): StackJson {
    const machine = host("app-01", 1, {
      lanAddress: HOST,
      ssh: { user: "root", port: sshd.port, hostKey: sshd.hostKey },
      firewall,
    });
    const { stacks } = synthesize((app: App) => services(new Homelab(app, inventory({ hosts: [machine] }))));
    return stacks["app-01"] ?? { resource: {} };
  }

  function service(lab: Homelab, name: string, options: object): void {
    new HomelabService(lab.host("app-01"), name, { image: "busybox:1", health: Probe.none("test"), ...options });
  }

  function published(lab: Homelab): void {
    service(lab, "web", { parts: { port: Port.publish(7, { as: 8080, on: "everywhere" }) } });
    service(lab, "files", { parts: { port: Port.publish(7, { as: 8081 }) } });
    service(lab, "one", { parts: { port: Port.publish(7, { as: 8082, from: ["192.168.77.9"] }) } });
    service(lab, "self", { parts: { port: Port.publish(7, { as: 8083, on: "loopback" }) } });
    service(lab, "home", { port: 9100, networkMode: "host" });
    service(lab, "quiet", { egress: Egress.none() });
    service(lab, "mailer", { egress: Egress.to({ network: "203.0.113.2", port: 9000 }) });
    service(lab, "local", { egress: Egress.lan() });
  }

  /** Runs the containers of a stack, with the networks and ports that it says. */
  async function runContainers(stack: StackJson): Promise<void> {
    const { docker } = engine;
    const networks = { ...stack.resource.docker_network, proxy: { name: "proxy" } };
    for (const { name, options } of Object.values<any>(networks))
      await docker.createNetwork({ Name: name, Options: options });
    for (const { name, ports = [], networks_advanced: joined = [], network_mode: mode } of Object.values<any>(
      stack.resource.docker_container ?? {},
    )) {
      const bindings = Object.fromEntries(
        ports.map(({ internal, external, ip }: any) => [
          `${internal}/tcp`,
          [{ HostIp: ip ?? "0.0.0.0", HostPort: `${external}` }],
        ]),
      );
      const container = await docker.createContainer({
        name,
        Image: "busybox:1",
        Cmd: ["nc", "-ll", "-p", mode === "host" ? "9199" : "7", "-e", "cat"],
        ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
        HostConfig: { PortBindings: bindings, NetworkMode: mode ?? "proxy" },
      });
      for (const { name: network } of joined) await docker.getNetwork(network).connect({ Container: container.id });
      await container.start();
    }
  }

  const nft = (script: string): string => net.run("host", `nft ${script}`).said;
  const apply = (firewall: FirewallProps, services?: (lab: Homelab) => void) =>
    terraform.apply(hostScripts(declared(firewall, services)));

  test("lets in what is declared, from where it is declared, in a container and on the host", async () => {
    await runContainers(declared(FIREWALL));
    const stray = await engine.docker.createContainer({
      Image: "busybox:1",
      Cmd: ["nc", "-ll", "-p", "7", "-e", "cat"],
      ExposedPorts: { "7/tcp": {} },
      HostConfig: { PortBindings: { "7/tcp": [{ HostPort: "8099" }] } },
    });
    await stray.start();
    await waitFor(
      "everything answers without a firewall",
      () => reaches("out", "203.0.113.1", 8099) && reaches("lan", HOST, 8082),
    );

    const { status, said } = apply(FIREWALL);

    expect([status, status === 0 ? "" : said]).toEqual([0, ""]);
    const answers = (port: number) => [reaches("lan", HOST, port), reaches("out", "203.0.113.1", port)];
    expect(answers(8080)).toEqual([true, true]); // everywhere
    expect(answers(8081)).toEqual([true, false]); // the LAN
    expect(reaches("out", HOST, 8081)).toBe(false); // also by the address that it is published on
    expect(answers(8082)).toEqual([false, false]); // one address, which neither has
    expect(answers(8083)).toEqual([false, false]); // the host itself
    expect(net.run("host", "echo hi | busybox nc -w 1 127.0.0.1 8083").said).toBe("hi\n");
    expect(answers(8099)).toEqual([false, false]); // published by hand
    expect(answers(9100)).toEqual([true, false]); // a program on the host's network
    expect(answers(sshd.port)).toEqual([false, false]); // sshd speaks first: no echo, but …
    expect(net.run("lan", `timeout 1 bash -c 'head -c 3 </dev/tcp/${HOST}/${sshd.port}'`).said).toBe("SSH");
    expect(net.run("out", `timeout 1 bash -c 'head -c 3 </dev/tcp/203.0.113.1/${sshd.port}'`).said).toBe("");
  }, 60_000);

  test("holds for IPv6 as well", () => {
    expect(reaches("lan", "fd77::1", 9100)).toBe(true);
    expect(reaches("out", "2001:db8:77::1", 9100)).toBe(false);
    expect(net.run("out", "ping -6 -c 1 -W 1 2001:db8:77::1 >/dev/null 2>&1").status ?? 0).toBeLessThan(128);
  });

  test("a container is reached from outside by its published port only", async () => {
    const { NetworkSettings } = await engine.docker.getContainer("files").inspect();
    const address = NetworkSettings.Networks.files?.IPAddress ?? "";

    expect(reaches("lan", address, 7)).toBe(false);
    expect(reaches("out", address, 7)).toBe(false);
    expect(reaches("host", address, 7)).toBe(true);
  });

  test("holds what the containers of a service reach", async () => {
    const outside = (name: string) => containerReaches(name, "203.0.113.2", 9000);
    const inLan = (name: string) => containerReaches(name, "192.168.77.2", 9001);
    listen("lan", 9001);
    listen("out", 9002);

    expect([await outside("web"), await inLan("web")]).toEqual([true, true]);
    expect([await outside("quiet"), await inLan("quiet")]).toEqual([false, false]);
    expect([await outside("local"), await inLan("local")]).toEqual([false, true]);
    expect([await outside("mailer"), await inLan("mailer")]).toEqual([true, false]);
    expect(await containerReaches("mailer", "203.0.113.2", 9002)).toBe(false);
    // All of them are on the proxy's network as well, whose gateway they could take.
    const { NetworkSettings } = await engine.docker.getContainer("quiet").inspect();
    expect(Object.keys(NetworkSettings.Networks).sort()).toEqual(["0-quiet", "proxy"]);
  }, 60_000);

  test("connections go on while the rules are loaded anew", async () => {
    const script = 'exec 3<>/dev/tcp/203.0.113.1/8080; while read -r line; do echo "$line" >&3; head -1 <&3; done';
    const client = spawn("env", [...net.on("out"), "bash", "-c", script], { stdio: ["pipe", "pipe", "ignore"] });
    children.push(client);
    let said = "";
    client.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
    client.stdin.write("before\n");
    await waitFor("an answer", () => said === "before\n");

    const fewer = (lab: Homelab): void => service(lab, "files", { parts: { port: Port.publish(7, { as: 8081 }) } });
    expect(apply(FIREWALL, fewer)).toMatchObject({ status: 0 });

    expect(reaches("out", "203.0.113.1", 8080)).toBe(false);
    client.stdin.write("after\n");
    await waitFor("an answer over the old connection", () => said === "before\nafter\n");
    expect(apply(FIREWALL)).toMatchObject({ status: 0 });
  }, 60_000);

  test("leaves the rules of others alone", () => {
    expect(nft("list tables")).toContain("table ip nat");

    net.run("host", "nft add table ip others");
    expect(apply({ ...FIREWALL, open: [{ port: 9101, reason: "an exporter" }] })).toMatchObject({ status: 0 });

    expect(nft("list tables")).toContain("table ip others");
    expect(nft("list table inet homelab")).toContain('comment "an exporter"');
  });

  test("a firewall that would shut out the deployer is refused, in one sentence", () => {
    const before = nft("list table inet homelab");

    const { status, said } = apply({ ...FIREWALL, ssh: ["10.99.0.0/16"] });

    expect(status).toBe(1);
    expect(said.replace(/\s+/g, " ")).toContain(
      `'firewall.ssh' of host "app-01" does not let in the address that this deployment comes from, add its network: 192.168.77.2`,
    );
    expect(nft("list table inet homelab")).toBe(before);
  });

  test("rules that shut out the deployer all the same are taken back in time", () => {
    expect(apply(FIREWALL)).toMatchObject({ status: 0 });
    const [before, file] = [nft("list table inet homelab"), placedRules()];
    // Nobody sees in the rules that the connection after the first one, the confirmation's, is led elsewhere.
    const elsewhere = `ip saddr 192.168.77.2 tcp dport ${sshd.port} numgen inc mod 1000 > 0 dnat to ${HOST}:${sshd.port + 1}`;
    const detour = `table ip detour { chain c { type nat hook prerouting priority -150; ${elsewhere}; }; }`;
    const load = `nft '${detour}' || exit 1; (sleep 9; nft delete table ip detour) >/dev/null 2>&1 &`;
    expect(net.run("host", load)).toEqual({ status: 0, said: "" });
    const armed = apply({ ...FIREWALL, open: [{ port: 9102, reason: "a mistake" }] });

    expect([armed.status, armed.said.includes("the new rules were taken back")]).toEqual([1, true]);
    expect(nft("list table inet homelab")).toBe(before);
    expect(placedRules()).toBe(file);
    // The next deployment does it again, from the beginning.
    expect(apply({ ...FIREWALL, open: [{ port: 9102, reason: "no mistake" }] })).toMatchObject({ status: 0 });
    expect(nft("list table inet homelab")).toContain("9102");
  }, 90_000);

  test("comes back after a reboot, and goes when the code has none", () => {
    const [, start] = /ExecStart=(.*)/.exec(onHost("cat /etc/systemd/system/homelab-firewall.service")) ?? [];
    const before = nft("list table inet homelab");
    nft("delete table inet homelab");

    onHost(start ?? "false");

    expect(nft("list table inet homelab")).toBe(before);

    const other = (lab: Homelab): void =>
      service(lab, "app", {
        user: "1:1",
        parts: { file: ConfigFile.at("/etc/app/a", Content.text("a"), { onChange: Reload.watched() }) },
      });
    expect(terraform.apply(hostScripts(declared(undefined, other)))).toMatchObject({ status: 0 });
    expect(nft("list tables")).not.toContain("inet homelab");
    expect(onHost("ls /etc/homelab /etc/systemd/system")).not.toMatch(/firewall/);
  });

  test("lets in from where the exposure says, and from nowhere else, whatever is declared", () => {
    listen("host", 9150);
    const counted = { firewalls: 0, packets: 0, passed: 0 };
    const sources = { lan: ["192.168.77.2", "fd77::2"], out: ["203.0.113.2", "2001:db8:77::2"] } as const;
    const property = fc.property(generatedFirewall, ({ open, from, ...firewall }) => {
      const made = synthesize((app: App) => {
        const machine = host("app-01", 1, {
          lanAddress: HOST,
          ssh: { user: "root", port: sshd.port, hostKey: sshd.hostKey },
          firewall: { ...firewall, open: open.map((one) => ({ ...one, reason: "a test" })) },
        });
        const lab = new Homelab(app, inventory({ hosts: [machine] }));
        service(lab, "web", { parts: { port: Port.publish(7, { as: 8080, on: "everywhere", ...from.web }) } });
        service(lab, "files", { parts: { port: Port.publish(7, { as: 8081 }) } });
        service(lab, "one", { parts: { port: Port.publish(7, { as: 8082, ...from.one }) } });
        service(lab, "home", { port: 9100, networkMode: "host" });
      });
      const rules = placedFiles(made.stacks["app-01"])["/etc/homelab/firewall/rules.nft"] ?? "";
      fs.writeFileSync(inFolder("generated.nft"), rules);
      expect(nft(`-f ${inFolder("generated.nft")}`)).toBe("");

      const facts = made.manifest.hosts.find(({ name }) => name === "app-01");
      const on = (port: number, address?: string): Parameters<typeof letsThrough>[1] => ({
        ...(address !== undefined && { address }),
        port,
        protocol: "tcp",
        isPublished: address !== undefined,
      });
      const listeners = [on(8080, "0.0.0.0"), on(8081, HOST), on(8082, HOST), on(9100), on(9150), on(sshd.port)];
      const found = Object.entries(sources).flatMap(([place, [v4, v6]]) => {
        const asked = listeners.flatMap((listener) => {
          const near = place === "out" && listener.address !== HOST ? "203.0.113.1" : HOST;
          const isV6 = !listener.isPublished && listener.port !== sshd.port; // Docker and sshd listen in IPv4 here
          const far = place === "out" ? "2001:db8:77::1" : "fd77::1";
          return [{ listener, source: v4, to: near }, ...(isV6 ? [{ listener, source: v6, to: far }] : [])];
        });
        const answered = answers(
          place,
          asked.map(({ listener, to }) => [to, listener.port]),
        );
        return asked.map(({ listener, source, to }, index) => {
          const let_ = facts && letsThrough(facts, listener);
          const isSaid = let_ === "everywhere" || contains(let_ ?? [], source);
          return { place, to, port: listener.port, said: isSaid, passes: answered[index] };
        });
      });

      counted.firewalls++;
      counted.packets += found.length;
      counted.passed += found.filter(({ passes }) => passes).length;
      expect(found.filter(({ said, passes }) => said !== passes)).toEqual([]);
      // What somebody outside reaches is told.
      const outside = found.flatMap(({ place, port, passes }) => (place === "out" && passes ? [port] : []));
      const told = reportExposure(written(made)).entries.filter((entry) => entry.from === "internet");
      const isTold = (port: number): boolean =>
        told.some(({ address }) => address.endsWith(`:${port}/tcp`) || (port === 9100 && address.endsWith("any port")));
      expect(outside.filter((port) => !isTold(port))).toEqual([]);
    });

    fc.assert(property, { numRuns: 14, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true });

    process.stdout.write(`generated firewalls: ${JSON.stringify(counted)}\n`);
    expect(counted.passed).toBeGreaterThan(counted.packets / 20);
    expect(counted.packets - counted.passed).toBeGreaterThan(counted.packets / 20);
  }, 120_000);

  /** Which of some addresses and ports answer a host, asked all at once: with what is sent, or as sshd does. */
  function answers(from: string, all: readonly (readonly [string, number])[]): boolean[] {
    const probes = all.map(([address, port], index) => {
      const script = `exec 3<>/dev/tcp/${address}/${port} && echo hi >&3 && head -c 2 <&3`;
      return `{ said=$(timeout 1 bash -c '${script}' 2>/dev/null); [ -z "$said" ] || echo ${index}; } &`;
    });
    const { said } = net.run(from, `${probes.join("\n")}\nwait`);
    const found = new Set(said.split("\n"));
    return all.map((_one, index) => found.has(String(index)));
  }

  const placedRules = (): string => onHost("cat /etc/homelab/firewall/rules.nft");

  /** Runs something where sshd does: in its mounts. */
  function onHost(script: string): string {
    const ssh = `ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -p ${sshd.port} root@${HOST}`;
    return net.run("lan", `SSH_AUTH_SOCK=${sshd.environment.SSH_AUTH_SOCK} ${ssh} '${script.replaceAll("'", `'\\''`)}'`)
      .said;
  }
});
