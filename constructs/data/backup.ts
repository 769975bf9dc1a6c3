import { FactList } from "../lab/facts";
import { HolderRegistry } from "../ledger/holder-registry";
import { perLab, type Lab, type LabConcern } from "../lab/lab";
import { hasData } from "../../contract/ledger";
import type { BackupFacts, UnprotectedFacts } from "../../contract/service-facts";
import { checkReason } from "../values/names";
import { checkText } from "../values/text-limits";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { alternatives, quote } from "../../contract/text";
import { Workloads } from "../part/workloads";

/** How the data of services is backed up. */
export const BACKUPS = new FactList<BackupFacts>("backups");
/** Why the data of services is not backed up. */
export const UNPROTECTED = new FactList<UnprotectedFacts>("unprotected");

/** How many copies are kept. */
export interface Retention {
  /**
   * Daily copies.
   *
   * @default 7
   */
  readonly daily?: number;
  /**
   * Weekly copies.
   *
   * @default 4
   */
  readonly weekly?: number;
  /**
   * Monthly copies.
   *
   * @default 6
   */
  readonly monthly?: number;
  /**
   * Yearly copies.
   *
   * @default 0
   */
  readonly yearly?: number;
}

/** Options for `Backup.nightly()`. */
export interface BackupOptions {
  /**
   * The time of day, `HH:MM`, in the host's time zone. A backup begins within twenty minutes from then, so that not all
   * of them do at once.
   *
   * @default "02:30"
   */
  readonly at?: string;
  /**
   * How many copies are kept.
   *
   * @default - 7 daily, 4 weekly, 6 monthly, no yearly ones
   */
  readonly keep?: Retention;
  /**
   * Parts that are left out, by key, each with the reason. A companion's part is `companion.part`.
   *
   * @default - none: every volume, folder and database is backed up
   */
  readonly exclude?: Readonly<Record<string, string>>;
  /**
   * Commands that run in the container before, for example to write a dump or to stop writing.
   *
   * @default - none
   */
  readonly before?: readonly (readonly [string, ...string[]])[];
  /**
   * Commands that run in the container afterwards, also when the backup failed.
   *
   * @default - none
   */
  readonly after?: readonly (readonly [string, ...string[]])[];
  /**
   * What is done to the service's containers while their files are copied, for a program whose files would not fit
   * together: nobody reaches it meanwhile. Databases that are dumped go on before.
   *
   * @default - nothing: they run on
   */
  readonly quiesce?: "pause" | "stop";
}

/** How many copies are kept unless somebody says otherwise. */
const KEPT = { daily: 7, weekly: 4, monthly: 6, yearly: 0 };

const QUIESCES: ReadonlySet<string> = new Set(["pause", "stop"]);

/** Services whose data nobody backs up, and nobody says why. */
class Unsaid implements LabConcern {
  public constructor(private readonly lab: Lab) {}

  /** A sentence for each. */
  public findings(): readonly string[] {
    return Workloads.of(this.lab).services.flatMap((service) => {
      const isSaid = service.said(BACKUPS).length + service.said(UNPROTECTED).length > 0;
      const holders = HolderRegistry.of(this.lab).of(service.name).filter(hasData);
      if (holders.length === 0 || isSaid) return [];
      return [
        `${service.subject} keeps data (${holders.map(({ part }) => part).join(", ")}) that nobody backs up: add a part Backup.nightly(), or Backup.none("reason")`,
      ];
    });
  }
}

perLab((lab) => new Unsaid(lab));

/** How the data of a service is backed up, as a declaration that the host's backup agent carries out. */
export class Backup {
  /** Backs up everything that the service keeps, each night. */
  public static nightly(options: BackupOptions = {}): IServicePart<void> {
    return {
      bind: (part: PartScope) => {
        const { subject, workload } = part;
        const { at = "02:30", keep = {}, exclude = {}, before = [], after = [], quiesce } = options;
        if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(at))
          throw new Error(`${subject}: 'at' must be a time of day, for example "02:30", got ${quote(at)}`);
        for (const reason of Object.values(exclude)) checkReason(reason, `${subject}, exclude`);
        if (quiesce !== undefined && !QUIESCES.has(quiesce))
          throw new Error(`${subject}: 'quiesce' must be one of ${alternatives(QUIESCES)}, got ${quote(quiesce)}`);
        for (const [option, commands] of Object.entries({ before, after })) checkCommands(commands, subject, option);
        const retention = { ...KEPT, ...keep };
        for (const [period, count] of Object.entries(retention)) {
          if (!(period in KEPT))
            throw new Error(
              `${subject}: 'keep' has no ${quote(period)}, it has ${alternatives(Object.keys(KEPT))}: rename or remove it`,
            );
          if (!Number.isInteger(count) || count < 0)
            throw new Error(`${subject}: 'keep.${period}' must be a whole number, not negative, got ${quote(count)}`);
        }
        if (Object.values(retention).every((count) => count === 0))
          throw new Error(`${subject}: 'keep' keeps no copy at all: set one count above zero`);
        part.whenBound(() => {
          const holders = HolderRegistry.of(workload).of(workload.serviceName).filter(hasData);
          const parts = new Set(holders.map((holder) => holder.part));
          for (const name of Object.keys(exclude)) {
            if (!parts.has(name)) {
              throw new Error(
                `${subject}: 'exclude' names ${quote(name)}, which keeps no data; what does: ${alternatives(parts)}`,
              );
            }
          }
          const included = holders.filter((holder) => !(holder.part in exclude)).map(({ key }) => key);
          part.say(BACKUPS, { at, keep: retention, holders: included, exclude, before, after, quiesce });
        });
      },
    };
  }

  /** No backup at all, for a reason. */
  public static none(reason: string): IServicePart<void> {
    checkReason(reason, "Backup.none()");
    return {
      bind: (part: PartScope) => part.say(UNPROTECTED, { reason }),
    };
  }

  private constructor() {}
}

/** Refuses what is no command, and what would arrive as another one. */
function checkCommands(commands: readonly (readonly string[])[], subject: string, option: string): void {
  for (const command of commands) {
    if (!Array.isArray(command) || command.length === 0 || !command.every((word) => typeof word === "string"))
      throw new Error(
        `${subject}: '${option}' must be a list of commands, each a list of words, for example [["dump", "now"]], got ${quote(command)}`,
      );
    for (const word of command) checkText(word, subject, `'${option}'`);
  }
}
