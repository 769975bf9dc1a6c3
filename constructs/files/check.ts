import { checkName } from "../values/names";
import { shellWord } from "../../contract/text";

/** Options for `Check.command()`. */
export interface CheckOptions {
  /**
   * Environment variables that the program insists on, for example in place of a secret. Never a secret itself.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a check is run with. */
export interface CheckedDirectory {
  /** The image of the container that reads the files. */
  readonly image: string;
  /** Where the container finds them. */
  readonly mountedAt: string;
}

/** How the program that reads a file tells whether it would take it, before the old file is replaced. */
export class Check {
  /**
   * Runs a program of the container's image, without network, with the new files where the container finds its own.
   * Files stay as they are when it fails.
   *
   * @param command - the program and its arguments, in place of the image's entry point
   */
  public static command(command: readonly [string, ...string[]], options: CheckOptions = {}): Check {
    return new Check(command, options.environment ?? {});
  }

  private constructor(
    private readonly command: readonly [string, ...string[]],
    private readonly environment: Readonly<Record<string, string>>,
  ) {
    for (const name of Object.keys(environment))
      checkName("environmentVariable", name, "Check.command()", "environment");
  }

  /** The command of root's shell on the host; it finds the new files in the folder `$new`. */
  public shell({ image, mountedAt }: CheckedDirectory): string {
    const [program, ...words] = this.command;
    const variables = Object.entries(this.environment).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    return [
      ...["docker", "run", "--rm", "--network", "none", "--user", "0:0"],
      ...["--volume", `"$new":${shellWord(mountedAt)}:ro`],
      ...[...variables, "--entrypoint", program, image, ...words].map(shellWord),
    ].join(" ");
  }
}
