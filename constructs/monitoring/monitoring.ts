import { DataUptimekumaNotification } from "../../.gen/providers/uptimekuma/data-uptimekuma-notification";
import { UptimekumaProvider } from "../../.gen/providers/uptimekuma/provider";
import { HealthchecksioProvider } from "../../.gen/providers/healthchecksio/provider";
import type { Construct } from "constructs";
import { FactList } from "../lab/facts";
import { Lab } from "../lab/lab";
import type { MonitorFacts } from "../../contract/service-facts";
import { Owner } from "../lab/owner";
import { SecretUses } from "../secrets/secret-uses";
import { literal, quote, snakeCase } from "../../contract/text";
import { Workloads } from "../part/workloads";

/** Monitors that watch services. */
export const MONITORS = new FactList<MonitorFacts>("monitors");

/** The programs that watch the lab. */
export interface MonitoringProps {
  /**
   * Uptime Kuma, which asks the services: its address and the user that manages monitors. The password is the secret
   * `homelab.uptime_kuma.password`.
   *
   * @default - none, and no service may have an `UptimeMonitor`
   */
  readonly uptimeKuma?: { readonly url: string; readonly username: string };
  /**
   * Healthchecks, which is told by jobs that they ran. The key of the API is the secret `homelab.healthchecks.api_key`,
   * the ping key of the project `homelab.healthchecks.ping_key`.
   *
   * @default - none, and no service may have a `Heartbeat`
   */
  readonly healthchecks?: {
    /** The address of the management API, for example `https://hc.example.com/api/v1`. */
    readonly apiUrl: string;
    /** The address that pings go to, for example `https://hc.example.com/ping`. */
    readonly pingUrl: string;
  };
  /**
   * The services whose monitors alarm. The others have theirs paused until they proved healthy.
   *
   * @default - none
   */
  readonly engaged?: readonly string[];
}

/** What watches the lab, inside a stack of its own. */
export class Monitoring extends Owner {
  private readonly notifications = new Map<string, DataUptimekumaNotification>();

  /** Defines what watches the lab. */
  public constructor(
    scope: Construct,
    id: string,
    public readonly props: MonitoringProps,
  ) {
    super(scope, id);
    const lab = Lab.of(this);
    this.node.addValidation({ validate: () => [...lab.findingsThrough(this), ...this.unknownEngaged()] });
    for (const [option, url] of Object.entries({
      "uptimeKuma.url": props.uptimeKuma?.url,
      "healthchecks.apiUrl": props.healthchecks?.apiUrl,
      "healthchecks.pingUrl": props.healthchecks?.pingUrl,
    })) {
      if (url !== undefined && !/^https?:\/\/[^\s?#]+[^\s?#/]$/.test(url)) {
        throw new Error(
          `monitoring: '${option}' must be an address without a slash at its end, for example "https://kuma.example.com", got ${quote(url)}`,
        );
      }
    }
  }

  /** Whether the monitors of a service alarm. */
  public isEngaged(service: string): boolean {
    return this.props.engaged?.includes(service) ?? false;
  }

  /** Makes sure that there is an Uptime Kuma, and configures its provider. */
  public requireUptimeKuma(subject: string): void {
    const { uptimeKuma } = this.props;
    if (!uptimeKuma)
      throw new Error(`${subject}: the lab has no Uptime Kuma, set 'monitoring.uptimeKuma' or remove the part`);
    if (this.node.tryFindChild("UptimeKuma")) return;
    const password = this.secret("homelab.uptime_kuma.password");
    new UptimekumaProvider(this, "UptimeKuma", {
      endpoint: literal(uptimeKuma.url),
      username: literal(uptimeKuma.username),
      password,
    });
  }

  /** Makes sure that there is a Healthchecks, and configures its provider. Returns where pings go. */
  public requireHealthchecks(subject: string): string {
    const { healthchecks } = this.props;
    if (!healthchecks)
      throw new Error(`${subject}: the lab has no Healthchecks, set 'monitoring.healthchecks' or remove the part`);
    if (!this.node.tryFindChild("Healthchecks")) {
      const apiKey = this.secret("homelab.healthchecks.api_key");
      new HealthchecksioProvider(this, "Healthchecks", { apiUrl: literal(healthchecks.apiUrl), apiKey });
    }
    return healthchecks.pingUrl;
  }

  /** The id of a notification of Uptime Kuma, by its name there. */
  public notification(name: string): number {
    const known = this.notifications.get(name);
    if (known) return known.id;
    const created = new DataUptimekumaNotification(this, `Notification ${snakeCase(name)}`, { name: literal(name) });
    this.notifications.set(name, created);
    return created.id;
  }

  private secret(name: string): string {
    return `\${${SecretUses.of(this).take(this, name).expression}}`;
  }

  private unknownEngaged(): string[] {
    const services = new Set(Workloads.of(this).services.map(({ name }) => name));
    return (this.props.engaged ?? [])
      .filter((name) => !services.has(name))
      .map((name) => `monitoring: 'engaged' names ${quote(name)}, which is no service: remove it`);
  }
}
