import { Resource } from "@cdktf/provider-null/lib/resource";
import { createHash } from "node:crypto";
import { TerraformStack, type ITerraformDependable, type LocalExecProvisioner } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { HOST_KEY_TRIGGER, RECORDS } from "../../contract/names-on-hosts";
import type { HostProps } from "./machine";
import { NAMES, sendingScript, WHOLE } from "../../contract/remote-shell";
import { ROOT_FOLDERS } from "../../contract/root-folders";
import { scriptEnvironment, slices } from "./script-environment";
import { literal, shellWord } from "../../contract/text";
import { waitingFor } from "../lab/waiting";

/** Text, or what makes it when the stack is written and everything is declared. */
export type LateText = string | (() => string);

/** How something on a host is removed. */
export interface Removal {
  /** What it is, by its name on the host: a path, a unit. Whatever declares it keeps it there. */
  readonly what: string;
  /** Shell text; plain text. */
  readonly script: string;
}

/** A host as a script sees it. */
export interface ScriptHost {
  /** Its name. */
  readonly hostName: string;
  /** Where and how it is reached. */
  readonly props: Pick<HostProps, "lanAddress" | "ssh">;
  /** Makes sure that the stack can run scripts. */
  requireSsh(): void;
  /** Takes something that a stack makes on the host, which loses it when the code does. */
  track(what: string): void;
}

/** Props of `HostScript`. All but the host and the removal are read when the stack is written and everything is declared. */
export interface HostScriptProps {
  /** The host that it runs on, as root. */
  readonly host: ScriptHost;
  /** What the script does, in a POSIX shell with the functions of `ROOT_FOLDERS`; plain text. */
  readonly script: LateText;
  /** Facts by name: the script runs again when one changes. Never a secret, nor a hash of one. */
  readonly triggers: Readonly<Record<string, LateText>>;
  /**
   * Words that the script finds as `$1`, `$2` and so on: plain ones, and expressions of Terraform, also ephemeral ones,
   * whose value has no single quote. They are in the memory of the host's shell and nowhere else.
   *
   * @default - none
   */
  readonly words?: () => readonly string[];
  /**
   * What runs afterwards, as root, over a connection of its own; plain text. When it fails, all of it runs again with
   * the next deployment.
   *
   * @default - nothing
   */
  readonly confirmation?: string;
  /**
   * How what the script made is removed, when the code no longer declares it.
   *
   * @default - it stays
   */
  readonly whenRemoved?: Removal;
  /**
   * What must exist before.
   *
   * @default - nothing
   */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** A script that runs on a host over SSH when its triggers change, in one connection, two with a confirmation. */
export class HostScript extends Construct {
  /** The resource, for what depends on the script. */
  public readonly resource: Resource;

  /** Defines the script; it runs when the stack is applied. */
  public constructor(scope: Construct, id: string, props: HostScriptProps) {
    super(scope, id);
    const { host, whenRemoved } = props;
    host.requireSsh();
    if (whenRemoved) host.track(whenRemoved.what);
    this.resource = new ScriptResource(this, props);
  }
}

/** A resource that is made of its script whenever it is rendered: until then somebody may add to it. */
class ScriptResource extends Resource {
  public constructor(
    scope: Construct,
    private readonly script: HostScriptProps,
  ) {
    super(scope, "Resource");
  }

  public override toTerraform(): unknown {
    const { script: props } = this;
    const { host, script, words, triggers, whenRemoved, dependsOn = [], confirmation } = props;
    // First, so that what a script leaves that was killed is removed as well.
    const before = whenRemoved ? shellText(recorded(this, whenRemoved)) : [];
    this.triggers = {
      ...Object.fromEntries(Object.entries(triggers).map(([name, value]) => [name, literal(read(value))])),
      host: host.props.lanAddress,
      [HOST_KEY_TRIGGER]: literal(host.props.ssh.hostKey),
      port: String(host.props.ssh.port ?? 22),
      user: host.props.ssh.user,
    };
    this.dependsOn = dependsOn.length > 0 ? waitingFor(this, dependsOn) : undefined;
    this.provisioners = [
      running(host, [...parameters(words?.() ?? []), FUNCTIONS, ...before, ...shellText(read(script))]),
      ...(confirmation === undefined ? [] : [running(host, shellText(confirmation))]),
    ];
    return super.toTerraform();
  }
}

/** Defines the functions, and keeps their text for what a script leaves on the host: it is long, and sent once. */
const FUNCTIONS = literal(`functions=${shellWord(ROOT_FOLDERS)}\neval "$functions"\n`);

function read(text: LateText): string {
  return typeof text === "string" ? text : text();
}

/** Shell text in pieces, as Terraform reads them. */
function shellText(text: string): string[] {
  return slices(`${text}\n`).map(literal);
}

function parameters(words: readonly string[]): string[] {
  if (words.length === 0) return [];
  return ["set --", ...words.map((word) => (word.startsWith("${") ? ` '${word}'` : ` ${shellWord(word)}`)), "\n"];
}

/**
 * Terraform runs OpenSSH on the deploying machine. Its own SSH writes every script into the host's `/tmp` for all to
 * read, and takes no host with keys of several types. Everything goes through the environment, since Terraform prints
 * commands; what stands for the command in its messages is said instead.
 */
function running(host: ScriptHost, body: readonly string[]): LocalExecProvisioner & { readonly quiet: boolean } {
  const { lanAddress: address, ssh } = host.props;
  const sending = sendingScript(host.hostName, { ...ssh, address, port: ssh.port ?? 22 });
  const begin = literal(`${WHOLE.begin}set -eu\numask 077\n`);
  return {
    type: "local-exec",
    interpreter: ["/bin/sh", "-c", literal(sending)],
    command: `a script on host ${host.hostName}`,
    environment: scriptEnvironment(NAMES, [begin, ...body, literal(WHOLE.end)]),
    quiet: true,
  };
}

/** Shell text that goes into the folder of records, which have hashes of secrets. */
export const IN_RECORDS = `walk ${RECORDS} make && chmod 700 .`;

/**
 * Terraform runs no provisioner of a resource that is gone from the configuration. So how to remove a thing lies on the
 * host itself, and the stack has removed what is on record there and no longer declared.
 */
function recorded(scope: IConstruct, { what, script }: Removal): string {
  const begin = shellWord(`# ${TerraformStack.of(scope).node.id} ${what}\nset -eu\n`);
  const text = `${begin}"$functions"${shellWord(`\n${script}\n`)}`;
  return [IN_RECORDS, `place ${recordName(what)}.remove 600 ${text}`].join("\n");
}

/** Removes what a stack made on a host and no longer declares. */
export function removal(stack: string, declared: readonly string[]): string {
  return [
    "failed=",
    `for record in ${RECORDS}/*.remove; do`,
    '  [ -f "$record" ] || continue',
    '  read -r _mark stack what < "$record"',
    `  [ "$stack" = ${shellWord(stack)} ] || continue`,
    '  case "$what" in',
    ...(declared.length === 0 ? [] : [`    ${declared.map(shellWord).join("|")}) continue ;;`]),
    "  esac",
    '  if sh "$record"; then rm -f -- "$record"; else failed=1; fi',
    "done",
    '[ -z "$failed" ]',
  ].join("\n");
}

/** The name of the record of something on a host. */
export function recordName(what: string): string {
  return createHash("sha256").update(what).digest("hex").slice(0, 16);
}
