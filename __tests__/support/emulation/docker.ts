import type Docker from "dockerode";
import { pack } from "tar-stream";
import type { EffectRequest, Effects } from "../../../offline/effects";
import { same, type ValueMap } from "../../../offline/values";
import { nanoseconds, number, objects, text, textMap, texts } from "./values";

/** What the docker provider 4.5.0 carries out when it updates a container in place; it drops all other changes. */
const APPLIED = ["restart", "max_retry_count", "cpu_shares", "memory", "memory_reservation", "cpu_set", "memory_swap"];

/**
 * The docker provider's resources on a real engine, as far as the constructs use them: made, read and destroyed as the
 * provider does, and on an update just what it applies. `engine` finds the engine of a provider by its host.
 */
export function dockerEffects(engine: (host: string) => Docker): Readonly<Record<string, Effects>> {
  const of = (provider: ValueMap): Docker => engine(text(provider.host) ?? "");
  return {
    docker_network: {
      create: async ({ provider, planned }) => {
        const network = await of(provider).createNetwork({ Name: text(planned.name) ?? "", Driver: "bridge" });
        return { id: network.id, driver: "bridge", internal: false, scope: "local" };
      },
      read: (provider, { id }) =>
        unlessGone(async () => {
          const { Name } = (await of(provider)
            .getNetwork(text(id) ?? "")
            .inspect()) as { Name: string };
          return { name: Name };
        }),
      update: nothing,
      delete: async (provider, { id }) => {
        await of(provider)
          .getNetwork(text(id) ?? "")
          .remove();
      },
    },
    docker_volume: {
      create: async ({ provider, planned }) => {
        // An existing volume of that name is taken as it is.
        const name = text(planned.name) ?? "";
        await of(provider).createVolume({ Name: name });
        const { Mountpoint } = await of(provider).getVolume(name).inspect();
        return { id: name, driver: "local", mountpoint: Mountpoint };
      },
      read: (provider, { id }) =>
        unlessGone(async () => {
          const { Mountpoint } = await of(provider)
            .getVolume(text(id) ?? "")
            .inspect();
          return { mountpoint: Mountpoint };
        }),
      update: nothing,
      delete: async (provider, { id }) => {
        await of(provider)
          .getVolume(text(id) ?? "")
          .remove({ force: true });
      },
    },
    docker_image: {
      create: async ({ provider, planned }) => {
        const { Id } = await of(provider)
          .getImage(text(planned.name) ?? "")
          .inspect(); // there is no registry to pull from
        return { id: `${Id}${text(planned.name) ?? ""}`, image_id: Id };
      },
      read: (provider, { name }) =>
        unlessGone(async () => ({
          image_id: (
            await of(provider)
              .getImage(text(name) ?? "")
              .inspect()
          ).Id,
        })),
      update: nothing,
      delete: async (provider, { keep_locally: keep, name }) => {
        if (keep !== true)
          await of(provider)
            .getImage(text(name) ?? "")
            .remove();
      },
    },
    docker_container: {
      create: async ({ provider, planned }) => createContainer(of(provider), planned),
      read: (provider, { id }) =>
        unlessGone(async () => {
          const { State } = await of(provider)
            .getContainer(text(id) ?? "")
            .inspect();
          return { exit_code: State.Running ? null : State.ExitCode };
        }),
      update: async ({ provider, prior, planned }) => {
        const changed = APPLIED.filter((name) => !same(prior[name], planned[name]));
        if (changed.length > 0) {
          await of(provider)
            .getContainer(text(planned.id) ?? "")
            .update({
              RestartPolicy: { Name: text(planned.restart), MaximumRetryCount: number(planned.max_retry_count) ?? 0 },
              ...mebibytes("Memory", planned.memory),
              ...mebibytes("MemorySwap", planned.memory_swap),
            });
        }
        return {};
      },
      delete: async (provider, { id, destroy_grace_seconds: grace }) => {
        const container = of(provider).getContainer(text(id) ?? "");
        await container.stop({ t: number(grace) ?? 0 }).catch((error: unknown) => {
          if ((error as { statusCode?: number }).statusCode !== 304) throw error; // it was stopped already
        });
        await container.remove({ v: true, force: true });
      },
    },
  };
}

async function createContainer(docker: Docker, planned: ValueMap): Promise<ValueMap> {
  const networks = objects(planned.networks_advanced).map(({ name, aliases }) => ({
    name: text(name) ?? "",
    aliases: texts(aliases),
  }));
  const [first, ...others] = networks;
  const [healthcheck] = objects(planned.healthcheck);
  const container = await docker.createContainer({
    name: text(planned.name),
    Image: text(planned.image) ?? "",
    Cmd: planned.command === null ? undefined : texts(planned.command),
    Entrypoint: texts(planned.entrypoint).length > 0 ? texts(planned.entrypoint) : undefined,
    User: text(planned.user),
    WorkingDir: text(planned.working_dir),
    Hostname: text(planned.hostname),
    Env: texts(planned.env),
    Labels: Object.fromEntries(
      objects(planned.labels).map(({ label, value }) => [text(label) ?? "", text(value) ?? ""]),
    ),
    ExposedPorts: Object.fromEntries(objects(planned.ports).map((port) => [portName(port), {}])),
    Healthcheck: healthcheck && {
      Test: texts(healthcheck.test),
      Interval: nanoseconds(healthcheck.interval),
      Timeout: nanoseconds(healthcheck.timeout),
      StartPeriod: nanoseconds(healthcheck.start_period),
      Retries: number(healthcheck.retries),
    },
    HostConfig: {
      NetworkMode: first?.name ?? text(planned.network_mode),
      RestartPolicy: { Name: text(planned.restart) ?? "no", MaximumRetryCount: number(planned.max_retry_count) ?? 0 },
      Mounts: objects(planned.mounts).map((mount) => ({
        Type: text(mount.type) as "bind" | "volume",
        Source: text(mount.source) ?? "",
        Target: text(mount.target) ?? "",
        ReadOnly: mount.read_only === true,
      })),
      Tmpfs: textMap(planned.tmpfs),
      PortBindings: Object.fromEntries(
        objects(planned.ports).map((port) => [
          portName(port),
          [{ HostIp: text(port.ip), HostPort: String(number(port.external) ?? "") }],
        ]),
      ),
      LogConfig: { Type: text(planned.log_driver) ?? "json-file", Config: textMap(planned.log_opts) ?? {} },
      SecurityOpt: texts(planned.security_opts),
      CapAdd: objects(planned.capabilities).flatMap(({ add }) => texts(add)),
      CapDrop: objects(planned.capabilities).flatMap(({ drop }) => texts(drop)),
      ReadonlyRootfs: planned.read_only === true,
      ...mebibytes("Memory", planned.memory),
      ...mebibytes("MemorySwap", planned.memory_swap),
    },
    NetworkingConfig: first && { EndpointsConfig: { [first.name]: { Aliases: first.aliases } } },
  });
  for (const { name, aliases } of others) {
    await docker.getNetwork(name).connect({ Container: container.id, EndpointConfig: { Aliases: aliases } });
  }
  const uploads = objects(planned.upload);
  if (uploads.length > 0) await container.putArchive(archive(uploads), { path: "/" });
  await container.start();
  if (planned.wait === true) await healthy(container, number(planned.wait_timeout) ?? 60);
  const { Config, HostConfig } = await container.inspect();
  return {
    id: container.id,
    env: Config.Env,
    hostname: Config.Hostname,
    command: Array.isArray(Config.Cmd) ? Config.Cmd : [],
    entrypoint: typeof Config.Entrypoint === "string" ? [Config.Entrypoint] : (Config.Entrypoint ?? []),
    log_driver: HostConfig.LogConfig?.Type ?? "json-file",
    security_opts: (HostConfig.SecurityOpt as string[] | undefined) ?? [],
  };
}

async function healthy(container: Docker.Container, seconds: number): Promise<void> {
  for (const started = Date.now(); Date.now() - started < seconds * 1000;) {
    const { State } = await container.inspect();
    if (State.Health?.Status === "healthy") return;
    if (!State.Running) throw new Error(`container exited with ${State.ExitCode} before it was healthy`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`container was not healthy after ${seconds} s`);
}

function archive(uploads: readonly ValueMap[]): NodeJS.ReadableStream {
  const tar = pack();
  for (const { file, content, content_base64, permissions } of uploads) {
    const bytes = text(content_base64);
    tar.entry(
      { name: (text(file) ?? "").slice(1), mode: parseInt(text(permissions) ?? "0644", 8) },
      bytes ? Buffer.from(bytes, "base64") : (text(content) ?? ""),
    );
  }
  tar.finalize();
  return tar as unknown as NodeJS.ReadableStream; // it is one, which its types do not say
}

function portName(port: ValueMap): string {
  return `${number(port.internal) ?? 0}/${text(port.protocol) ?? "tcp"}`;
}

function mebibytes(name: "Memory" | "MemorySwap", value: ValueMap[string] | undefined): Record<string, number> {
  const amount = number(value);
  if (amount === undefined) return {};
  return { [name]: amount > 0 ? amount * 1024 * 1024 : amount };
}

async function unlessGone(read: () => Promise<ValueMap>): Promise<ValueMap | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

function nothing(_request: EffectRequest): Promise<ValueMap> {
  return Promise.resolve({});
}
