import { DRILLS } from "../data/drill";
import { BACKUPS } from "../data/backup";
import { Dumps } from "../data/dumps";
import { DATABASES } from "../postgres/postgres-database";
import { PostgresServer } from "../postgres/postgres-server";
import { HolderRegistry } from "../ledger/holder-registry";
import type { Holder } from "../ledger/holder";
import type { Lab } from "../lab/lab";
import type { ServiceCommons } from "../part/service-commons";
import { Workloads } from "../part/workloads";
import type { BackupFacts } from "../../contract/service-facts";
import { quote } from "../../contract/text";
import type { BackupJob, Source } from "./backup-job";

/** What all agents of a lab have to do, and what none of them can. */
export interface BackupJobs {
  /** The jobs. */
  readonly jobs: readonly BackupJob[];
  /** A sentence for whatever is to be backed up and can't be. */
  readonly findings: readonly string[];
}

/** A source, and the host on which it is read. */
interface Placed {
  readonly host: string;
  readonly source: Source;
}

/** Programs whose files are no copy while they write them, by the last word of their image. */
const DATABASE_IMAGE =
  /(?:^|\/)(postgres|postgresql|postgis|pgvector|timescaledb|mariadb|mysql|mysql-server|percona|mongo|mongodb|influxdb)[:@]/;

/** Goes through everything that services want backed up. */
export function backupJobs(lab: Lab): BackupJobs {
  const found = Workloads.of(lab).services.map((service) => jobsOf(lab, service));
  return {
    jobs: found.flatMap(({ jobs }) => jobs).sort((a, b) => (a.service < b.service ? -1 : 1)),
    findings: found.flatMap(({ findings }) => findings),
  };
}

function jobsOf(lab: Lab, service: ServiceCommons): BackupJobs {
  const backups = service.said(BACKUPS);
  const keys = new Set(backups.flatMap(({ holders }) => holders));
  const holders = HolderRegistry.of(lab)
    .of(service.name)
    .filter(({ key }) => keys.has(key));
  const placed = holders.map((holder) => place(lab, service, holder, backups));
  const sources = placed.filter((one) => typeof one === "object");
  const hosts = new Map<string, Source[]>();
  for (const { host, source } of sources) hosts.set(host, [...(hosts.get(host) ?? []), source]);
  const jobs = [...hosts].map(([host, own]) => job(service, host, own, backups));
  const hooks = backups.some(({ before, after }) => before.length + after.length > 0);
  const isHookLost = hooks && sources.length > 0 && !hosts.has(service.host.hostName);
  return {
    jobs,
    findings: [
      ...placed.filter((one) => typeof one === "string"),
      ...(isHookLost
        ? [
            `${service.subject}: nothing of it is copied on host ${quote(service.host.hostName)}, so that 'before' and 'after' of Backup.nightly() would never run: remove them`,
          ]
        : []),
    ],
  };
}

/** What is read of a holder, and where; why nothing can; or nothing, where somebody else backs it up. */
function place(
  lab: Lab,
  service: ServiceCommons,
  { key, part, name, kind, place }: Holder,
  backups: readonly BackupFacts[],
): Placed | string | undefined {
  const host = service.host.hostName;
  const dump = Dumps.of(lab).insteadOf(key);
  if (dump) return { host, source: { part, ...dump } };
  const subject = `${service.subject}, part ${quote(part)}`;
  if ("server" in place) {
    const server = PostgresServer.all(lab).get(place.server);
    const facts = service.said(DATABASES).find((one) => one.server === place.server && one.name === name);
    const [owner] = facts?.roles ?? [];
    if (server?.backedUpBy !== undefined) return undefined;
    if (!server?.service || owner === undefined)
      return `${subject}: database server ${quote(place.server)} is not the lab's, and nothing of the lab dumps what is on it: say in its 'backedUpBy' who backs up its databases, or leave the part out with a reason, in 'exclude' of Backup.nightly()`;
    const { containerName: container } = server.service;
    const source: Source = { part, kind: "postgres", container, database: name, owner, superuser: server.adminRole };
    return { host: server.service.host.hostName, source };
  }
  const workload = service.workloads.find(({ keyPath }) => [...keyPath, ""].join(".") === part.replace(/[^.]*$/, ""));
  const program = DATABASE_IMAGE.exec(workload?.image.reference ?? "")?.[1];
  const isHandled = backups.some(({ quiesce, before }) => quiesce !== undefined || before.length > 0);
  if (program !== undefined && !isHandled)
    return `${subject}: its files are written by ${program} while they are copied, and such a copy may not be readable: take a dump in 'before' of Backup.nightly(), set its 'quiesce', or have the database by Companion.postgres() or PostgresDatabase.on()`;
  if (/["']/.test(name))
    return `${subject}: its folder ${quote(name)} has a quote in its name, which no mount of Docker has: rename it, or leave the part out with a reason, in 'exclude' of Backup.nightly()`;
  return { host, source: { part, kind: kind === "folder" ? kind : "volume", name } };
}

function job(
  service: ServiceCommons,
  host: string,
  sources: readonly Source[],
  backups: readonly BackupFacts[],
): BackupJob {
  const isOwn = host === service.host.hostName;
  const hooks = (when: "before" | "after"): BackupJob["before"] =>
    backups.flatMap((one) => one[when].map((command) => ({ container: one.container, command })));
  const most = (period: keyof BackupFacts["keep"]): number => Math.max(...backups.map(({ keep }) => keep[period]));
  const quiesces = backups.map(({ quiesce = "none" }) => quiesce);
  return {
    service: service.name,
    host,
    folder: isOwn ? service.physicalName : `${service.physicalName}@${host}`,
    at: [...new Set(backups.map(({ at }) => at))].sort(),
    keep: { daily: most("daily"), weekly: most("weekly"), monthly: most("monthly"), yearly: most("yearly") },
    drill: service.said(DRILLS)[0]?.every ?? "month",
    // On another host there is nothing of the service to be stopped.
    quiesce: (isOwn ? (["stop", "pause"] as const).find((one) => quiesces.includes(one)) : undefined) ?? "none",
    // A container comes after those that it was declared in, and starts before them.
    containers: isOwn ? service.workloads.map(({ containerName }) => containerName).reverse() : [],
    sources,
    before: isOwn ? hooks("before") : [],
    after: isOwn ? hooks("after") : [],
  };
}
