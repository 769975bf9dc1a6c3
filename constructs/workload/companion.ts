import { Dumps } from "../data/dumps";
import { Duration } from "../values/duration";
import { FactList } from "../lab/facts";
import { formerHolderKeys, holderKey } from "../data/hold";
import { HolderRegistry } from "../ledger/holder-registry";
import type { CompanionFacts } from "../../contract/service-facts";
import { refuseFormerly, type Handles, type IServicePart, type Parts } from "../part/part";
import { PartScope } from "../part/part-scope";
import { postgresVolumeOf } from "../data/postgres-image";
import { Probe } from "../container/probe";
import { Secret } from "../secrets/secret";
import { SecretFile } from "../secrets/secret-file";
import { SecretUses } from "../secrets/secret-uses";
import { quote } from "../../contract/text";
import { Tmpfs } from "../data/tmpfs";
import { secretName } from "../secrets/used-secret";
import { Volume } from "../data/volume";
import { Workload } from "./workload";
import type { WorkloadProps } from "./workload-props";

/** Further containers of services. */
export const COMPANIONS = new FactList<CompanionFacts>("companions");

/** Options for `Companion.redis()`. */
export interface RedisOptions {
  /** The image of Redis or of something that speaks its protocol, for example `docker.io/library/redis:7.4.1`. */
  readonly image: string;
  /**
   * Whether what it holds survives a restart: `none`, or a volume with an append-only file.
   *
   * @default "none"
   */
  readonly persistence?: "none" | "volume";
}

/** Options for `Companion.postgres()`. */
export interface CompanionPostgresOptions {
  /** An image built like the official one, for example `docker.io/library/postgres:17.2`. */
  readonly image: string;
  /**
   * The name of the database and of its owner. It counts when they are first made; afterwards the ledger has the name.
   *
   * @default - the service's name with underscores
   */
  readonly database?: string;
}

/** What a companion is made of; networks and what may be reached are its service's. */
export interface CompanionProps<P extends Parts, F extends Parts = P> extends WorkloadProps<P, F> {
  /** The port that it listens on, which its service needs to reach it. */
  readonly port: number;
}

/** What a companion hands out. */
export interface CompanionHandle<P extends Parts = Parts, F extends Parts = P> {
  /** The name under which the service finds it. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
  /** What its own parts hand out. */
  readonly parts: Handles<P> & Handles<F>;
}

/** What `Companion.redis()` hands out. */
export interface RedisHandle extends CompanionHandle {
  /** `redis://host:port`. */
  readonly url: string;
}

/** What `Companion.postgres()` hands out. */
export interface CompanionPostgresHandle extends CompanionHandle {
  /** The database's name. */
  readonly name: string;
  /** The role that owns it. */
  readonly user: string;
  /** Places a file with the password, and tells its path in the service's container. */
  passwordFile(): string;
}

/** A further container of the same service, which only that service reaches. */
export class Companion<P extends Parts = Parts, F extends Parts = P> extends Workload<P, F> {
  /** Any container. */
  public static container<P extends Parts, F extends Parts = P>(
    props: CompanionProps<P, F>,
  ): IServicePart<CompanionHandle<P, F>> {
    return { bind: (part: PartScope) => new Companion<P, F>(part, props).handle };
  }

  /** A Redis for the service alone: no password, since nobody else is on its network. */
  public static redis(options: RedisOptions): IServicePart<RedisHandle> {
    const keeps = options.persistence === "volume";
    return {
      bind: (part: PartScope) => {
        checkOptions(part, options);
        const { handle } = new Companion<Parts>(part, {
          image: options.image,
          port: 6379,
          // The official image's own user; its entry point would change to it, and then can't with dropped capabilities.
          user: "999:1000",
          health: Probe.command(["redis-cli", "ping"], { startPeriod: Duration.seconds(10) }),
          command: keeps ? ["redis-server", "--appendonly", "yes"] : undefined,
          parts: { data: keeps ? Volume.at("/data", { owner: "999:1000" }) : Tmpfs.at("/data") },
        });
        if (keeps)
          Dumps.of(part.workload).instead(holderKey(part, [part.key, "data"]), {
            kind: "redis",
            container: handle.host,
          });
        return { ...handle, url: `redis://${handle.host}:${handle.port}` };
      },
    };
  }

  /** A PostgreSQL for the service alone, for an application that can't share a server. */
  public static postgres(options: CompanionPostgresOptions): IServicePart<CompanionPostgresHandle> {
    return {
      bind: (part: PartScope) => {
        checkOptions(part, options);
        const { workload, key } = part;
        const name = databaseName(part, options.database);
        const secret = secretName(part, Secret.ofPart("pass"));
        workload.service.claimSecret(secret, part.path);
        SecretUses.of(workload).take(workload, secret, { as: "postgresql-password" });
        const password = SecretFile.shared(secret, { length: 32 });
        const { handle } = new Companion(part, {
          image: options.image,
          port: 5432,
          fileOwner: "0:0",
          health: Probe.command(["pg_isready", "-h", "127.0.0.1", "-U", name]),
          stopGracePeriod: Duration.minutes(1),
          parts: { data: Volume.at(postgresVolumeOf(options.image)), password },
          environment: ({ password }) => ({
            POSTGRES_USER: name,
            POSTGRES_DB: name,
            POSTGRES_PASSWORD_FILE: password.path,
          }),
        });
        const data = holderKey(part, [key, "data"]);
        HolderRegistry.of(workload).keepDatabase(data, name);
        const roles = { owner: name, superuser: name };
        Dumps.of(workload).instead(data, { kind: "postgres", container: handle.host, database: name, ...roles });
        let own: { readonly path: string } | undefined;
        return {
          ...handle,
          name,
          user: name,
          passwordFile() {
            own ??= password.bind(new PartScope(workload, `${key}Password`));
            return own.path;
          },
        };
      },
    };
  }

  private readonly ownPort: number;

  private constructor(part: PartScope, props: CompanionProps<P, F>) {
    checkOptions(part, props);
    const { workload: owner, key } = part;
    const { service } = owner;
    const former = [...owner.formerKeyPath, part.formerly ?? key];
    super(owner, key, props, { now: [...owner.keyPath, key], former }, () => service);
    this.ownPort = props.port;
    if (service.onHostNetwork) {
      throw new Error(
        `${this.subject}: ${service.subject} shares the host's network and would not find its companion: remove 'networkMode' or the companion`,
      );
    }
    part.contribute({ dependsOn: [this.container] });
    const { reference, reason } = this.image;
    service.say(
      COMPANIONS,
      { part: part.path, container: this.containerName },
      { image: reference, ...(reason !== undefined && { unpinned: reason }) },
    );
  }

  private get handle(): CompanionHandle<P, F> {
    return { host: this.containerName, port: this.ownPort, parts: this.parts };
  }
}

/** Refuses what a companion can't have of its own, for those who have no compiler. */
function checkOptions(part: PartScope, options: object): void {
  refuseFormerly(part, options);
  for (const option of ["acknowledge", "egress", "needs", "networkMode"]) {
    if (option in options)
      throw new Error(
        `${part.workload.subject}, companion ${quote(part.path)}: ${quote(option)} is the service's, for all of its containers: set it there`,
      );
  }
}

/**
 * The name of a companion's database. PostgreSQL made it with its data and nobody renames it there, so it stays with
 * the data: as the ledger has it, else as the service was called under whose name the data is known.
 */
function databaseName(part: PartScope, wanted: string | undefined): string {
  const path = [part.key, "data"];
  const { serviceName } = part.workload;
  const holders = HolderRegistry.of(part.workload);
  const [found, entry] = holders.tryFind(holderKey(part, path), formerHolderKeys(part, path)) ?? [];
  const [service = serviceName] = (entry?.formerKeys?.[0] ?? found ?? serviceName).split("/");
  return entry?.database ?? wanted ?? service.replaceAll("-", "_");
}
