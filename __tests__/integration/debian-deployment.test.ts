import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { connect } from "node:net";
import * as path from "node:path";
import type { App } from "cdktf";
import {
  ConfigFile,
  Content,
  Duration,
  Generations,
  HomelabService,
  Ingress,
  Ledger,
  Check,
  Probe,
  Reload,
  StorageLayout,
  type HostProps,
} from "../../constructs";
import { bootstrapScript } from "../../deploy/bootstrap-script";
import { runOnHost } from "../../deploy/ssh";
import { recordingsFolder } from "../../offline/providers";
import { startServer } from "../../offline/server";
import { authelia, traefik, Users, whoami } from "../../services";
import { Homelab, PROVIDER_PINS } from "../../stacks";
import { Debian } from "../support/debian";
import { Deployment, type Said } from "../support/deployment";
import { dockerEffects } from "../support/emulation/docker";
import { nullEffects } from "../support/emulation/null";
import { engineFolder, removeMounted } from "../support/engine";
import { pushPlatformImages } from "../support/platform-images";
import { waitFor } from "../support/ports";
import { missing, suite } from "../support/programs";
import { EMULATED, IS_REAL, providersUnderTest, REAL_ENVIRONMENT } from "../support/providers-under-test";
import { Registry } from "../support/registry";
import { host, inventory } from "../support/synthesis";

const cannot = missing(["terraform", "busybox"]) ?? Debian.missing() ?? Registry.missing();

/** What a test declares beside the platform. */
interface Declared {
  readonly text?: string;
  readonly check?: string;
}

/** Docker 20.10 probes a container for the first time after a whole interval: half a minute, and two for a chain. */
function probeSoon(document: any): any {
  for (const { healthcheck = [] } of Object.values<any>(document.resource?.docker_container ?? {}))
    for (const probe of [healthcheck].flat()) probe.interval = "2s";
  return document;
}

/**
 * The platform of the example lab on a machine that bootstrap made a host, deployed over its own sshd by Terraform, with
 * images that its engine pulls from a registry; then what goes wrong, each time with what is found afterwards. The tests
 * are the life of one lab; `docs/faults.md` tells them as a table.
 */
suite(
  `a stock Debian takes the platform, ${IS_REAL ? "with the real providers" : "providers emulated"}`,
  cannot,
  () => {
    jest.setTimeout(180_000);
    let folder: string;
    let debian: Debian;
    let deployment: Deployment;
    let ledger: Ledger;
    let pinned: string;
    let generation = 1;
    const variables: Record<string, string> = {};
    const started: (() => Promise<void> | void)[] = [];
    const before = process.env.SSH_AUTH_SOCK;

    beforeAll(async () => {
      process.stdout.write(`${providersUnderTest()}\n`);
      folder = engineFolder();
      debian = await Debian.boot(path.join(folder, "debian"), "64m");
      started.push(() => debian.stop());
      const registry = await Registry.start(debian.gateway, path.join(folder, "registry"));
      started.push(() => registry.stop());
      await pushPlatformImages(registry, path.join(folder, "images"));
      debian.write("/etc/docker/daemon.json", JSON.stringify({ "registry-mirrors": [registry.url] }));
      process.env.SSH_AUTH_SOCK = debian.environment.SSH_AUTH_SOCK;
      pinned = debian.hostKey();
      await bootstrap();
      const server = await startServer({
        recordings: recordingsFolder(),
        providers: { "cloudflare/cloudflare": PROVIDER_PINS.cloudflare ?? "", ...EMULATED },
        apply: true,
        effects: { ...dockerEffects(() => debian.docker), ...nullEffects() },
      });
      started.push(() => server.close());
      Object.assign(variables, debian.environment, REAL_ENVIRONMENT, { TF_REATTACH_PROVIDERS: server.reattach });
      ledger = Ledger.inMemory();
      deployment = new Deployment(path.join(folder, "deployment"), variables, probeSoon);
    }, 600_000);

    afterAll(async () => {
      process.env.SSH_AUTH_SOCK = before;
      for (const stop of started.reverse()) await stop();
      removeMounted(folder);
    }, 60_000);

    async function bootstrap(): Promise<void> {
      const { name, lanAddress, ssh } = machine();
      const folders = ["/mnt/data/services", "/srv/lab"];
      const facts = {
        name,
        stack: name,
        lanAddress,
        storage: "",
        timeZone: "Etc/UTC",
        folders,
        ssh: { ...ssh, port: 22 },
      };
      await runOnHost(facts, bootstrapScript(facts), { user: "root" });
    }

    const machine = (): HostProps =>
      host("box", 1, {
        lanAddress: debian.address,
        ssh: { user: "deploy", hostKey: pinned, authorizedKeys: [debian.userKey] },
        storage: StorageLayout.serviceFolders("/mnt/data/services", { linkFrom: "/srv/lab" }),
        firewall: { ssh: [`${debian.gateway}/24`], lan: [`${debian.gateway}/24`], confirmWithin: Duration.seconds(10) },
      });

    function declare({ text = "one", check = "true" }: Declared = {}): void {
      const generations = Generations.inMemory({ "webservices.authelia.session_secret": generation });
      deployment.synthesize((app: App) => {
        const zones = { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.direct() } };
        const lab = new Homelab(app, inventory({ hosts: [machine()], zones, ledger, generations }));
        const [box, zone] = [lab.host("box"), lab.zone("example.com")];
        const users = Users.file({ anna: { displayName: "Anna", email: "anna@example.com", groups: ["admins"] } });
        const signOn = authelia(box, { zones: [zone], users });
        traefik(box, { zone, signOn, email: "admin@example.com" });
        whoami(box, { zone });
        new HomelabService(box, "notes", {
          image: "docker.io/traefik/whoami:v1.10.3",
          user: "1234:1234",
          health: Probe.none("it only keeps a file"),
          parts: {
            text: ConfigFile.at("/etc/notes/text", Content.text(text), {
              onChange: Reload.watched(),
              check: Check.command(["sh", "-c", check]),
            }),
          },
        });
      });
      const document = fs.readFileSync(path.join(folder, "deployment/out/stacks/box/cdk.tf.json"), "utf8");
      for (const name of Object.keys(JSON.parse(document).variable ?? {}))
        variables[`TF_VAR_${name}`] ??= `secret-${randomBytes(12).toString("hex")}`;
    }

    async function deploy(what?: Declared): Promise<void> {
      declare(what);
      const { status, said } = await deployment.apply("box");
      if (status !== 0) throw new Error(said);
    }

    /** Deploys while something happens as soon as the check of a file runs, which waits for it. */
    async function deployWhile(happens: () => Promise<unknown>, text: string): Promise<Said> {
      declare({ text, check: "sleep 6" });
      const ended = deployment.apply("box");
      await waitFor("files are tried", async () => (await debian.run("pgrep -x -f 'sleep 6'")).status === 0, 60);
      await happens();
      return ended;
    }

    const running = async (): Promise<string[]> =>
      (await debian.docker.listContainers()).map(({ Names: [name = ""] }) => name.slice(1)).sort();

    /** No value of a secret lies anywhere but where it was placed, and in no state or plan. */
    async function findSecrets(): Promise<string> {
      const values = Object.entries(variables).flatMap(([name, value]) => (name.startsWith("TF_VAR_") ? [value] : []));
      expect(values.length).toBeGreaterThan(4);
      for (const value of values) expect(deployment.state("box") + deployment.log).not.toContain(value);
      const patterns = values.map((value) => `-e ${value}`).join(" ");
      const everywhere = "/tmp /var/tmp /dev/shm /home /root /run/user /var/lib/homelab /var/log";
      return debian.must(`grep -rlsF ${patterns} ${everywhere} || true`);
    }

    /** What holds after each fault: nothing was lost, no secret lies about, and the next deployment is the last one. */
    async function recovers(text: string): Promise<void> {
      expect(await findSecrets()).toBe("");
      await deploy({ text });
      expect(await placed()).toBe(text);
      expect(await deployment.plan("box")).toMatchObject({ status: 0 });
      expect(await running()).toEqual(CONTAINERS);
    }

    const placed = (): Promise<string> => debian.must("docker exec notes cat /etc/notes/text");

    const CONTAINERS = [
      ...["authelia", "authelia-sessions", "authelia-storage", "notes", "traefik-box", "traefik-box-docker", "whoami"],
    ];

    test("runs the proxy, the sign-on and a guarded service, from images of a registry", async () => {
      await deploy();

      expect(await running()).toEqual(CONTAINERS);
      for (const name of ["authelia", "traefik-box"])
        expect([name, (await debian.docker.getContainer(name).inspect()).State.Health?.Status]).toEqual([
          ...[name, "healthy"],
        ]);
      expect(await findSecrets()).toBe("");
    });

    test("has nothing to do the second time", async () => {
      expect(await deployment.plan("box")).toMatchObject({ status: 0, said: expect.stringContaining("No changes.") });
    });

    test("its firewall lets in what is published, and nothing else that the engine publishes", async () => {
      await debian.must("docker run -d --name stray -p 8099:80 --entrypoint /whoami traefik/whoami:v1.10.3");
      const onHost = await debian.must("bash -c 'exec 3<>/dev/tcp/127.0.0.1/8099 && echo open'");
      expect(onHost).toBe("open\n");

      expect(await answers(443)).toBe(true);
      expect(await answers(8099)).toBe(false);

      await debian.must("docker rm -f stray");
    });

    async function answers(port: number): Promise<boolean> {
      return new Promise((resolve) => {
        const socket = connect({ host: debian.address, port, timeout: 2000 });
        const end = (answered: boolean): void => {
          socket.destroy();
          resolve(answered);
        };
        socket.on("connect", () => end(true)).on("error", () => end(false));
        socket.on("timeout", () => end(false));
      });
    }

    test("a stranger who watches the machine during a rotation sees no secret", async () => {
      const seen = `/home/${debian.stranger}/seen`;
      const look =
        "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; find /tmp /var/tmp /dev/shm /run -type f -exec cat {} +";
      await debian.must(`rm -f ${seen}`);
      const watching = debian.run(`until [ -e /run/enough ]; do ${look}; done > ${seen} 2>/dev/null`, debian.stranger);
      variables.TF_VAR_webservices_authelia_session_secret = `secret-${randomBytes(12).toString("hex")}`;
      generation = 2;

      await deploy();

      await debian.must("touch /run/enough");
      await watching;
      expect(await debian.must(`grep -a -c sudo ${seen}`)).toMatch(/^[1-9]/); // it did look, while something was done
      expect(await findSecrets()).toBe("");
      expect(await debian.must("docker exec authelia cat /run/secrets/session_secret")).toBe(
        variables.TF_VAR_webservices_authelia_session_secret,
      );
    });

    test("a connection that is cut: the file is the old one or the new one, and whole", async () => {
      const cut = "for pid in $(pgrep -u deploy sshd); do kill -KILL $pid; done";

      const { status } = await deployWhile(() => debian.must(cut), "cut");

      expect(status).toBe(1);
      await settled();
      expect(["one", "cut"]).toContain(await placed());
      await recovers("after a cut");
    });

    test("an engine that is killed: the old file stays, and the engine comes back with its containers", async () => {
      const { status } = await deployWhile(
        () => debian.must("systemctl reset-failed docker; systemctl kill --signal KILL --kill-whom main docker"),
        "killed",
      );

      expect(status).toBe(1);
      await settled();
      await waitFor("the engine runs", async () => (await debian.run("docker ps")).status === 0);
      expect(await placed()).toBe("after a cut");
      await recovers("after a kill");
    });

    test.each([
      ["full", "head -c 100M /dev/zero > /mnt/data/fill; [ -s /mnt/data/fill ]", "rm /mnt/data/fill", "No space left"],
      ["read-only", "mount -o remount,ro /mnt/data", "mount -o remount,rw /mnt/data", "Read-only file system"],
    ])("a disk that is %s: the deployment says so, and the old file stays", async (what, begin, end, said) => {
      const old = await placed();
      await debian.must(begin);
      declare({ text: what.repeat(3000) });

      const ended = await deployment.apply("box");

      expect([ended.status, ended.said]).toEqual([1, expect.stringContaining(said)]);
      expect(await placed()).toBe(old);
      await debian.must(end);
      await recovers(`after a disk that is ${what}`);
    });

    test("two deployments at once: the second one is refused, and the first one ends as alone", async () => {
      let second: Said | undefined;

      const first = await deployWhile(async () => (second = await deployment.apply("box")), "at once");

      expect(first.status).toBe(0);
      expect(second).toMatchObject({ status: 1, said: expect.stringContaining("Error acquiring the state lock") });
      expect(await placed()).toBe("at once");
      await recovers("after two");
    });

    test("a machine that boots has its firewall, its containers and what was placed again", async () => {
      await debian.reboot();

      await waitFor("all containers run", async () => (await running()).length === CONTAINERS.length, 60);
      expect(await placed()).toBe("after two");
      expect(await debian.must("nft list table inet homelab")).toContain("chain");
      await recovers("after a boot");
    });

    test("a machine that was installed anew: refused with its old key, deployed whole with the new one", async () => {
      await debian.must("docker rm -f $(docker ps -aq); docker network prune -f; docker volume prune -f");
      await debian.must("rm -rf /mnt/data/* /srv/lab /var/lib/homelab /etc/homelab /etc/systemd/system/homelab-*");
      await debian.must("nft delete table inet homelab; rm /etc/ssh/ssh_host_*; ssh-keygen -A; systemctl restart ssh");
      declare({ text: "anew" });

      const refused = await deployment.apply("box");

      expect([refused.status, refused.said]).toEqual([
        1,
        expect.stringMatching(/host key|key mismatch|IDENTIFICATION/i),
      ]);
      expect(await debian.must("ls -A /mnt/data")).toBe("");
      pinned = debian.hostKey();
      await bootstrap();
      await recovers("anew");
      expect(await debian.must("nft list table inet homelab")).toContain("chain");
    });

    /** What a deployment left running on the host has ended. */
    async function settled(): Promise<void> {
      await waitFor("nothing is tried any more", async () => (await debian.run("pgrep -x -f 'sleep 6'")).status !== 0);
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  },
);
