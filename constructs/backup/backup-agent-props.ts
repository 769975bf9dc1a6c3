import { quote } from "../../contract/text";
import { checkName, checkReason } from "../values/names";
import type { Size } from "../values/size";
import { BackupEngine } from "./engine";
import { Repository } from "./repository";

/** Props of `BackupAgent`. */
export interface BackupAgentProps {
  /** The program that makes the copies. */
  readonly engine: BackupEngine;
  /**
   * Where copies go, each to all of them. The name is one for the lab: the key of a repository is
   * `homelab.backup.<name>.key`, and whoever has lost it can read none of its copies.
   */
  readonly repositories: Readonly<Record<string, Repository>>;
  /**
   * Why no copy leaves the host, where none does.
   *
   * @default - one of the repositories outlives the host
   */
  readonly onlyLocal?: string;
  /**
   * How much memory the engine may take.
   *
   * @default - as much as there is
   */
  readonly memory?: Size;
  /**
   * How many processors it may take, also a part of one.
   *
   * @default - all, after the services of the host
   */
  readonly cpus?: number;
  /**
   * How much it may send in a second.
   *
   * @default - no limit
   */
  readonly bandwidth?: Size;
}

/** Refuses an agent that would keep no copy, or one that is lost with its host. */
export function checkAgent(props: BackupAgentProps, subject: string): void {
  const { engine, repositories, onlyLocal, cpus } = props;
  // Somebody may write JavaScript.
  if (!(engine instanceof BackupEngine))
    throw new Error(
      `${subject}: 'engine' must be BackupEngine.borgmatic({ image }) or BackupEngine.restic({ image }), got ${quote(engine)}`,
    );
  const all = Object.entries(repositories);
  if (all.length === 0)
    throw new Error(
      `${subject}: 'repositories' must name at least one, for example { disk: Repository.local("/srv/backup") }`,
    );
  const places = new Map<string, string>();
  for (const [name, repository] of all) {
    checkName("service", name, subject, "repositories");
    if (!(repository instanceof Repository))
      throw new Error(
        `${subject}: repository ${quote(name)} must be one of Repository.local(), .ssh(), .s3() and .rest(), got ${quote(repository)}`,
      );
    const { kind } = repository;
    if (engine.kind === "borgmatic" && kind !== "local" && kind !== "ssh")
      throw new Error(
        `${subject}: repository ${quote(name)} is ${quote(kind)}, and borgmatic keeps copies in folders and over SSH only: take BackupEngine.restic(), or another repository`,
      );
    const location = repository.locationFor(engine.kind);
    const other = places.get(location);
    if (other !== undefined)
      throw new Error(
        `${subject}: the repositories ${quote(other)} and ${quote(name)} are both ${quote(location)}, which would be one copy: remove one, or give it another place`,
      );
    places.set(location, name);
  }
  const isOffsite = all.some(([, { offsite }]) => offsite);
  if (onlyLocal !== undefined) checkReason(onlyLocal, `${subject}, onlyLocal`);
  if (!isOffsite && onlyLocal === undefined)
    throw new Error(
      `${subject}: no repository outlives the host, and with it all copies would be lost: add one on another machine, for example Repository.ssh({ … }), or say why not in 'onlyLocal'`,
    );
  if (isOffsite && onlyLocal !== undefined)
    throw new Error(`${subject}: 'onlyLocal' is a reason that nothing asks for, copies leave the host: remove it`);
  if (cpus !== undefined && !(Number.isFinite(cpus) && cpus > 0))
    throw new Error(`${subject}: 'cpus' must be a number above zero, for example 0.5, got ${quote(cpus)}`);
}
