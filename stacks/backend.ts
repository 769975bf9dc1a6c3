import * as path from "node:path";
import { App, LocalBackend, S3Backend, type TerraformStack } from "cdktf";

/** Options for `Backend.local()`. */
export interface LocalOptions {
  /**
   * The folder that holds one state file for each stack, relative to the working directory.
   *
   * @default "."
   */
  readonly directory?: string;
}

/** Options for `Backend.s3()`. */
export interface S3Options {
  /** The bucket. */
  readonly bucket: string;
  /**
   * What the key of every state begins with: `<prefix>/<stack>.tfstate`.
   *
   * @default "homelab"
   */
  readonly prefix?: string;
  /**
   * The region.
   *
   * @default "us-east-1", which S3-compatible servers accept
   */
  readonly region?: string;
  /**
   * The address of an S3-compatible server, for example `https://minio.example.com`. Checks that only Amazon answers
   * are then skipped, and the bucket is part of the path.
   *
   * @default - Amazon S3
   */
  readonly endpoint?: string;
  /**
   * Whether a lock object guards the state, written on the condition that there is none. Needs a server that honours
   * `If-None-Match`: Amazon, R2, recent MinIO.
   *
   * @default true
   */
  readonly lock?: boolean;
}

/** Where the states of the stacks are kept. Credentials come from the environment, never from the configuration. */
export class Backend {
  /** A file for each stack on the machine that deploys. */
  public static local(options: LocalOptions = {}): Backend {
    return new Backend((stack) => {
      const workingDirectory = path.resolve(App.of(stack).outdir, "stacks", stack.node.id);
      const file = path.resolve(options.directory ?? ".", `${stack.node.id}.tfstate`);
      // Relative to where Terraform runs: an absolute path would differ from one machine to the next.
      new LocalBackend(stack, { path: path.relative(workingDirectory, file) });
    });
  }

  /** An object for each stack in a bucket of Amazon S3 or of something compatible. */
  public static s3(options: S3Options): Backend {
    const { bucket, prefix = "homelab", region = "us-east-1", endpoint, lock = true } = options;
    return new Backend((stack) => {
      const backend = new S3Backend(stack, {
        bucket,
        key: `${prefix}/${stack.node.id}.tfstate`,
        region,
        ...(endpoint !== undefined && {
          endpoints: { s3: endpoint },
          usePathStyle: true,
          skipCredentialsValidation: true,
          skipMetadataApiCheck: true,
          skipRegionValidation: true,
          skipRequestingAccountId: true,
          skipS3Checksum: true,
        }),
      });
      if (lock) backend.addOverride("use_lockfile", true);
    });
  }

  private constructor(
    /** Declares the backend of a stack; the state is named after the stack. */
    public readonly attach: (stack: TerraformStack) => void,
  ) {}
}
