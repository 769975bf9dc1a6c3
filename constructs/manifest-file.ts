import { TerraformStack } from "cdktf";
import type { Host } from "./host";
import type { Lab } from "./lab";
import { MANIFEST_VERSION, type Manifest } from "./manifest";
import { resourcesByService } from "./service-resources";
import { writeFileAtomically } from "./write-file";

/** Writes the lab as plain data. */
export function writeManifest(path: string, lab: Lab): void {
  writeFileAtomically(path, `${JSON.stringify(toManifest(lab), null, 2)}\n`);
}

function toManifest(lab: Lab): Manifest {
  const resources = resourcesByService(lab);
  return {
    version: MANIFEST_VERSION,
    environment: lab.environment,
    hosts: sorted(lab.hosts).map((host) => ({
      name: host.hostName,
      stack: TerraformStack.of(host).node.id,
      lanAddress: host.props.lanAddress,
      publicAddress: host.props.publicAddress ?? host.props.publicAddressV6,
      storage: host.storage.description,
      timeZone: host.timeZone,
      ssh: { ...host.props.ssh, port: host.props.ssh.port ?? 22 },
      dataFolder: dataFolder(host),
      folders: host.storage.folders,
      firewall: host.firewall?.facts ?? null,
    })),
    zones: sorted(lab.zones).map((zone) => ({
      name: zone.zoneName,
      stack: TerraformStack.of(zone).node.id,
      ingress: zone.props.ingress.description,
      accountId: zone.props.accountId,
    })),
    records: sorted(lab.zones)
      .flatMap((zone) => zone.records)
      .map(({ hostName, type, content, proxied }) => ({ name: hostName, type, content, proxied }))
      .sort((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1)),
    databaseServers: sorted(lab.servers).map((server) => ({
      name: server.serverName,
      stack: TerraformStack.of(server).node.id,
      host: server.host,
      port: server.port,
      managed: server.service !== undefined,
      revokesPublicConnect: server.revokesPublicConnect,
      adminRole: server.adminRole,
      relocation: server.relocation,
      through: server.tunnel,
    })),
    services: sorted(lab.services).map((service) => service.toManifest(resources.get(service.serviceName) ?? {})),
    directories: lab.directories
      .map(({ facts }) => facts)
      .sort((a, b) => (`${a.host} ${a.path}` < `${b.host} ${b.path}` ? -1 : 1)),
    accessControl: lab.accessControl.document(),
    ledger: Object.fromEntries(
      [...lab.ledger.entries].map(([key, entry]) => [key, { ...entry, released: !lab.holders.isDeclared(key) }]),
    ),
    retired: Object.fromEntries(lab.ledger.retired),
    ledgerSecrets: Object.fromEntries([...lab.ledger.secrets, ...lab.ledger.retiredSecrets]),
    ledgerFile: lab.ledger.file,
    secrets: lab.secretUses.facts,
    secretStore: lab.secrets.kind,
    secretsFile: lab.secrets.file,
    generationsFile: lab.generations.file,
  };
}

function dataFolder({ storage }: Host): string | undefined {
  const place = storage.volume("service", "part");
  return place.kind === "folder" ? place.root : undefined;
}

function sorted<T>(members: ReadonlyMap<string, T>): T[] {
  return [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member);
}
