import type { Command } from "commander";
import { colors } from "./colors";
import type { Manifest, ServiceManifest } from "../contract/manifest";
import { plainJson, plainly } from "../contract/plain";
import { currentLab } from "./lab";
import { UserError } from "../process/user-error";
import { accessOf, showService } from "./show-service";
import { table } from "./table";

/** `homelab show`: the lab, or one service, as the last synthesis made it. */
export function addShow(program: Command): void {
  program
    .command("show")
    .description("show the lab, or one service of it")
    .argument("[service]", "name of a service")
    .option("--json", "print the manifest, or the service's part of it")
    .action(async (name: string | undefined, options: { json?: boolean }) => {
      const manifest = await currentLab(program);
      const service = name === undefined ? undefined : findService(manifest, name);
      if (options.json) console.log(plainJson(service ?? manifest));
      else console.log(service ? showService(plainly(manifest), plainly(service)) : showLab(plainly(manifest)));
    });
}

function findService(manifest: Manifest, name: string): ServiceManifest {
  const service = manifest.services.find((other) => other.name === name);
  if (!service) {
    const known = manifest.services.map((other) => other.name).join(", ");
    throw new UserError(`the lab has no service ${JSON.stringify(name)}, it has ${known || "none"}`);
  }
  return service;
}

function showLab(manifest: Manifest): string {
  const heading = (...names: string[]): string[] => names.map((name) => colors.bold(name));
  const hosts = manifest.hosts.map(({ name, stack, lanAddress, publicAddress, storage }) => [
    name,
    stack,
    lanAddress,
    publicAddress ?? "-",
    storage,
  ]);
  const zones = manifest.zones.map(({ name, stack, ingress }) => [name, stack, ingress]);
  const servers = manifest.databaseServers.map(({ name, stack, host, port, managed }) => [
    name,
    stack,
    `${host}:${port}`,
    managed ? "run by the lab" : "exists",
  ]);
  const services = manifest.services.map((service) => [
    colors.cyan(service.name),
    service.host,
    service.routes[0]?.url ?? "-",
    service.routes[0] ? accessOf(service.routes[0]) : "-",
    service.databases.map(({ server, name }) => `${server}/${name}`).join(", ") || "-",
    data(service),
    backup(service),
    monitors(service),
  ]);
  const agents = (manifest.backupAgents ?? []).map(({ host, engine, repositories, services: copied }) => [
    host,
    engine,
    repositories.map(({ name, offsite }) => (offsite ? name : `${name} (on the host)`)).join(", "),
    copied.join(", ") || "-",
  ]);
  const others = manifest.hosts.flatMap(({ name, backedUpBy }) =>
    backedUpBy === undefined ? [] : [[name, "-", `backed up by ${backedUpBy}`, "-"]],
  );
  return [
    table([heading("HOST", "STACK", "LAN", "PUBLIC", "STORAGE"), ...hosts]),
    ...(zones.length > 0 ? [table([heading("ZONE", "STACK", "INGRESS"), ...zones])] : []),
    ...(servers.length > 0 ? [table([heading("DATABASE SERVER", "STACK", "ADDRESS", "KIND"), ...servers])] : []),
    ...(agents.length + others.length > 0
      ? [table([heading("BACKUPS OF", "ENGINE", "COPIES", "SERVICES"), ...agents, ...others])]
      : []),
    table([heading("SERVICE", "HOST", "ADDRESS", "ACCESS", "DATABASE", "DATA", "BACKUP", "MONITORS"), ...services]),
  ].join("\n\n");
}

function data(service: ServiceManifest): string {
  const kinds = service.data.map(({ kind }) => kind).filter((kind) => kind === "volume" || kind === "folder");
  return kinds.length === 0 ? "-" : `${kinds.length} ${kinds[0]}${kinds.length > 1 ? "s" : ""}`;
}

function backup(service: ServiceManifest): string {
  if (service.backups.length > 0) return service.backups.map(({ at }) => at).join(", ");
  return service.unprotected.length > 0 ? "none" : "-";
}

function monitors(service: ServiceManifest): string {
  return (
    service.monitors.map(({ kind, engaged }) => (engaged ? kind : colors.dim(`${kind} (paused)`))).join(", ") || "-"
  );
}
