import { Volume as DockerVolume } from "@cdktf/provider-docker/lib/volume";
import { HomelabService, Lab, Probe, type Host } from "../../constructs";
import {
  checkPort,
  directoryAt,
  FactList,
  hold,
  perLab,
  toYaml,
  type IServicePart,
  type LabConcern,
  type PartFacts,
  type PartScope,
} from "../../constructs/parts";

/** That something asks a service for its metrics. */
interface MetricFacts extends PartFacts {
  /** Where the collector finds it: `host:port`. */
  readonly target: string;
}

/** What is collected: a list of each service in the manifest, which `homelab show` prints. */
const METRICS = new FactList<MetricFacts>("metrics");

/** What a lab knows of its metrics as a whole. */
class Targets implements LabConcern {
  private readonly targets: MetricFacts["target"][] = [];
  private collector: string | undefined;

  /** Takes what is to be asked. */
  public add(target: string): void {
    this.targets.push(target);
  }

  /** Takes who asks. */
  public collect(subject: string): void {
    this.collector = subject;
  }

  /** All that is asked, sorted. */
  public get all(): readonly string[] {
    return [...this.targets].sort();
  }

  /** A sentence where nobody asks. */
  public findings(): readonly string[] {
    if (this.targets.length === 0 || this.collector !== undefined) return [];
    return [`nobody collects the metrics of ${this.all.join(", ")}: give a service the part Metrics.collect()`];
  }
}

const targets = perLab(() => new Targets());

/** Numbers that programs tell of themselves, for example Prometheus'. */
export class Metrics {
  /** Has a port of the service asked. */
  public static scrape(port: number): IServicePart<void> {
    return {
      bind: (part: PartScope) => {
        checkPort(port, part.subject, "port");
        const target = `${part.workload.containerName}:${port}`;
        targets(part.workload).add(target);
        part.say(METRICS, { target });
      },
    };
  }

  /** Keeps the numbers under `/data`, and has the targets of the whole lab in `/etc/metrics/targets.yml`. */
  public static collect(): IServicePart<{ readonly path: string }> {
    return {
      bind: (part: PartScope) => {
        const { workload, key, subject } = part;
        const all = targets(workload);
        all.collect(subject);
        // The name and the address are the ledger's from now on, whatever the service is called later.
        const data = hold(
          part,
          {
            kind: "volume",
            place: { host: workload.host.hostName },
            defaultName: Lab.of(workload).physicalName(`${workload.serviceName}_${part.slug}`),
          },
          ({ name }) => new DockerVolume(workload, key, { name, lifecycle: { preventDestroy: true } }),
        );
        part.contribute({
          mounts: [{ target: "/data", source: data.name, type: "volume", readOnly: false }],
          dependsOn: [data.resource],
        });
        directoryAt(part, "/etc/metrics").addFile(key, subject, {
          name: "targets.yml",
          content: () => toYaml([{ targets: all.all }]), // asked for when everything is declared
          owner: workload.user ?? "0:0",
          mode: "0644",
        });
        return { path: "/etc/metrics/targets.yml" };
      },
    };
  }

  private constructor() {}
}

/** A lab with a collector and what it asks. */
export function measured(host: Host): void {
  new HomelabService(host, "wiki", {
    image: "docker.io/example/wiki:1.0.0",
    port: 8080,
    health: Probe.http("/health"),
    parts: { numbers: Metrics.scrape(9100) },
  });
}
