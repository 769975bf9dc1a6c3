import type { DataFormat } from "../container/data-format";
import type { Duration } from "../values/duration";
import type { Hardening } from "../container/hardening";
import type { Image } from "../container/image";
import type { Handles, Parts } from "../part/part";
import type { Probe } from "../container/probe";
import type { Resources } from "../container/resources";

/** The values of environment variables; undefined leaves one out. */
export type Environment = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * What a container and its parts are made of.
 *
 * @typeParam P - its parts
 * @typeParam F - its files; write `files` before `environment` and `command`, which get what they hand out
 */
export interface WorkloadProps<P extends Parts, F extends Parts = P> {
  /** The image; a reference needs a version. */
  readonly image: string | Image;
  /** How to tell that it works. */
  readonly health: Probe;
  /**
   * The port that it listens on inside its networks.
   *
   * @default - none, which a route or a probe of a port refuses
   */
  readonly port?: number;
  /**
   * What it has, by key: routes, volumes, databases, secrets and more.
   *
   * @default - nothing
   */
  readonly parts?: P;
  /**
   * Further parts, made from what those in `parts` hand out: usually configuration files, with the URL of a route or the
   * address of a companion in them. Their keys are of the same kind as those of `parts`.
   *
   * @default - none
   */
  readonly files?: F | ((parts: Handles<P>) => F);
  /**
   * Environment variables, from what the parts hand out.
   *
   * @default - none but `TZ`
   */
  readonly environment?: Environment | ((parts: Handles<P> & Handles<F>) => Environment);
  /**
   * The arguments of the image's entry point, from what the parts hand out.
   *
   * @default - the image's own
   */
  readonly command?: readonly string[] | ((parts: Handles<P> & Handles<F>) => readonly string[]);
  /**
   * The image's entry point.
   *
   * @default - the image's own
   */
  readonly entrypoint?: readonly string[];
  /**
   * The numeric user and group that the container runs as, `1000:1000`. It owns the files that are placed for it.
   *
   * @default - the image's own
   */
  readonly user?: string;
  /**
   * The numeric user and group that reads the files placed for the container, for an image that changes its user
   * itself; `0:0` for one that reads them before it does.
   *
   * @default - `user`
   */
  readonly fileOwner?: string;
  /**
   * What it may use of the host.
   *
   * @default - no limits
   */
  readonly resources?: Resources;
  /**
   * When Docker starts it again.
   *
   * @default "unless-stopped"
   */
  readonly restart?: "unless-stopped" | "always" | "on-failure" | "no";
  /**
   * What another version of the image means for the data that it keeps: `homelab plan` tells it. The formats of the usual
   * databases are known.
   *
   * @default - a newer version may change the data, and an older one may not read it
   */
  readonly dataFormat?: DataFormat;
  /**
   * Devices of the host, `host[:container[:permissions]]`.
   *
   * @default - none
   */
  readonly devices?: readonly string[];
  /**
   * Capabilities beside Docker's default ones, for example `NET_ADMIN`.
   *
   * @default - none
   */
  readonly capabilities?: readonly string[];
  /**
   * How far it is locked down.
   *
   * @default Hardening.standard()
   */
  readonly hardening?: Hardening;
  /**
   * The time it has to stop before it is killed.
   *
   * @default Duration.seconds(30)
   */
  readonly stopGracePeriod?: Duration;
}
