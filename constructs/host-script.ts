import { Resource } from "@cdktf/provider-null/lib/resource";
import { createHash } from "node:crypto";
import {
  Lazy,
  TerraformStack,
  type FileProvisioner,
  type ITerraformDependable,
  type RemoteExecProvisioner,
} from "cdktf";
import { Construct, type IConstruct } from "constructs";
import type { Host } from "./host";
import { literal, shellWord } from "./text";

/** Text, or what makes it when the stack is written and everything is declared. */
export type LateText = string | (() => string);

/** How something on a host is removed. */
export interface Removal {
  /** What it is, by its name on the host: a path, a unit. Whatever declares it keeps it there. */
  readonly what: string;
  /** Shell text; plain text. */
  readonly script: string;
}

/** Props of `HostScript`. */
export interface HostScriptProps {
  /** The host that it runs on, as root. */
  readonly host: Host;
  /** What the script does, in a POSIX shell; plain text. */
  readonly script: LateText;
  /** Facts by name: the script runs again when one changes. Never a secret, nor a hash of one. */
  readonly triggers: Readonly<Record<string, LateText>>;
  /**
   * Text that the script finds in the file `$1`. It may contain Terraform expressions, also ephemeral ones, and is
   * removed from the host when the script ends.
   *
   * @default - none
   */
  readonly input?: LateText;
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

/**
 * Terraform's `remote-exec` runs as the deploy user; this hands the rest of the file to root, and with it where the
 * deployment comes from.
 */
const AS_ROOT = '[ "$(id -u)" -eq 0 ] || exec sudo -n env SSH_CONNECTION="${SSH_CONNECTION:-}" /bin/sh "$0"';

/** A script that runs on a host over SSH when its triggers change, in at most three connections, four with a confirmation. */
export class HostScript extends Construct {
  /** The resource, for what depends on the script. */
  public readonly resource: Resource;

  /** Defines the script; it runs when the stack is applied. */
  public constructor(scope: Construct, id: string, props: HostScriptProps) {
    super(scope, id);
    const { host, input, whenRemoved, dependsOn = [] } = props;
    host.requireSsh();
    if (whenRemoved) host.track(whenRemoved.what);
    const afterwards = whenRemoved ? `\n${recorded(this, whenRemoved)}` : "";
    const inputFile = input === undefined ? undefined : `.homelab/${scope.node.addr.slice(-16)}`;
    this.resource = new Resource(this, "Resource", {
      triggers: {
        ...Object.fromEntries(Object.entries(props.triggers).map(([name, value]) => [name, late(value, literal)])),
        host: host.props.lanAddress,
        host_key: literal(host.props.ssh.hostKey),
        port: String(host.props.ssh.port ?? 22),
        user: host.props.ssh.user,
      },
      dependsOn: dependsOn.length > 0 ? [...dependsOn] : undefined,
      connection: {
        type: "ssh",
        host: "${self.triggers.host}",
        user: "${self.triggers.user}",
        hostKey: "${self.triggers.host_key}",
        agent: "true",
        timeout: "30s", // else Terraform tries for five minutes, also where the host has another key
      },
      provisioners: [
        ...(inputFile === undefined || input === undefined ? [] : sendInput(inputFile, input)),
        { type: "remote-exec", inline: [late(props.script, (script) => runScript(script + afterwards, inputFile))] },
        ...(props.confirmation === undefined
          ? []
          : [{ type: "remote-exec" as const, inline: [runScript(props.confirmation, undefined)] }]),
      ],
    });
    this.resource.addOverride("connection.port", "${self.triggers.port}");
  }
}

/** Text that is made into its final form now, or when the stack is written. */
function late(text: LateText, finish: (text: string) => string): string {
  return typeof text === "string" ? finish(text) : Lazy.stringValue({ produce: () => finish(text()) });
}

function sendInput(file: string, input: LateText): (FileProvisioner | RemoteExecProvisioner)[] {
  return [
    { type: "remote-exec", inline: ["set -eu", "umask 077", "mkdir -p .homelab", `: > ${file}`] },
    { type: "file", content: late(input, (content) => content), destination: file },
  ];
}

function runScript(script: string, inputFile: string | undefined): string {
  if (inputFile === undefined) return literal([AS_ROOT, "set -eu", script].join("\n"));
  return literal(
    [
      // Root is handed the absolute path: its home is another one.
      `[ "$#" -eq 1 ] || set -- "$PWD"/${inputFile}`,
      `${AS_ROOT} "$1"`,
      "set -eu",
      `trap 'rm -f -- "$1"' EXIT`,
      script,
    ].join("\n"),
  );
}

/** Where a host keeps how to remove what stacks made on it, and what was placed in each directory. */
export const RECORDS = "/var/lib/homelab/records";

/**
 * Terraform runs no provisioner of a resource that is gone from the configuration. So how to remove a thing lies on the
 * host itself, and the stack has removed what is on record there and no longer declared.
 */
function recorded(scope: IConstruct, { what, script }: Removal): string {
  const record = `${RECORDS}/${recordName(what)}.remove`;
  const text = `# ${TerraformStack.of(scope).node.id} ${what}\n${script}\n`;
  return [
    `mkdir -p -m 700 ${RECORDS}`,
    `printf %s ${shellWord(text)} > ${record}.new`,
    `mv -f ${record}.new ${record}`,
  ].join("\n");
}

/** Removes what a stack made on a host and no longer declares. */
export function removal(stack: string, declared: readonly string[]): string {
  return [
    `for record in ${RECORDS}/*.remove; do`,
    '  [ -f "$record" ] || continue',
    '  read -r _mark stack what < "$record"',
    `  [ "$stack" = ${shellWord(stack)} ] || continue`,
    '  case "$what" in',
    ...(declared.length === 0 ? [] : [`    ${declared.map(shellWord).join("|")}) continue ;;`]),
    "  esac",
    '  sh "$record" && rm -f -- "$record"',
    "done",
  ].join("\n");
}

/** The name of the record of something on a host. */
export function recordName(what: string): string {
  return createHash("sha256").update(what).digest("hex").slice(0, 16);
}
