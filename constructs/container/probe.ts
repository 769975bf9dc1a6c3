import { Duration } from "../values/duration";
import type { Image } from "./image";
import { checkPort, checkReason } from "../values/names";
import { httpScript, tcpScript } from "./probe-scripts";
import { quote } from "../../contract/text";

/** How often and how patiently a container is asked whether it is healthy. */
export interface ProbeOptions {
  /**
   * Time between two checks.
   *
   * @default Duration.seconds(30)
   */
  readonly interval?: Duration;
  /**
   * Time after which one check has failed.
   *
   * @default Duration.seconds(5)
   */
  readonly timeout?: Duration;
  /**
   * Failed checks in a row that make the container unhealthy.
   *
   * @default 3
   */
  readonly retries?: number;
  /**
   * Time after the start in which failed checks don't count.
   *
   * @default Duration.minutes(1)
   */
  readonly startPeriod?: Duration;
}

/** Options for `Probe.http()` and `Probe.tcp()`. */
export interface PortProbeOptions extends ProbeOptions {
  /**
   * The port inside the container.
   *
   * @default - the service's own `port`
   */
  readonly port?: number;
}

/** A health check as the docker provider takes it. */
export interface HealthCheck {
  /** The test in Docker's form, its first element `CMD` or `CMD-SHELL`. */
  readonly test: string[];
  /** Time between two checks, as Go prints it. */
  readonly interval: string;
  /** Time limit of one check, as Go prints it. */
  readonly timeout: string;
  /** Failed checks that make it unhealthy. */
  readonly retries: number;
  /** Grace after the start, as Go prints it. */
  readonly startPeriod: string;
}

/** How to tell that a container works: the health check that Docker, Traefik and dependent services wait for. */
export class Probe {
  /**
   * Asks `path` over HTTP inside the container and wants an answer below 400. The image needs a shell with `curl`, `wget`
   * or `bash`; an image without wants `Probe.command()` or `Probe.none()`.
   */
  public static http(path: string, options: PortProbeOptions = {}): Probe {
    if (!path.startsWith("/")) throw new Error(`'path' of Probe.http() must start with "/", got ${quote(path)}`);
    return new Probe((port) => ["CMD-SHELL", httpScript(port, path)], options, path);
  }

  /** Wants somebody to listen at a TCP port inside the container. The image needs a shell, and nothing else. */
  public static tcp(options: PortProbeOptions = {}): Probe {
    return new Probe((port) => ["CMD-SHELL", tcpScript(port)], options);
  }

  /** Runs a program inside the container, without a shell, and wants exit status 0. */
  public static command(command: readonly [string, ...string[]], options: ProbeOptions = {}): Probe {
    return new Probe(() => ["CMD", ...command], options);
  }

  /** No health check, for a reason. Nothing then waits for the service to work, only for it to run. */
  public static none(reason: string): Probe {
    checkReason(reason, "Probe.none()");
    return new Probe(undefined, {}, undefined, reason);
  }

  private constructor(
    private readonly test: ((port: number) => string[]) | undefined,
    private readonly options: PortProbeOptions,
    /** The path that an HTTP probe asks. */
    public readonly path?: string,
    /** Why there is no health check. */
    public readonly reason?: string,
  ) {
    if (options.port !== undefined) checkPort(options.port, "a probe", "port");
    if (options.retries !== undefined && (!Number.isInteger(options.retries) || options.retries < 1)) {
      throw new Error(`'retries' of a probe must be a whole number above zero, got ${quote(options.retries)}`);
    }
  }

  /**
   * The health check of a container, or undefined where there is none.
   *
   * @param servicePort - the port that the service listens on; a probe of a port needs one
   * @param image - the image, which some probes can't work in
   */
  public render(servicePort: number | undefined, subject: string, image?: Image): HealthCheck | undefined {
    if (!this.test) return undefined;
    const port = this.options.port ?? servicePort;
    const test = this.test(port ?? 0);
    if (test[0] === "CMD-SHELL" && image?.hasShell === false) {
      throw new Error(
        `${subject}: the health probe needs a shell, and the image ${quote(image.reference)} has none: use Probe.command() with a program that it has, or Probe.none() with the reason`,
      );
    }
    if (port === undefined && test[0] === "CMD-SHELL") {
      throw new Error(`${subject}: the health probe needs a port, set 'port' of the service or of the probe`);
    }
    return {
      test,
      interval: (this.options.interval ?? Duration.seconds(30)).toString(),
      timeout: (this.options.timeout ?? Duration.seconds(5)).toString(),
      retries: this.options.retries ?? 3,
      startPeriod: (this.options.startPeriod ?? Duration.minutes(1)).toString(),
    };
  }
}
