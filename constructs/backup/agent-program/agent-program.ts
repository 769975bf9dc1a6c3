import type { BackupAgentFacts } from "../../../contract/backups";
import { ROOT_FOLDERS } from "../../../contract/root-folders";
import { shellWord } from "../../../contract/text";
import { ASIDE } from "./aside";
import { BORG } from "./borg";
import { BOX } from "./box";
import { CONFIGURATION } from "./configuration";
import { DRILL } from "./drill";
import { EXTRACT } from "./extract";
import { FOUNDATION } from "./foundation";
import { LOCKS } from "./locks";
import { MAIN } from "./main";
import { POSTGRES_DUMP } from "./postgres-dump";
import { POSTGRES_RESTORE } from "./postgres-restore";
import { POSTGRES_SQL } from "./postgres-sql";
import { QUIESCE } from "./quiesce";
import { RECORDS } from "./records";
import { REDIS_DUMP } from "./redis-dump";
import { REPOSITORIES } from "./repositories";
import { RESTIC } from "./restic";
import { RESTORE } from "./restore";
import { RUN } from "./run";

/** Where the agent has its things on a host. */
export interface AgentPlaces {
  /** The program's own folder, with the configurations. */
  readonly etc: string;
  /** What opens the repositories. */
  readonly keys: string;
  /** What it remembers, and where dumps are until they are copied. */
  readonly state: string;
  /** Its locks. */
  readonly run: string;
}

/** Where they are on the hosts of a lab. */
export const AGENT_PLACES: AgentPlaces = {
  etc: "/etc/homelab/backup",
  keys: "/etc/homelab/backup-keys",
  state: "/var/lib/homelab/backup",
  run: "/run/homelab-backup",
};

const ENGINES = { borgmatic: BORG, restic: RESTIC };

/** The program of the agent, for the shell of a host. */
export function agentProgram(engine: BackupAgentFacts["engine"], places: AgentPlaces = AGENT_PLACES): string {
  const variables = Object.entries(places).map(([name, path]) => `${name}=${shellWord(String(path))}\n`);
  return [
    "#!/bin/sh\n",
    ...variables,
    ROOT_FOLDERS,
    FOUNDATION,
    CONFIGURATION,
    LOCKS,
    QUIESCE,
    BOX,
    POSTGRES_DUMP,
    REDIS_DUMP,
    RECORDS,
    RUN,
    REPOSITORIES,
    ASIDE,
    POSTGRES_RESTORE,
    RESTORE,
    EXTRACT,
    DRILL,
    POSTGRES_SQL,
    ENGINES[engine],
    MAIN,
  ].join("");
}
