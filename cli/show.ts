import type { Command } from "commander";
import { colors } from "./colors";
import { hasData } from "../constructs/ledger";
import type { Manifest, ServiceManifest } from "../constructs/manifest";
import { plainJson, plainly } from "../plan/plain";
import { currentLab } from "./lab";
import { UserError } from "./manifest";
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
    service.routes[0] ? access(service.routes[0]) : "-",
    service.databases.map(({ server, name }) => `${server}/${name}`).join(", ") || "-",
    data(service),
    backup(service),
    monitors(service),
  ]);
  return [
    table([heading("HOST", "STACK", "LAN", "PUBLIC", "STORAGE"), ...hosts]),
    ...(zones.length > 0 ? [table([heading("ZONE", "STACK", "INGRESS"), ...zones])] : []),
    ...(servers.length > 0 ? [table([heading("DATABASE SERVER", "STACK", "ADDRESS", "KIND"), ...servers])] : []),
    table([heading("SERVICE", "HOST", "ADDRESS", "ACCESS", "DATABASE", "DATA", "BACKUP", "MONITORS"), ...services]),
  ].join("\n\n");
}

function showService(manifest: Manifest, service: ServiceManifest): string {
  const line = (name: string, value: string | undefined): string[] =>
    value ? [`${colors.bold(name.padEnd(11))} ${value}`] : [];
  const each = (name: string, values: readonly string[]): string[] =>
    values.flatMap((value, index) => line(index === 0 ? name : "", value));
  return [
    colors.bold(colors.cyan(service.name)),
    ...line("host", `${service.host}, deployed by stack ${service.stack}`),
    ...line("container", service.container),
    ...line("image", image(service)),
    ...line("health", service.health === "checked" ? "checked" : `not checked: ${service.health.none}`),
    ...each(
      "routes",
      service.routes.map(
        (route) =>
          `${route.hosts.map((host) => `https://${host}`).join(", ")}${route.paths.length > 0 ? ` ${route.paths.join(", ")}` : ""}: ${access(route)}${route.reason === undefined ? "" : ` (${route.reason})`}`,
      ),
    ),
    ...each(
      "open paths",
      service.routes.flatMap((route) => route.bypass.map(({ paths, reason }) => `${paths.join(", ")} (${reason})`)),
    ),
    ...each(
      "ports",
      service.ports.map(({ ip, external, internal, protocol }) => `${ip}:${external}/${protocol} to ${internal}`),
    ),
    ...each(
      "databases",
      service.databases.map(({ server, name, roles }) => `${name} on ${server}, roles ${roles.join(", ")}`),
    ),
    ...each(
      "data",
      service.data.filter(hasData).map(({ key, kind, name }) => `${key}: ${kind} ${name}`),
    ),
    ...each(
      "host paths",
      service.hostPaths.map(({ path, readOnly }) => `${path}${readOnly ? ", read-only" : ""}`),
    ),
    ...each(
      "backups",
      service.backups.map(
        ({ at, keep, holders, exclude }) =>
          `${at}: ${holders.join(", ")}; keeps ${Object.entries(keep)
            .map(([period, count]) => `${count} ${period}`)
            .join(", ")}${Object.entries(exclude)
            .map(([part, reason]) => `; not ${part} (${reason})`)
            .join("")}`,
      ),
    ),
    ...each(
      "no backup",
      service.unprotected.map(({ reason }) => reason),
    ),
    ...each(
      "secrets",
      service.secrets.map(
        ({ name, generation, persisted }) =>
          `${name}, generation ${generation}${persisted === undefined ? "" : `, rests in the state (${persisted})`}`,
      ),
    ),
    ...each(
      "monitors",
      service.monitors.map(({ kind, target, engaged }) => `${kind} ${target}${engaged ? "" : ", paused"}`),
    ),
    ...each(
      "jobs",
      service.jobs.map(({ schedule, command }) => `${schedule}: ${command.join(" ")}`),
    ),
    ...each(
      "companions",
      service.companions.map((companion) => `${companion.container}: ${image(companion)}`),
    ),
    ...each(
      "needs",
      service.needs.map((need) => `${need.service}${need.restart ? ", restarts with it" : ""}`),
    ),
    ...each(
      "needed by",
      manifest.services
        .filter(({ needs }) => needs.some((need) => need.service === service.name))
        .map(({ name }) => name),
    ),
    ...each(
      "exceptions",
      Object.entries(service.acknowledged).map(([rule, reason]) => `${rule}: ${reason}`),
    ),
  ].join("\n");
}

function image({ image: reference, unpinned }: { readonly image: string; readonly unpinned?: string }): string {
  return unpinned === undefined ? reference : `${reference}, not pinned (${unpinned})`;
}

function access({ policy, subjects, reach, paths }: ServiceManifest["routes"][number]): string {
  const who = subjects.map((subject) => (typeof subject === "string" ? subject : subject.join(" and "))).join(", ");
  const asked = policy === "bypass" ? colors.yellow("open") : policy.replace("_", " ");
  return [asked, who, reach === "lan" ? "LAN only" : "", paths.length > 0 ? paths.join(" ") : ""]
    .filter(Boolean)
    .join(" ");
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
