import { posix } from "node:path";
import { Reach } from "../../../plan/reach";
import { written, type Synthesis } from "../synthesis";
import { told, type Outcome, type Question } from "./asking";
import type { Asker } from "./people";

/** Where a request comes from, in the words of `homelab exposure`. */
export type Origin = "internet" | "lan";

/** What the reports of a lab say of a request. */
export interface Said {
  /** The service behind the address; undefined where no route leads there. */
  readonly service: string | undefined;
  /** Whether it gets the request. */
  readonly passes: boolean;
}

/** What `homelab exposure` says of requests. */
export class Expectation {
  private readonly reach: Reach;

  public constructor(private readonly made: Synthesis) {
    this.reach = Reach.in(written(made));
  }

  /** What is said of somebody at a path of a host; at the proxy of one address, or at the one that lets most in. */
  public of(asker: Asker, host: string, path: string, origin: Origin, address?: string): Said {
    const at = this.made.manifest.hosts.find((one) => [one.lanAddress, one.publicAddress].includes(address));
    const found = at ? this.reach.at(at.name, `${host}${path}`, [asker]) : this.reach.of(`${host}${path}`, [asker]);
    if (!found) return { service: undefined, passes: false };
    const { service, reach, levels } = found;
    // A level is 3 for everybody, 2 for one factor, 1 for two, 0 for nobody.
    const level = levels[0] ?? 0;
    const passes = level > 0 && level + asker.factors >= 3 && (reach === "public" || origin === "lan");
    return { service, passes };
  }

  /** What an answer says against the reports, in words; none when it agrees. */
  public contradiction(question: Question, { service, status }: Outcome): string[] {
    const { asker, host, path, entry } = question;
    const expected = this.of(asker, host, path, entry.origin, entry.address);
    if (service !== undefined && service !== expected.service) return [`${told(question)}: answered by ${service}`];
    if ((service !== undefined) === expected.passes) return [];
    // A proxy that the name does not lead to may refuse what the right one answers.
    if (service === undefined && entry.isDetour) return [];
    return [`${told(question)}: ${service === undefined ? `is refused with ${status}` : "passes"}`];
  }

  /** What an answer gives away, in words; none when the person may have it, in whatever way the service reads the path. */
  public leak(question: Question, { service, got }: Outcome): string[] {
    const { asker, host, path, entry } = question;
    if (service === undefined) return [];
    // The name that the service was asked by, which a trick may have changed.
    const name = got?.headers.host?.toLowerCase().replace(/\.?(:\d+)?$/, "") ?? host;
    const at = got?.url ?? path;
    return this.mayGet(asker, name, at, entry.origin, service)
      ? []
      : [`${told(question)}: ${service} got ${name}${at}`];
  }

  /** Whether a service may get a path that programs read in several ways: in each that is its own, the person passes. */
  private mayGet(asker: Asker, host: string, path: string, origin: Origin, service: string): boolean {
    return readings(path).every((reading) => {
      const said = this.of(asker, host, reading, origin);
      return said.service !== service || said.passes;
    });
  }
}

/** The paths that a program may take a path for: as it is, decoded, without parameters, dots and double slashes. */
export function readings(path: string): string[] {
  const found = new Set([path.replace(/[?#].*$/s, "")]);
  const steps: ((path: string) => string)[] = [
    decoded,
    (one) => one.replace(/;[^/]*/g, ""),
    (one) => one.replace(/\/{2,}/g, "/"),
    (one) => one.replaceAll("\\", "/"),
    (one) => posix.normalize(one).replace(/(.)\/$/, "$1"),
  ];
  for (const known of found) for (const step of steps) if (found.size < 500) found.add(step(known));
  return [...found];
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
