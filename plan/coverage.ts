import type { BackupAgentFacts } from "../contract/backups";
import { hasData } from "../contract/ledger";
import type { Manifest, ServiceManifest } from "../contract/manifest";
import type { BackupFacts } from "../contract/service-facts";

/** Whether something that a service keeps is copied. */
export type CoverageState = "covered" | "excused" | "uncovered";

/** What becomes of one thing that a service keeps. */
export interface Coverage {
  /** The service. */
  readonly service: string;
  /** The part, as the ledger has it: `db`, `queue.data`. */
  readonly part: string;
  /** What it is. */
  readonly kind: string;
  /** Its name where it is: a volume, a folder, a database. */
  readonly name: string;
  /** The host whose agent copies it, or would. */
  readonly host: string | undefined;
  readonly state: CoverageState;
  /** Why it is not copied: the reason that the code gives, or what is missing. */
  readonly reason?: string;
  /** When it is copied, in the time zone of its host: `02:30` each day. */
  readonly at?: string;
  /** How many copies are kept. */
  readonly keep?: BackupFacts["keep"];
  /** The repositories that copies go to, by name. */
  readonly repositories: readonly string[];
  /** Whether a copy outlives the host. */
  readonly offsite: boolean;
}

/** The most that is lost when everything else works: what was written since the last copy, in hours. */
export const RECOVERY_POINT_HOURS = 24;

/** What becomes of everything that services keep, by service and part. */
export function coverageOf(manifest: Manifest): readonly Coverage[] {
  return manifest.services.flatMap((service) =>
    Object.entries(manifest.ledger)
      .filter(([key, entry]) => key.startsWith(`${service.name}/`) && hasData(entry) && !entry.released)
      .map(([key, entry]) => coverage(manifest, service, key, entry)),
  );
}

/** The agents that copy something of a service. */
export function agentsOf(manifest: Manifest, service: string): readonly BackupAgentFacts[] {
  return (manifest.backupAgents ?? []).filter(({ services }) => services.includes(service));
}

function coverage(
  manifest: Manifest,
  service: ServiceManifest,
  key: string,
  entry: Manifest["ledger"][string],
): Coverage {
  const part = key.slice(service.name.length + 1).replaceAll("/", ".");
  const host = hostOf(manifest, entry);
  const what = { service: service.name, part, kind: entry.kind, name: entry.name, host };
  const not = { repositories: [], offsite: false };
  const [unprotected] = service.unprotected;
  const backup = service.backups.find(({ holders }) => holders.includes(key));
  if (!backup) {
    const reason = service.backups.map(({ exclude }) => exclude[part]).find((one) => one !== undefined);
    const said = reason ?? unprotected?.reason;
    if (said !== undefined) return { ...what, ...not, state: "excused", reason: said };
    return { ...what, ...not, state: "uncovered", reason: "no part of the service says how it is backed up" };
  }
  const declared = { at: backup.at, keep: backup.keep };
  const agent = agentsOf(manifest, service.name).find((one) => one.host === host);
  if (!agent) {
    const elsewhere = backedUpBy(manifest, host, entry);
    if (elsewhere !== undefined) return { ...what, ...not, state: "excused", reason: elsewhere };
    const reason = host === undefined ? "nobody's agent reaches it" : `host ${host} has no backup agent for it`;
    return { ...what, ...not, ...declared, state: "uncovered", reason };
  }
  const { repositories } = agent;
  return {
    ...what,
    ...declared,
    state: "covered",
    repositories: repositories.map(({ name }) => name),
    offsite: repositories.some(({ offsite }) => offsite),
  };
}

/** Who else backs it up, where the code says so. */
function backedUpBy(
  { hosts, databaseServers }: Manifest,
  host: string | undefined,
  { server }: Manifest["ledger"][string],
): string | undefined {
  const there = databaseServers.find(({ name, managed }) => name === server && !managed);
  const by = there ? there.backedUpBy : hosts.find(({ name }) => name === host)?.backedUpBy;
  return by === undefined ? undefined : `backed up by ${by}`;
}

/** The host whose agent copies a holder: its own, or that of the database server; none for a server elsewhere. */
function hostOf({ services }: Manifest, entry: Manifest["ledger"][string]): string | undefined {
  return entry.host ?? services.find(({ name }) => name === `postgres-${entry.server}`)?.host;
}
