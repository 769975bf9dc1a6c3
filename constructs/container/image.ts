import { checkReason } from "../values/names";
import { quote } from "../../contract/text";

/** `[registry[:port]/]path[:tag][@algorithm:hex]`: the grammar of distribution/reference, `reference.go`. */
const REFERENCE =
  /^(?<name>(?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** A container image at one version. */
export class Image {
  /**
   * An image by its reference, for example `ghcr.io/paperless-ngx/paperless-ngx:2.14.7`. A tag or a digest is
   * required; the tag `latest` needs `Image.latest()`.
   */
  public static of(reference: string): Image {
    const { tag } = parse(reference);
    if (tag === "latest") {
      throw new Error(
        `an image must name its version, got ${quote(reference)}, whose content changes under the same name: use a version, or Image.latest(name, { reason })`,
      );
    }
    return new Image(reference);
  }

  /** The moving `latest` tag of an image, with the reason why no version will do. */
  public static latest(name: string, options: { readonly reason: string }): Image {
    checkReason(options.reason, `Image.latest(${quote(name)})`);
    parse(`${name}:latest`);
    return new Image(`${name}:latest`, options.reason);
  }

  private constructor(
    /** The reference, as `docker pull` takes it. */
    public readonly reference: string,
    /** Why it is not pinned, if it is not. */
    public readonly reason?: string,
  ) {}

  /** Whether it has a shell: false for images that are known to have none, undefined for all others. */
  public get hasShell(): false | undefined {
    return WITHOUT_SHELL.some((pattern) => pattern.test(this.reference)) ? false : undefined;
  }
}

/** Images of one program and nothing else, wherever they were copied to. */
const WITHOUT_SHELL = [
  /(^|\/)distroless\//,
  /-distroless(@|$)/,
  /(^|\/)(cloudflare\/cloudflared|coredns\/coredns|portainer\/portainer-ce|traefik\/whoami|vikunja\/vikunja)[:@]/,
];

function parse(reference: string): { readonly tag?: string } {
  const groups = REFERENCE.exec(reference)?.groups;
  if (!groups) {
    throw new Error(
      `an image must be "[registry/]name:tag", for example "docker.io/library/redis:7.4.1", got ${quote(reference)}`,
    );
  }
  if (!groups.tag && !groups.digest) {
    throw new Error(
      `an image must name its version, for example ${quote(`${reference}:1.2.3`)}, got ${quote(reference)}`,
    );
  }
  return { tag: groups.tag };
}
