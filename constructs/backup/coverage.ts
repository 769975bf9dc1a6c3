import type { BackupAgentFacts } from "../../contract/backups";
import type { HostView } from "../host/host-view";
import type { Lab } from "../lab/lab";
import { HOST_PATHS } from "../part/privileges";
import { Workloads } from "../part/workloads";
import { alternatives, quote } from "../../contract/text";
import type { BackupJob } from "./backup-job";
import { backupJobs, type BackupJobs } from "./backup-jobs";

/** An agent, as the lab looks at it. */
interface Agent {
  readonly host: HostView;
  readonly facts: BackupAgentFacts;
  readonly localFolders: readonly (readonly [repository: string, path: string])[];
}

/** What the agents of a lab have to do, and what is left that nobody does. */
export function coverage(lab: Lab, agents: readonly Agent[]): BackupJobs {
  const { jobs, findings } = backupJobs(lab);
  const views = Workloads.of(lab).all.map(({ host }) => host);
  const covered = new Set([...agents.map(({ host }) => host), ...views.filter(isElsewhere)].map((one) => one.hostName));
  const undone = jobs.filter(({ host }) => !covered.has(host)).map(nobody);
  return {
    jobs,
    findings: [...findings, ...undone, ...clashes(agents), ...agents.flatMap((one) => reached(lab, one))],
  };
}

function isElsewhere({ props }: HostView): boolean {
  return props.backedUpBy !== undefined;
}

function nobody({ service, host, sources }: BackupJob): string {
  const parts = sources.map(({ part }) => part).join(", ");
  return `service ${quote(service)}: nothing on host ${quote(host)} carries out Backup.nightly(), and ${parts} would not be backed up: add backupAgent(host, { … }) for that host, say in 'backedUpBy' of the host who does, or leave the data out with a reason, by 'exclude' or Backup.none("reason")`;
}

/** Repositories of one name that are two places: they would share a key, and what a store lets somebody in with. */
function clashes(agents: readonly Agent[]): readonly string[] {
  const places = new Map<string, Set<string>>();
  for (const { facts } of agents) {
    for (const { name, kind, location } of facts.repositories)
      // A folder is another disk on each host.
      places.set(name, (places.get(name) ?? new Set()).add(kind === "local" ? "a folder of each host" : location));
  }
  return [...places].flatMap(([name, locations]) =>
    locations.size < 2
      ? []
      : [
          `the backup agents have more than one repository ${quote(name)}: ${alternatives(locations)}, which would share their secrets: give each place a name of its own`,
        ],
  );
}

/** Containers that could change copies of the host. */
function reached(lab: Lab, agent: Agent): readonly string[] {
  const services = Workloads.of(lab).services.filter(({ host }) => host.hostName === agent.host.hostName);
  return services.flatMap((service) =>
    service
      .said(HOST_PATHS)
      .filter(({ readOnly }) => !readOnly)
      .flatMap(({ part, path }) =>
        agent.localFolders
          .filter(([, folder]) => isWithin(path, folder) || isWithin(folder, path))
          .map(
            ([name, folder]) =>
              `${service.subject}, part ${quote(part)}: the container may write to ${quote(path)}, and the copies of repository ${quote(name)} are in ${quote(folder)}: mount another path or read-only, or give the repository another folder`,
          ),
      ),
  );
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}
