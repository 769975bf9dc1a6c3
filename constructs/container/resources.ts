import { checkName } from "../values/names";
import type { Size } from "../values/size";
import { literal, quote } from "../../contract/text";

/** What a container may use of its host. */
export interface Resources {
  /**
   * Memory, after which the container is killed. Swap is not added to it.
   *
   * @default - no limit
   */
  readonly memory?: Size;
  /**
   * Processor cores, for example 1.5.
   *
   * @default - no limit
   */
  readonly cpus?: number;
  /**
   * Processes of the container's user. It is set as the `nproc` limit, since the docker provider has no `pids_limit`:
   * the kernel counts all processes of that user id on the host, and does not hold root to it.
   *
   * @default - no limit
   */
  readonly pids?: number;
}

/** The limits as attributes of `docker_container`. */
export function renderResources(resources: Resources, subject: string) {
  const { memory, cpus, pids } = resources;
  if (cpus !== undefined && !(cpus > 0 && Number.isFinite(cpus))) {
    throw new Error(`${subject}: 'resources.cpus' must be a number above zero, for example 1.5, got ${quote(cpus)}`);
  }
  if (pids !== undefined && (!Number.isInteger(pids) || pids < 1)) {
    throw new Error(`${subject}: 'resources.pids' must be a whole number above zero, got ${quote(pids)}`);
  }
  return {
    // Without memory_swap the daemon doubles it, and the provider plans to undo that for ever.
    ...(memory && { memory: memory.toMebibytes(), memorySwap: memory.toMebibytes() }),
    ...(cpus !== undefined && { cpus: String(cpus) }),
    ...(pids !== undefined && { ulimit: [{ name: "nproc", soft: pids, hard: pids }] }),
  };
}

/** A Linux capability as the docker provider reads it back: upper case with `CAP_`. */
export function capability(name: string, subject: string): string {
  const upper = name.toUpperCase();
  if (upper === "ALL") return upper;
  const full = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  checkName("environmentVariable", full, subject, "capabilities");
  return full;
}

/** A device as the docker provider wants it, `/dev/dri` or `host[:container[:permissions]]`, nothing left out. */
export function device(spec: string, subject: string) {
  const match = /^(?<host>\/[^:]+)(?::(?<container>\/[^:]+))?(?::(?<permissions>r?w?m?))?$/.exec(spec)?.groups;
  if (!match?.host) {
    throw new Error(
      `${subject}: 'devices' must be "host[:container[:permissions]]", for example "/dev/dri", got ${quote(spec)}`,
    );
  }
  return {
    hostPath: literal(match.host),
    containerPath: literal(match.container ?? match.host),
    permissions: match.permissions || "rwm",
  };
}
