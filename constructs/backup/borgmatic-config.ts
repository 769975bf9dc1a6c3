import { toYaml } from "../../contract/yaml";
import { hasDumps, type BackupJob } from "./backup-job";

/** Where the one-shot container of an engine finds things. */
const CONTAINER = {
  parts: "/source/parts",
  dumps: "/source/dumps",
  repository: "/repository",
  secrets: "/run/secrets",
};

/** A repository, as a configuration of borgmatic has it. */
export interface BorgRepository {
  /** Its name. */
  readonly name: string;
  /** Borg's URL of the folder of all services, or undefined for a folder of the host. */
  readonly url: string | undefined;
  /** KiB per second, if they are limited. */
  readonly bandwidth: number | undefined;
}

/**
 * With what Borg ends when it could not read something: several reasons at once (or any, before Borg 1.4), a backup's
 * warning, the system's, a permission, a disk. What changes or goes while it is read (100, 107) is a service at work.
 * https://borgbackup.readthedocs.io/en/1.4.0/internals/frontends.html#message-ids
 */
const UNREAD = [1, 102, 104, 105, 106];

/**
 * The configuration of borgmatic for one service and one repository, inside the engine's container. A warning of Borg
 * (a source that is missing or can't be read) would leave a copy without it and end well: it is an error here.
 * https://torsion.org/borgmatic/reference/configuration/
 */
export function borgmaticConfig(job: BackupJob, { name, url, bandwidth }: BorgRepository): string {
  const { parts, dumps, repository, secrets } = CONTAINER;
  const files = job.sources.filter(({ kind }) => kind === "volume" || kind === "folder");
  const { daily, weekly, monthly, yearly } = job.keep;
  return toYaml({
    source_directories: [...files.map(({ part }) => `${parts}/${part}`), ...(hasDumps(job) ? [dumps] : [])],
    source_directories_must_exist: true,
    repositories: [{ path: url === undefined ? repository : `${url}/${job.folder}`, label: name }],
    encryption_passphrase: `{credential file ${secrets}/pass}`,
    ...(url !== undefined && {
      ssh_command: `ssh -i ${secrets}/ssh_key -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${secrets}/known_hosts`,
    }),
    ...(bandwidth !== undefined && { upload_rate_limit: bandwidth }),
    borg_exit_codes: UNREAD.map((code) => ({ code, treat_as: "error" })),
    numeric_ids: true,
    bootstrap: { store_config_files: false },
    archive_name_format: "{now:%Y-%m-%dT%H:%M:%S}",
    match_archives: "sh:*",
    keep_daily: daily,
    keep_weekly: weekly,
    keep_monthly: monthly,
    keep_yearly: yearly,
    checks: [
      { name: "repository", frequency: "1 week" },
      { name: "data", frequency: "1 month" },
    ],
  });
}
