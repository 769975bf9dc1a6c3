import { generationText } from "../../contract/names-on-hosts";
import { Check } from "../../.gen/providers/healthchecksio/check";
import { Duration } from "../values/duration";
import { MONITORS, type Monitoring } from "./monitoring";
import type { IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { Secret } from "../secrets/secret";
import { placeSecretFile, secretPath } from "../secrets/secret-file";
import { connectStacks } from "../lab/stack-order";
import { snakeCase } from "../../contract/text";
import { useSecret } from "../secrets/used-secret";

/** Options for `Heartbeat.every()`. */
export interface HeartbeatOptions {
  /** What watches the lab. */
  readonly on: Monitoring;
  /**
   * How late a ping may be, from one minute on.
   *
   * @default Duration.hours(1)
   */
  readonly grace?: Duration;
}

/** What a heartbeat hands out. */
export interface HeartbeatHandle {
  /** The check's slug, the last part of the address that is pinged. */
  readonly slug: string;
  /** Places a file with the whole address, and tells its path in the container. */
  urlFile(): string;
}

/** A check in Healthchecks that alarms when a service or a job stops reporting. */
export class Heartbeat {
  /** Expects a ping after each such time, in whole seconds, from a minute to a year. */
  public static every(period: Duration, options: HeartbeatOptions): IServicePart<HeartbeatHandle> {
    return { bind: (part: PartScope) => bind(part, period, options) };
  }

  private constructor() {}
}

function bind(part: PartScope, period: Duration, options: HeartbeatOptions): HeartbeatHandle {
  const { subject, workload, key } = part;
  const { on: monitoring, grace = Duration.hours(1) } = options;
  for (const [option, value] of Object.entries({ period, grace })) {
    const seconds = value.toSeconds();
    if (seconds < 60 || seconds > 31_536_000) {
      throw new Error(
        `${subject}: '${option}' must be from a minute to a year, which are the limits of Healthchecks, got ${value.toString()}`,
      );
    }
  }
  const pingUrl = monitoring.requireHealthchecks(subject);
  // Known without an apply, so that the address needs nothing from the other stack's state.
  const slug = `${workload.containerName}-${part.slug}`;
  new Check(part.scopeIn(monitoring), key, {
    name: slug,
    slug,
    timeout: period.toSeconds(),
    grace: grace.toSeconds(),
    tags: [workload.serviceName, workload.host.hostName],
  });
  connectStacks(monitoring, workload, subject);
  part.say(MONITORS, { kind: "heartbeat", target: slug, engaged: true });
  let path: string | undefined;
  return {
    slug,
    urlFile() {
      if (path !== undefined) return path;
      const pingKey = useSecret(part, Secret.shared("homelab.healthchecks.ping_key"));
      path = placeSecretFile(
        part,
        secretPath(`${snakeCase(key)}_url`),
        {},
        {
          content: [`${pingUrl}/`, { expression: pingKey.expression }, `/${slug}`],
          version: `${generationText(pingKey.version)} of ${pingUrl}`,
        },
      ).path;
      return path;
    },
  };
}
