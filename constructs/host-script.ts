import { Resource } from "@cdktf/provider-null/lib/resource";
import { Lazy, type FileProvisioner, type ITerraformDependable, type RemoteExecProvisioner } from "cdktf";
import { Construct } from "constructs";
import type { Host } from "./host";
import { literal } from "./text";

/** Text, or what makes it when the stack is written and everything is declared. */
export type LateText = string | (() => string);

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
   * What happens when the resource is removed; plain text.
   *
   * @default - nothing
   */
  readonly whenRemoved?: string;
  /**
   * What must exist before.
   *
   * @default - nothing
   */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** Terraform's `remote-exec` runs as the deploy user; this hands the rest of the file to root. */
const AS_ROOT = '[ "$(id -u)" -eq 0 ] || exec sudo -n /bin/sh "$0"';

/** A script that runs on a host over SSH when its triggers change, in at most three connections. */
export class HostScript extends Construct {
  /** The resource, for what depends on the script. */
  public readonly resource: Resource;

  /** Defines the script; it runs when the stack is applied. */
  public constructor(scope: Construct, id: string, props: HostScriptProps) {
    super(scope, id);
    const { host, input, dependsOn = [] } = props;
    host.requireSsh();
    const inputFile = input === undefined ? undefined : `.homelab/${scope.node.addr.slice(-16)}`;
    this.resource = new Resource(this, "Resource", {
      triggers: {
        ...Object.fromEntries(Object.entries(props.triggers).map(([name, value]) => [name, late(value, literal)])),
        // A destroy-time provisioner may refer to nothing but the resource itself.
        host: host.props.lanAddress,
        host_key: literal(host.props.ssh.hostKey),
        port: String(host.props.ssh.port ?? 22),
        user: host.props.ssh.user,
        ...(props.whenRemoved !== undefined && { when_removed: literal(props.whenRemoved) }),
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
        { type: "remote-exec", inline: [late(props.script, (script) => runScript(script, inputFile))] },
        ...(props.whenRemoved === undefined ? [] : [atRemoval()]),
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

function atRemoval(): RemoteExecProvisioner & { readonly when: "destroy" } {
  return { type: "remote-exec", when: "destroy", inline: [`${AS_ROOT}\nset -eu\n\${self.triggers.when_removed}`] };
}
