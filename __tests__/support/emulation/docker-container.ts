import type Docker from "dockerode";
import { pack } from "tar-stream";
import type { ValueMap } from "../../../offline/values";
import { nanoseconds, number, objects, text, textMap, texts } from "./values";

/** Makes a container as the provider does: copied files before it starts, and health waited for where it is asked. */
export async function createContainer(docker: Docker, planned: ValueMap): Promise<ValueMap> {
  const networks = objects(planned.networks_advanced).map(({ name, aliases }) => ({
    name: text(name) ?? "",
    aliases: texts(aliases),
  }));
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
      NetworkMode: text(planned.network_mode),
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
  });
  // Like the provider: made on the usual bridge, and taken off it for its own networks.
  if (networks.length > 0)
    await docker.getNetwork(text(planned.network_mode) ?? "bridge").disconnect({ Container: container.id });
  for (const { name, aliases } of networks) {
    await docker.getNetwork(name).connect({ Container: container.id, EndpointConfig: { Aliases: aliases } });
  }
  const uploads = objects(planned.upload);
  if (uploads.length > 0) await container.putArchive(archive(uploads), { path: "/" });
  await container.start();
  if (planned.wait === true) await healthy(container, number(planned.wait_timeout) ?? 60);
  const { Config, HostConfig } = await container.inspect();
  return {
    ...(await containerFacts(container)),
    id: container.id,
    env: Config.Env,
    hostname: Config.Hostname,
    command: Array.isArray(Config.Cmd) ? Config.Cmd : [],
    entrypoint: typeof Config.Entrypoint === "string" ? [Config.Entrypoint] : (Config.Entrypoint ?? []),
    log_driver: HostConfig.LogConfig?.Type ?? "json-file",
    security_opts: (HostConfig.SecurityOpt as string[] | undefined) ?? [],
  };
}

/** What the engine alone knows of a container, as the provider puts it into a state. */
export async function containerFacts(container: Docker.Container): Promise<ValueMap> {
  const { Config, HostConfig, NetworkSettings, Platform, State } = await container.inspect();
  // Their types leave these out.
  const { StopSignal = "", StopTimeout = 0 } = Config as {
    readonly StopSignal?: string;
    readonly StopTimeout?: number;
  };
  const { Bridge = "" } = NetworkSettings as { readonly Bridge?: string };
  return {
    bridge: Bridge,
    container_logs: null, // of a container that the provider attached to
    exit_code: State.Running ? null : State.ExitCode,
    init: HostConfig.Init ?? false,
    ipc_mode: HostConfig.IpcMode ?? "",
    network_data: Object.entries(NetworkSettings.Networks).map(([name, network]) => ({
      network_name: name,
      gateway: network.Gateway,
      ip_address: network.IPAddress,
      ip_prefix_length: network.IPPrefixLen,
      ipv6_gateway: network.IPv6Gateway,
      global_ipv6_address: network.GlobalIPv6Address,
      global_ipv6_prefix_length: network.GlobalIPv6PrefixLen,
      mac_address: network.MacAddress,
    })),
    platform: Platform,
    runtime: HostConfig.Runtime ?? "",
    shm_size: Math.floor((HostConfig.ShmSize ?? 0) / 1024 / 1024),
    stop_signal: StopSignal,
    stop_timeout: StopTimeout,
  };
}

/** An amount of memory as the engine takes it; -1 stays what it is. */
export function mebibytes(name: "Memory" | "MemorySwap", value: ValueMap[string] | undefined): Record<string, number> {
  const amount = number(value);
  if (amount === undefined) return {};
  return { [name]: amount > 0 ? amount * 1024 * 1024 : amount };
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
