import type { Manifest } from "../contract/manifest";
import { shellWord } from "../contract/text";
import { plain } from "../contract/plain";
import { runOnHost, type ManifestHost } from "./ssh";

/** What the engine says of a container; the names are its own. */
interface Inspected {
  readonly name: string;
  readonly state: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly Health?: {
      readonly Status: string;
      readonly Log?: readonly { readonly ExitCode: number; readonly Output: string }[] | null;
    };
  };
  readonly test: readonly string[] | null;
}

/**
 * Tells, while something is deployed, which containers are not healthy, and why: a deployment waits for minutes without
 * a word.
 */
export class Watch {
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly told = new Set<string>();
  private asking: Promise<void> | undefined;

  /** Begins; no time between two questions is none at all. */
  public constructor(
    private readonly manifest: Manifest,
    private readonly stacks: readonly string[],
    seconds: number,
  ) {
    if (seconds > 0) this.timer = setInterval(() => void (this.asking ??= this.ask()), seconds * 1000);
  }

  /** Asks once more, and tells everything again: what came first is far up by now. Nothing for what ended at once. */
  public async tellAgain(): Promise<void> {
    if (this.asking === undefined && this.told.size === 0) return;
    await this.asking;
    this.told.clear();
    await this.ask();
  }

  /** Ends. */
  public stop(): void {
    clearInterval(this.timer);
  }

  /** A host that does not answer has other troubles, which the deployment tells. */
  private async ask(): Promise<void> {
    for (const sentence of await unhealthyContainers(this.manifest, this.stacks).catch(() => [])) {
      if (!this.told.has(sentence)) process.stderr.write(`homelab: ${plain(sentence)}\n`);
      this.told.add(sentence);
    }
    this.asking = undefined;
  }
}

/** Why containers of some stacks are not healthy, one sentence each, asked of the engines of their hosts. */
async function unhealthyContainers({ hosts, services }: Manifest, stacks: readonly string[]): Promise<string[]> {
  const deployed = services.filter(({ stack }) => stacks.includes(stack));
  const found = await Promise.all(
    hosts.map((host) => {
      const own = deployed.filter((service) => service.host === host.name);
      return unhealthyOn(
        host,
        own.flatMap(({ container, companions }) => [container, ...companions.map((companion) => companion.container)]),
      );
    }),
  );
  return found.flat();
}

async function unhealthyOn(host: ManifestHost, containers: readonly string[]): Promise<string[]> {
  if (containers.length === 0) return [];
  const format = '{"name":{{json .Name}},"state":{{json .State}},"test":{{json .Config.Healthcheck.Test}}}';
  // One that does not exist yet is an error of docker, and none of ours.
  const script = containers
    .map((name) => `docker inspect --type container --format ${shellWord(format)} ${shellWord(name)} 2>/dev/null || :`)
    .join("\n");
  const { printed } = await runOnHost(host, script);
  return printed
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line) => trouble(host.name, JSON.parse(line) as Inspected));
}

function trouble(host: string, { name, state, test }: Inspected): string[] {
  const container = `${host}: container ${name.replace(/^\//, "")}`;
  const { Status, ExitCode, Health } = state;
  if (Status === "restarting" || (Status === "exited" && ExitCode !== 0))
    return [`${container} ended with ${ExitCode}: "docker logs ${name.replace(/^\//, "")}" there tells why`];
  const last = Health?.Log?.at(-1);
  if (!last || last.ExitCode === 0 || Health?.Status === "healthy") return [];
  const [kind, ...words] = test ?? [];
  const command = kind === "CMD-SHELL" ? words.join(" ") : words.map(shellWord).join(" ");
  const output = last.Output.trim().replace(/\s+/g, " ").slice(-300);
  return [
    `${container} is ${Health?.Status ?? "not healthy"}: its probe ended with ${last.ExitCode} and ${output === "" ? "said nothing" : `said ${JSON.stringify(output)}`}; the probe is ${shortened(command)}`,
  ];
}

function shortened(command: string): string {
  return command.length > 200 ? `${command.slice(0, 200)}…` : command;
}
