import { Construct } from "constructs";
import { BACKUP_AGENT, type BackupAgentFacts } from "../../contract/backups";
import { quote, shellWord } from "../../contract/text";
import type { Host } from "../host";
import { HostDirectory } from "../host/host-directory";
import { HostScript } from "../host/host-script";
import { perLab } from "../lab/lab";
import { Members } from "../lab/members";
import { checkAgent, type BackupAgentProps } from "./backup-agent-props";
import { agentProgram } from "./agent-program/agent-program";
import type { BackupJob } from "./backup-job";
import { backupUnits, placingUnits, removingUnits, type BackupUnits } from "./backup-units";
import { borgmaticConfig } from "./borgmatic-config";
import { coverage } from "./coverage";
import type { Repository } from "./repository";
import { repositoryKeys } from "./repository-keys";
import { labConf, serviceConf } from "./service-conf";

const [DIRECTORY, KEYS, STATE] = [
  BACKUP_AGENT.replace(/\/[^/]*$/, ""),
  "/etc/homelab/backup-keys",
  "/var/lib/homelab/backup",
];

/**
 * The backup agent of a host: it carries out `Backup.nightly()` of all services whose data is there, computed when
 * everything is declared. A timer of the host for each service starts a program of the host, which takes dumps and has
 * the engine copy them and the service's files from a container that sees nothing else.
 */
export class BackupAgent extends Construct {
  /** Those of the lab that a construct is in. */
  public static readonly all = perLab(
    (lab) =>
      new Members<BackupAgent>("backup agent", {
        findings: (all) => {
          const { jobs, findings } = coverage(lab, all);
          for (const agent of all) agent.take(jobs.filter(({ host }) => host === agent.host.hostName));
          return findings;
        },
        sections: (all) => ({ backupAgents: all.map((agent) => agent.facts) }),
      }),
  );

  private readonly directory: HostDirectory;
  private readonly subject: string;
  private jobs: readonly BackupJob[] = [];

  /** Defines the agent; what it copies is collected when everything is declared. */
  public constructor(
    /** Its host. */
    public readonly host: Host,
    private readonly props: BackupAgentProps,
  ) {
    const subject = `host ${quote(host.hostName)}, backup agent`;
    if (host.node.tryFindChild("BackupAgent")) throw new Error(`${subject}: it is declared twice, remove one`);
    super(host, "BackupAgent");
    this.subject = subject;
    checkAgent(props, subject);
    if (host.props.backedUpBy !== undefined)
      throw new Error(
        `${subject}: 'backedUpBy' of the host says that somebody else backs it up, ${quote(host.props.backedUpBy)}: remove that or the agent`,
      );
    this.takePlaces();
    BackupAgent.all(this).add(host.hostName, this);

    const { engine, memory, cpus, bandwidth } = props;
    this.directory = new HostDirectory(this, "Configuration", { host, path: DIRECTORY });
    this.directory.addFile("agent", subject, {
      name: "agent",
      content: [agentProgram(engine.kind)],
      owner: "0:0",
      mode: "0700",
      check: `sh -n "$new/agent"`,
    });
    const limits = [memory?.toBytes(), cpus, bandwidth && bandwidth.toBytes() / 1024];
    const repositories = this.facts.repositories.map(({ name, kind, location }) => [name, kind, location] as const);
    const conf = labConf({
      host: host.hostName,
      engine: [engine.kind, engine.image.reference],
      ...{ repositories, limits },
    });
    this.add("lab", "lab.conf", conf);
    const keys = new HostDirectory(this, "Keys", { host, path: KEYS });
    for (const [name, repository] of this.repositories) {
      for (const file of repositoryKeys(this, name, repository)) keys.addFile(name, subject, file);
    }
    const units = (): readonly BackupUnits[] => this.jobs.flatMap((job) => backupUnits(job, host.timeZone));
    new HostScript(this, "Units", {
      host,
      get triggers() {
        return Object.fromEntries(units().map(({ name, service, timer }) => [name, `${service}${timer}`]));
      },
      dependsOn: [this.directory, keys],
      script: () => placingUnits(units()),
      whenRemoved: { what: "homelab-backup-*.timer", script: removingUnits() },
    });
  }

  /** The folders of the host that its repositories are in. */
  public get localFolders(): readonly (readonly [repository: string, path: string])[] {
    return this.repositories.flatMap(([name, { at }]) => (at.path === undefined ? [] : [[name, at.path] as const]));
  }

  /** The agent as plain data. */
  public get facts(): BackupAgentFacts {
    const { kind: engine, image } = this.props.engine;
    return {
      host: this.host.hostName,
      engine,
      image: image.reference,
      repositories: this.repositories.map(([name, repository]) => ({
        name,
        kind: repository.kind,
        location: repository.locationFor(engine),
        offsite: repository.offsite,
      })),
      services: this.jobs.map(({ service }) => service),
    };
  }

  private get repositories(): readonly (readonly [string, Repository])[] {
    return Object.entries(this.props.repositories);
  }

  /** Takes what there is to do on its host. */
  private take(jobs: readonly BackupJob[]): void {
    this.jobs = jobs;
    const { engine, bandwidth } = this.props;
    const kib = bandwidth && bandwidth.toBytes() / 1024;
    for (const job of jobs) {
      this.add(job.service, `${job.service}.conf`, serviceConf(job));
      if (engine.kind !== "borgmatic") continue;
      for (const [name, repository] of this.repositories) {
        const url = repository.kind === "local" ? undefined : repository.locationFor(engine.kind);
        const config = borgmaticConfig(job, { name, url, bandwidth: kib });
        this.add(job.service, `${job.service}.borgmatic.${name}.yaml`, config, trying(engine.image.reference));
      }
    }
  }

  private add(by: string, name: string, content: string, check?: string): void {
    const file = { name, content: [content], owner: "0:0", mode: "0600", ...(check !== undefined && { check }) };
    this.directory.addFile(`${by} ${name}`, this.subject, file);
  }

  private takePlaces(): void {
    const { host, subject } = this;
    const { places } = host;
    places.forFiles(subject, "the configuration of the backup agent", DIRECTORY);
    places.forFiles(subject, "the keys of the backup agent", KEYS);
    places.forFiles(subject, "what the backup agent keeps", STATE);
    for (const [name, path] of this.localFolders)
      places.forFiles(subject, `the copies of repository ${quote(name)}`, path, "give the repository another folder");
  }
}

/** Has borgmatic read its configurations where its image can be had; the first night would tell as well. */
function trying(image: string): string {
  const name = shellWord(image);
  const mounts = '--read-only --tmpfs /tmp -e HOME=/tmp -v "$new:/etc/borgmatic:ro"';
  return [
    `if docker image inspect ${name} >/dev/null 2>&1 || docker pull -q ${name} >/dev/null 2>&1; then`,
    `  docker run --rm --network none --cap-drop ALL ${mounts} --entrypoint borgmatic ${name} config validate --config /etc/borgmatic >&2`,
    "else",
    `  echo ${shellWord(`image ${image} can't be had, and its borgmatic did not try the configurations`)} >&2`,
    "fi",
  ].join("\n");
}
