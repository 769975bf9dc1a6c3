import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { DebianImage } from "./debian-image";
import { docker, type Ended } from "./docker-command";
import { Engine, engineFolder } from "./engine";

const IMAGE = "backup-tools:1";
/** What reading everybody's files takes. */
const READ = ["DAC_READ_SEARCH"];

/** What a one-shot container has that others have not. */
export interface OneShotOptions {
  /** What it may do besides what is anybody's right. */
  readonly capabilities?: readonly string[];
  /** A name under which it stays, in the background. */
  readonly name?: string;
  /** Further words for `docker run`. */
  readonly words?: readonly string[];
}

/**
 * The tools of backups in one-shot containers, as an agent runs them: without a network, with a root that is read-only,
 * with /source and /configuration to read and /repository, /restic, /home and /target to write.
 */
export class OneShotTools {
  /** Starts an engine that has them. */
  public static async start(): Promise<OneShotTools> {
    const folder = engineFolder();
    const tools = new OneShotTools(folder, await Engine.start(path.join(folder, "engine")));
    await DebianImage.backupTools.import(tools.engine, IMAGE);
    for (const name of [...WRITABLE, ...READABLE]) fs.mkdirSync(tools.inFolder(name));
    fs.writeFileSync(tools.inFolder("configuration/passphrase"), "a passphrase");
    return tools;
  }

  private constructor(
    private readonly folder: string,
    private readonly engine: Engine,
  ) {}

  /** Where something of the containers is on this machine. */
  public inFolder(name: string): string {
    return path.join(this.folder, name);
  }

  /** Runs a script. */
  public run(script: string, { capabilities = READ, name, words = [] }: OneShotOptions = {}): Ended {
    return docker(this.engine, [
      ...["run", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--hostname", "app", "--cap-drop", "ALL"],
      ...capabilities.map((one) => `--cap-add=${one}`),
      ...ENVIRONMENT.map((one) => `--env=${one}`),
      ...WRITABLE.map((one) => `--volume=${this.inFolder(one)}:/${one}`),
      ...READABLE.map((one) => `--volume=${this.inFolder(one)}:/${one}:ro`),
      ...(name === undefined ? ["--rm"] : ["--detach", "--name", name]),
      ...[...words, IMAGE, "sh", "-c", script],
    ]);
  }

  /** Runs borgmatic with a configuration that has further lines. */
  public borgmatic(
    command: string,
    lines: readonly string[],
    options: OneShotOptions & { readonly sources?: string } = {},
  ): Ended {
    const configuration = [
      `source_directories: [${options.sources ?? "/source"}]`,
      "source_directories_must_exist: true",
      "repositories: [{ path: /repository }]",
      'encryption_passphrase: "{credential file /configuration/passphrase}"',
      ...lines,
    ];
    fs.writeFileSync(this.inFolder("configuration/app.yaml"), configuration.join("\n"));
    return this.run(`borgmatic --config /configuration/app.yaml ${command}`, options);
  }

  /** Runs something whose process is killed when a file is there, as at a loss of power. */
  public kill(script: string, file: string): void {
    this.runUntil("killed", script, file);
    docker(this.engine, ["kill", "killed"]);
    this.end("killed");
  }

  /** Leaves something running, of which a file says that it has begun. */
  public runUntil(name: string, script: string, file: string, options: OneShotOptions = {}): void {
    this.run(script, { ...options, name });
    const wait = `until ls ${this.inFolder(file)} >/dev/null 2>&1; do sleep 0.1; done`;
    if (spawnSync("timeout", ["30", "sh", "-c", wait]).status !== 0)
      throw new Error(`${file} never came: ${docker(this.engine, ["logs", name]).stderr}`);
  }

  /** Ends what was left running. */
  public end(name: string): void {
    docker(this.engine, ["rm", "--force", name]);
  }

  /** Ends all of it. */
  public remove(): Promise<void> {
    return this.engine.remove();
  }
}

const WRITABLE = ["repository", "restic", "home", "target"];
const READABLE = ["source", "configuration"];
const ENVIRONMENT = [
  "HOME=/home",
  "TZ=UTC",
  "BORG_EXIT_CODES=modern",
  "BORG_PASSCOMMAND=cat /configuration/passphrase",
  "RESTIC_REPOSITORY=/restic",
  "RESTIC_PASSWORD_FILE=/configuration/passphrase",
];
